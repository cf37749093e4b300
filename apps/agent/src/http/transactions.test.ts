import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId } from '@patina/base'
import { Hono } from 'hono'
import type { WriteOutcome } from '../store-child.ts'
import { BodyReader } from './body.ts'
import { Permits } from './permits.ts'
import { handleTransaction, type TransactionServices } from './transactions.ts'

const ACTOR: ActorId = actorId('0123456789abcdef0123456789abcdef')

interface Asked {
  readonly query?: string
  readonly others?: () => number
}

async function answer(body: string, outcome: WriteOutcome, asked: Asked = {}): Promise<string> {
  const limits = {
    transactionTimeoutMs: 1_000,
    timeoutMsMax: 1_000,
    statementsMax: 2,
    bodyBytesMax: 1_000,
    clientStallMs: 1_000,
  } as TransactionServices['limits']
  const services: TransactionServices = {
    actor: ACTOR,
    store: { transact: async () => outcome },
    copies: { others: asked.others ?? (() => 0), wait: async () => ({ copies: 0, reached: false }) },
    limits,
    bodies: new BodyReader(limits),
    permits: new Permits(1),
  }
  const app = new Hono()
  app.post('/', (c) => handleTransaction(c, services))
  const headers = { 'content-type': 'application/json' }
  return (await app.request(`/${asked.query ?? ''}`, { method: 'POST', headers, body })).text()
}

test('seconds have a point, also where they are whole', async () => {
  const results = [{ rowsAffected: 1, seconds: 2 }]
  const written = await answer('["S"]', {
    kind: 'reply',
    reply: { kind: 'committed', results, version: null },
  })
  assert.match(written, /^\{"results":\[\{"rows_affected":1,"time":2\.0\}\],"time":\d+\.\d+(?:e-\d+)?,/)
  const failed = await answer('["S"]', { kind: 'timeout', afterMs: 5 })
  assert.match(
    failed,
    /"time":0\.0,"version":null,"actor_id":"0123456789abcdef0123456789abcdef","code":"timeout"\}$/,
  )
  assert.match(await answer('[]', { kind: 'timeout', afterMs: 5 }), /"time":0\.0,/)
})

test('members are counted for a write that waits for copies, and for no other', async () => {
  let counted = 0
  const others = (): number => {
    counted += 1
    return 1
  }
  const written: WriteOutcome = { kind: 'reply', reply: { kind: 'committed', results: [], version: null } }
  await answer('["S"]', written, { others })
  assert.equal(counted, 0)
  assert.match(await answer('["S"]', written, { others, query: '?wait=2' }), /too-few-members/)
  assert.equal(counted, 1)
})
