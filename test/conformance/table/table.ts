/** The recorded table, by chapters; each file says what its chapter owns. */
import type { Scenario } from '../src/exchange.ts'
import { QUERIES } from './queries.ts'
import { REQUESTS } from './requests.ts'
import { SUBSCRIPTIONS } from './subscriptions.ts'
import { TRANSACTIONS } from './transactions.ts'
import { VALUES } from './values.ts'

export const TABLE: { readonly [chapter: string]: readonly Scenario[] } = {
  requests: REQUESTS,
  transactions: TRANSACTIONS,
  queries: QUERIES,
  subscriptions: SUBSCRIPTIONS,
  values: VALUES,
}
