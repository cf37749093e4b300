/** Two transactions at once where one is allowed: nothing holds a transaction under way but the time that it takes. */
import assert from 'node:assert/strict'
import type { Wire, WireAnswer } from '../src/wire.ts'

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c'
const BODY = JSON.stringify([`INSERT INTO items (id) SELECT 'endless' FROM (${ENDLESS})`])

/** One of them is refused at once and may try again, whichever it is; the other goes on until its timeout. */
export async function playTwoAtOnce(wire: Wire): Promise<void> {
  const answers = await Promise.all([1, 2].map(() => ask(wire)))
  const [refused, ended] = answers.toSorted((a, b) => b.status - a.status)
  const error = 'max concurrency limit reached'
  assert.deepEqual(refused, {
    status: 503,
    retryAfter: '1',
    text: JSON.stringify({ error, code: 'overloaded' }),
  })
  assert.deepEqual([ended?.status, ended?.retryAfter], [500, undefined])
  assert.match(ended?.text ?? '', /interrupted/)
}

interface Told {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

async function ask(wire: Wire): Promise<Told> {
  const answer = await wire.send({ method: 'POST', path: '/v1/transactions?timeout=1', body: BODY })
  return { status: answer.status, retryAfter: answer.headers['retry-after'], text: await textOf(answer) }
}

async function textOf({ body }: WireAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
