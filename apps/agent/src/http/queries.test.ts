import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@patina/base'
import { Hono } from 'hono'
import { parseConfig } from '../config.ts'
import type { RunningQuery } from '../readers-child.ts'
import { BodyReader } from './body.ts'
import { Permits } from './permits.ts'
import { handleQuery } from './queries.ts'

interface Asked {
  readonly response: Response
  readonly permits: Permits
  /** Chunks that were asked for. */
  readonly taken: () => number
}

/** One query whose answer is there whole, of so many bytes. */
async function ask(bytes: number): Promise<Asked> {
  const { limits } = parseConfig(
    '[db]\npath = "a"\n[gossip]\nbind_addr = "127.0.0.1:1"\nplaintext = true\n',
    '/tmp/config.toml',
    {},
  ).config
  const permits = new Permits(1)
  let taken = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    taken += 1
    yield whole
  }
  const whole = new Uint8Array(bytes).fill(97)
  const running: RunningQuery = { head: { kind: 'rows', columns: [] }, chunks: chunks(), whole }
  const services = {
    readers: { query: async () => ok(running) },
    limits,
    bodies: new BodyReader(limits),
    permits,
    oldestView: () => undefined,
  }
  const app = new Hono().post('/', (c) => handleQuery(c, services))
  const headers = { 'content-type': 'application/json', 'content-length': '10' }
  const response = await app.request('/', { method: 'POST', body: '"SELECT 1"', headers })
  return { response, permits, taken: () => taken }
}

test('a small answer that is there is handed over, and holds nothing', async () => {
  for (const bytes of [1, 16_384]) {
    const { response, permits, taken } = await ask(bytes)
    assert.deepEqual([permits.taken, taken()], [0, 0])
    assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
    assert.equal((await response.text()).length, bytes)
  }
})

test('a longer one waits for its client, with its permit', async () => {
  const { response, permits, taken } = await ask(16_385)
  assert.deepEqual([permits.taken, taken()], [1, 0])
  assert.equal((await response.text()).length, 16_385)
  assert.deepEqual([permits.taken, taken()], [0, 1])
})
