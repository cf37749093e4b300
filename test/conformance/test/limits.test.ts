import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Request } from '../src/exchange.ts'
import type { Wire, WireAnswer } from '../src/wire.ts'
import { type Stage, setStage, WIRES } from '../src/wires.ts'

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c'

const request = (path: string, body: string): Request => ({ method: 'POST', path, body })

async function textOf({ body }: WireAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Status, Retry-After and body of two equal requests at once, the refused one first. */
async function both(wire: Wire, asked: Request): Promise<[number, string | undefined, string][]> {
  const answers = await Promise.all(
    [1, 2].map(async () => {
      const answer = await wire.send(asked)
      const text = await textOf(answer)
      return [answer.status, answer.headers['retry-after'], text] as [number, string | undefined, string]
    }),
  )
  return answers.toSorted(([a], [b]) => b - a)
}

describe('transactions under way, which nothing holds but the time they take', () => {
  let stage: Stage
  before(async () => {
    stage = await setStage(['tight'])
  })
  after(() => stage.end())

  for (const name of WIRES.keys())
    it(`of two at once where one is allowed, one is refused and may try again, over ${name}`, async () => {
      const wire = stage.wire(name, 'tight')
      const insert = JSON.stringify([`INSERT INTO items (id) SELECT 'endless' FROM (${ENDLESS})`])
      const [refused, ended] = await both(wire, request('/v1/transactions?timeout=1', insert))
      const error = 'max concurrency limit reached'
      assert.deepEqual(refused, [503, '1', JSON.stringify({ error, code: 'overloaded' })])
      assert.deepEqual(ended?.slice(0, 2), [500, undefined])
      assert.match(ended?.[2] ?? '', /interrupted/)
    })
})
