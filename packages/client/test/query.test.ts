import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createClient } from '../src/client.ts'
import { ApiError, ConnectionError, IntegerRangeError, ProtocolError } from '../src/error.ts'
import { type Script, serveScripts } from './wire-server.ts'

function lines(...all: readonly string[]): Script {
  return ({ response }) => void response.end(`${all.join('\n')}\n`)
}

const TWO = [
  '{"columns":["id","n"]}',
  '{"row":[1,["a",1]]}',
  '{"row":[2,["b",9007199254740993]]}',
  '{"eoq":{"time":0.25}}',
]

test('rows as they come, columns, time', async (t) => {
  const { address, asked } = await serveScripts(t, lines(...TWO))
  const query = createClient({ addresses: address }).query('SELECT ?', [1n], {
    timeout: 3,
    integers: 'bigint',
  })
  assert.equal(asked.length, 0)
  assert.deepEqual(await query.columns(), ['id', 'n'])
  assert.equal(query.seconds, undefined)
  const rows: unknown[] = []
  for await (const row of query) rows.push(row)
  assert.deepEqual(rows, [
    ['a', 1],
    ['b', 9007199254740993n],
  ])
  assert.equal(query.seconds, 0.25)
  assert.deepEqual(asked, ['POST /v1/queries?timeout=3 ["SELECT ?",[1]]'])
  assert.throws(() => query[Symbol.asyncIterator](), TypeError)
})

test('rows as objects, whatever the columns are called', async (t) => {
  const odd = ['{"columns":["__proto__","n"]}', '{"row":[1,["a",1]]}', '{"eoq":{"time":0}}']
  const { address } = await serveScripts(t, lines(...odd))
  const [row] = await createClient({ addresses: address }).query('S', [], { as: 'objects' }).all()
  assert.deepEqual(Object.entries(row as object), [
    ['__proto__', 'a'],
    ['n', 1],
  ])
})

test('what ends a query early', async (t) => {
  const cases: readonly (readonly [string[], (cause: unknown) => boolean])[] = [
    [TWO, (cause) => cause instanceof IntegerRangeError],
    [[TWO[0] as string, '{"error":"interrupted"}'], (cause) => isApiError(cause, 200, 'interrupted')],
    [['{"error":"interrupted"}'], (cause) => isApiError(cause, 200, 'interrupted')],
    [TWO.slice(0, 2), (cause) => cause instanceof ConnectionError && cause.kind === 'broken'],
    [[], (cause) => cause instanceof ConnectionError && cause.kind === 'broken'],
    [TWO.slice(1, 2), (cause) => cause instanceof ProtocolError],
    [[TWO[0] as string, '{"change":["insert",1,[],1]}'], (cause) => cause instanceof ProtocolError],
    [[TWO[0] as string, TWO[3] as string, TWO[1] as string], (cause) => cause instanceof ProtocolError],
    [['<html>'], (cause) => cause instanceof ProtocolError],
  ]
  for (const [answer, expected] of cases) {
    const { address } = await serveScripts(t, lines(...answer))
    await assert.rejects(createClient({ addresses: address }).query('S').all(), expected, answer.join())
  }
})

test('a refused query, and a bound on rows and on a line', async (t) => {
  const refused = await serveScripts(t, ({ response }) => {
    response.writeHead(400).end('{"error":"no such table","code":"unknown-table"}')
  })
  await assert.rejects(createClient({ addresses: refused.address }).query('S').columns(), {
    status: 400,
    code: 'unknown-table',
    message: 'no such table',
  })
  const { address } = await serveScripts(t, lines(...TWO))
  const query = createClient({ addresses: address }).query('S', [], { integers: 'bigint' })
  await assert.rejects(query.all(1), RangeError)
  const narrow = createClient({ addresses: address, lineCharsMax: 10 })
  await assert.rejects(narrow.query('S').all(), ProtocolError)
})

test('who stops early ends the query at the agent', async (t) => {
  const gone = Promise.withResolvers<void>()
  const { address } = await serveScripts(t, async ({ response, head, send }) => {
    head()
    void once(response, 'close').then(() => gone.resolve())
    await send(...TWO.slice(0, 2))
  })
  for await (const row of createClient({ addresses: address }).query('S')) {
    assert.deepEqual(row, ['a', 1])
    break
  }
  await gone.promise
  const query = createClient({ addresses: address }).query('S')
  await query.columns()
  await query.close()
  assert.throws(() => query[Symbol.asyncIterator](), TypeError)
})

test('an abort passes through in the middle of the rows', async (t) => {
  const { address } = await serveScripts(t, async ({ head, send }) => {
    head()
    await send(...TWO.slice(0, 2))
  })
  const controller = new AbortController()
  const query = createClient({ addresses: address }).query('S', [], { signal: controller.signal })
  await assert.rejects(
    async () => {
      for await (const _ of query) controller.abort()
    },
    { name: 'AbortError' },
  )
})

test('an agent that falls silent within its answer', async (t) => {
  const { address } = await serveScripts(t, async ({ head, send }) => {
    head()
    await send(TWO[0] as string)
  })
  const query = createClient({ addresses: address, timeoutMs: 20 }).query('S')
  await assert.rejects(query.all(), { name: 'ConnectionError', kind: 'broken' })
})

test('silence is borne while the deadline at the agent allows it', async (t) => {
  const slow: Script = ({ response }) => void setTimeout(() => response.end(`${TWO[0]}\n${TWO[3]}\n`), 60)
  const { address } = await serveScripts(t, slow)
  const client = createClient({ addresses: address, timeoutMs: 20 })
  assert.deepEqual(await client.query('S', [], { timeout: 1 }).all(), [])
  assert.deepEqual(await client.query('S', [], { timeout: 0 }).all(), [])
  await assert.rejects(client.query('S').all(), { name: 'ConnectionError', kind: 'unanswered' })
})

test('the outcome of a transaction', async (t) => {
  const envelope = {
    results: [{ rows_affected: 2, time: 0.1 }],
    version: null,
    actor_id: 'a'.repeat(32),
    time: 0.2,
  }
  const { address, asked } = await serveScripts(t, lines(JSON.stringify(envelope)))
  const client = createClient({ addresses: address })
  assert.deepEqual(await client.execute(['A', ['B', [1]]], { timeout: 5, wait: 2 }), {
    results: [{ rowsAffected: 2, seconds: 0.1 }],
    version: null,
    actor: 'a'.repeat(32),
    seconds: 0.2,
  })
  assert.deepEqual(asked, ['POST /v1/transactions?timeout=5&wait=2 ["A",["B",[1]]]'])
  await assert.rejects(client.execute(['A'], { timeout: 0.5 }), RangeError)
})

test('answers that are no outcome and no members', async (t) => {
  for (const answer of [
    'null',
    '{}',
    '[]',
    '{"results":[{}],"version":1,"actor_id":"a","time":0}',
    '{"members":[{}]}',
  ]) {
    const { address } = await serveScripts(t, lines(answer))
    const client = createClient({ addresses: address })
    await assert.rejects(client.execute(['A']), ProtocolError, answer)
    await assert.rejects(client.members(), ProtocolError, answer)
  }
})

test('a client needs addresses', () => {
  assert.throws(() => createClient({ addresses: [] }), TypeError)
  assert.throws(() => createClient({ addresses: ['a b'] }), TypeError)
})

function isApiError(cause: unknown, status: number, message: string): boolean {
  return cause instanceof ApiError && cause.status === status && cause.message === message
}
