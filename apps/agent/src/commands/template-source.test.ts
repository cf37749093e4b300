import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type Client, ConnectionError } from '@patina/client'
import { QueryRefused } from '@patina/templating'
import { agentSource, untilReady } from './template-source.ts'

const QUERY = { sql: 'SELECT ?', params: [1n] }
const { signal } = new AbortController()

/** A client whose queries fail with this. */
function failing(cause: unknown): Client {
  const fail = (): never => {
    throw cause
  }
  return { query: fail, subscribe: fail } as unknown as Client
}

async function readError(cause: unknown): Promise<unknown> {
  return agentSource(() => failing(cause))
    .read(QUERY, signal)
    .then(
      () => assert.fail('it was read'),
      (error: unknown) => error,
    )
}

test('rows and columns of a query, each value as it is', async () => {
  const asked: unknown[] = []
  const client = {
    query: (...call: unknown[]) => {
      asked.push(call)
      return { columns: async () => ['a'], all: async () => [[2n ** 60n]] }
    },
  } as unknown as Client
  assert.deepEqual(await agentSource(() => client).read(QUERY, signal), {
    columns: ['a'],
    rows: [[2n ** 60n]],
  })
  assert.deepEqual(asked, [['SELECT ?', [1n], { integers: 'bigint', blobs: 'bytes', signal }]])
})

test('what the agent refuses is the fault of the template; what may pass is not', async () => {
  const of = (status: number, code?: string): ApiError => new ApiError('a sentence', { status, code })
  for (const cause of [
    of(400, 'forbidden'),
    of(500),
    of(200, 'invalid'),
    of(200, 'too-large'),
    new RangeError('rows'),
  ])
    assert.ok((await readError(cause)) instanceof QueryRefused, String(cause))
  for (const cause of [
    of(401),
    of(403),
    of(503, 'starting'),
    of(504),
    of(200, 'retry'),
    of(200, 'schema_changed'),
    new ConnectionError('unreachable', 'a', 'b'),
  ])
    assert.equal(await readError(cause), cause)
})

test('a watch passes events and fails in the same way', async () => {
  const events = [
    { kind: 'columns', columns: ['a'] },
    { kind: 'eoq', seconds: 0 },
  ]
  const client = {
    subscribe: () => ({
      batches: async function* () {
        yield* events
        throw new ApiError('gone', { status: 200, code: 'invalid' })
      },
    }),
  } as unknown as Client
  const seen: unknown[] = []
  await assert.rejects(async () => {
    for await (const event of agentSource(() => client).watch(QUERY, signal)) seen.push(event)
  }, QueryRefused)
  assert.deepEqual(seen, events)
})

test('each live result waits until the agent is ready, and one that is unknown there is no longer taken up anew by itself', async () => {
  const asked: unknown[] = []
  const client = {
    subscribe: (_: unknown, options: object) => ({
      batches: async function* () {
        asked.push(options)
        yield { kind: 'eoq', seconds: 0 }
      },
    }),
  } as unknown as Client
  const ready = Promise.withResolvers<void>()
  const source = agentSource(
    () => client,
    () => ready.promise,
  )
  const first = source.watch(QUERY, signal)[Symbol.asyncIterator]().next()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(asked, [])
  ready.resolve()
  await first
  assert.deepEqual(asked, [{ integers: 'bigint', blobs: 'bytes', signal }])
})

test('after a token that the agent does not know another client is made', async () => {
  const made: Client[] = []
  const source = agentSource(() => {
    made.push(failing(new ApiError('who?', { status: made.length === 0 ? 401 : 503 })))
    return made.at(-1) as Client
  })
  for (let i = 0; i < 3; i += 1) await assert.rejects(source.read(QUERY, signal))
  assert.equal(made.length, 2)
})

test('an agent that has not caught up is waited for, and not for ever', async () => {
  const answers = (list: (boolean | Error)[]): Client =>
    ({
      isReady: async () => {
        const next = list.length > 1 ? list.shift() : list[0]
        if (next instanceof Error) throw next
        return next
      },
    }) as unknown as Client
  const away = new ConnectionError('unreachable', 'a', 'b')
  const options = { limitMs: 10_000, signal, patient: true }
  assert.equal(await untilReady({ ...options, client: answers([away, false, true]) }), true)
  assert.equal(await untilReady({ ...options, client: answers([false]), limitMs: 0 }), false)
  await assert.rejects(untilReady({ ...options, client: answers([away]), patient: false }), away)
  const ended = AbortSignal.timeout(20)
  assert.equal(await untilReady({ ...options, client: answers([false]), signal: ended }), true)
})
