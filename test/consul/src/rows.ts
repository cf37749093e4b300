/** What the bridge has written, as an agent of the fleet shows it. */
import { isDeepStrictEqual } from 'node:util'
import { type AgentApi, type Parameter, waitUntil } from '@patina/test-cluster'

const STEP_MS = 20_000

export const SERVICES = 'SELECT id, name, tags, meta, port, address FROM consul_services ORDER BY id'
export const CHECKS = 'SELECT id, service_id, name, status FROM consul_checks ORDER BY id'
export const IDS = 'SELECT id FROM consul_services ORDER BY id'

/** Waits until the query has these rows. */
export async function untilRows(
  api: AgentApi,
  sql: string,
  rows: readonly (readonly Parameter[])[],
): Promise<void> {
  let last: unknown
  await waitUntil({ what: `rows of ${sql}`, deadlineMs: STEP_MS }, async () => {
    last = await api.query(sql)
    return isDeepStrictEqual(last, rows) ? true : undefined
  }).catch((cause: Error) => {
    throw new Error(`${cause.message}; last seen: ${JSON.stringify(last)}`)
  })
}
