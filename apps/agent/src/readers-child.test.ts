import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, ok, PortFailure, type PortStream } from '@patina/base'
import type { MemberRow, QueryHead } from '@patina/sqlite'
import { type FakeCall, FakePort, turn, until } from '../test/fake-port.ts'
import { QueryEnded, ReadersChild, type ReadersContract } from './readers-child.ts'

const REQUEST = { statement: { sql: 'S', params: [] }, rowsMax: 1, bytesMax: 1 }
const HEAD: QueryHead = { kind: 'rows', columns: ['a'] }
const NEVER_COMES = new Promise<never>(() => {})

interface Rig {
  readonly readers: ReadersChild
  readonly ports: FakePort<ReadersContract>[]
  call(port: number, call: number): FakeCall
}

async function rig(): Promise<Rig> {
  const ports: FakePort<ReadersContract>[] = []
  const readers = new ReadersChild({
    startTimeoutMs: 1_000,
    drainMs: 5,
    cutGraceMs: 0,
    spawn: () => {
      const port = new FakePort<ReadersContract>()
      ports.push(port)
      queueMicrotask(() => port.calls[0]?.settle(ok(true)))
      return port.asPort()
    },
    onRestart: () => {},
    onFailure: () => {},
  })
  assert.ok((await readers.start()).ok)
  return { readers, ports, call: (port, call) => ports[port]?.calls[call] as FakeCall }
}

const members = (state: string): MemberRow[] => [['a', 'a', 'a:1', state, 'r', '{}', null, 0n]]

async function* chunks(...steps: (string | Promise<never> | Error)[]): AsyncGenerator<Uint8Array> {
  for (const step of steps) {
    if (step instanceof Error) throw step
    yield typeof step === 'string' ? Buffer.from(step) : await step
  }
}

function stream(...steps: (string | Promise<never> | Error)[]): { ok: true; value: PortStream<QueryHead> } {
  return ok({ head: HEAD, chunks: chunks(...steps) })
}

async function read(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of source) text += Buffer.from(chunk).toString()
  return text
}

test('chunks come through in order', async () => {
  const { readers, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  call(0, 1).settle(stream('a', 'b', 'c'))
  const begun = await query
  assert.ok(begun.ok)
  assert.equal(await read(begun.value.chunks), 'abc')
})

test('an answer that came whole is passed on as it is', async () => {
  const { readers, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  const whole = Buffer.from('all')
  call(0, 1).settle(ok({ head: HEAD, whole, chunks: chunks('all') }))
  const begun = await query
  assert.ok(begun.ok)
  assert.equal(begun.value.whole, whole)
  assert.equal(await read(begun.value.chunks), 'all')
})

test('no head within the deadline: timeout, and the process is replaced', async () => {
  const { readers, ports } = await rig()
  assert.deepEqual(await readers.query(REQUEST, 5), err({ kind: 'timeout', afterMs: 5 }))
  await until(() => ports.length === 2 && ports[0]?.killed === true)
})

test('a chunk that does not come within the deadline ends the stream and the process', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 20)
  await turn()
  call(0, 1).settle(stream('a', NEVER_COMES))
  const begun = await query
  assert.ok(begun.ok)
  await assert.rejects(read(begun.value.chunks), (cause) => {
    assert.ok(cause instanceof QueryEnded)
    return cause.error.kind === 'timeout'
  })
  await until(() => ports[0]?.killed === true)
})

test('the time that the client takes does not count', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 30)
  await turn()
  call(0, 1).settle(stream('a', 'b'))
  const begun = await query
  assert.ok(begun.ok)
  await begun.value.chunks.next()
  await new Promise((resolve) => setTimeout(resolve, 40))
  assert.equal((await begun.value.chunks.next()).done, false)
  assert.equal(ports.length, 1)
})

test('a neighbour that is lost before its first byte runs once more', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  ports[0]?.end('killed')
  await until(() => ports[1]?.calls.length === 2)
  call(1, 1).settle(stream('a'))
  const begun = await query
  assert.ok(begun.ok)
  assert.equal(await read(begun.value.chunks), 'a')
})

test('a neighbour that is lost later gets a retryable error', async () => {
  const { readers, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  call(0, 1).settle(stream('a', new PortFailure({ kind: 'lost', state: 'unknown', reason: 'killed' })))
  const begun = await query
  assert.ok(begun.ok)
  await assert.rejects(read(begun.value.chunks), (cause) => {
    assert.ok(cause instanceof QueryEnded)
    return cause.error.kind === 'lost'
  })
})

test('a client that goes while the statement is stuck: the process is replaced at the deadline', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 40)
  await turn()
  call(0, 1).settle(stream('a', NEVER_COMES))
  const begun = await query
  assert.ok(begun.ok)
  await begun.value.chunks.next()
  const waiting = begun.value.chunks.next().catch(() => {})
  void begun.value.chunks.return?.()
  await waiting
  await until(() => ports[0]?.killed === true)
})

test('a client that goes between two chunks, of which the next never comes', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 20)
  await turn()
  call(0, 1).settle(stream('a', 'b', NEVER_COMES))
  const begun = await query
  assert.ok(begun.ok)
  await begun.value.chunks.next()
  void begun.value.chunks.return?.()
  await until(() => ports[0]?.killed === true)
})

test('a client that goes from a statement that lives: nothing is replaced', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  call(0, 1).settle(stream(...'abcdefghijklmnopqrstuvwxyz'))
  const begun = await query
  assert.ok(begun.ok)
  await begun.value.chunks.return?.()
  assert.equal((await begun.value.chunks.next()).done, true)
  assert.equal(ports.length, 1)
})

test('the members are told as they come, and to a new process before its first query', async () => {
  const { readers, ports } = await rig()
  readers.members(members('alive'))
  readers.members(members('down'))
  const told = (port: number): unknown[] =>
    (ports[port]?.calls ?? []).filter(({ kind }) => kind === 'members').map(({ request }) => request)
  assert.deepEqual(told(0), [members('alive'), members('down')])
  const waiting = readers.query(REQUEST, 1_000)
  await turn()
  ports[0]?.end('killed')
  await until(() => ports[1]?.calls.length === 3)
  assert.deepEqual(
    ports[1]?.calls.map(({ kind }) => kind),
    ['ready', 'members', 'query'],
  )
  assert.deepEqual(told(1), [members('down')])
  ports[1]?.calls[2]?.settle(stream('a'))
  assert.ok((await waiting).ok)
})

/** Two queries whose first chunk is there and whose second does not come. */
async function twoStreaming(): Promise<Rig & { readonly begun: AsyncIterableIterator<Uint8Array>[] }> {
  const made = await rig()
  const begun: AsyncIterableIterator<Uint8Array>[] = []
  for (let n = 1; n <= 2; n += 1) {
    const query = made.readers.query(REQUEST, 1_000)
    await turn()
    made.call(0, n).settle(ok({ head: HEAD, chunks: endless() }))
    const opened = await query
    assert.ok(opened.ok)
    await opened.value.chunks.next()
    begun.push(opened.value.chunks)
  }
  return { ...made, begun }
}

/** As a received stream: a return ends it, also while its next chunk is waited for. */
function endless(): AsyncIterableIterator<Uint8Array> {
  const done = { done: true, value: undefined } as const
  const { promise: ended, resolve } = Promise.withResolvers<typeof done>()
  let isFirst = true
  const iterator: AsyncIterableIterator<Uint8Array> = {
    next: () => {
      const first = { done: false, value: Buffer.from('a') } as const
      const step = isFirst ? Promise.resolve(first) : ended
      isFirst = false
      return step
    },
    return: () => {
      resolve(done)
      return ended
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

const isCut = (cause: unknown): boolean => cause instanceof QueryEnded && cause.error.kind === 'cut'

test('the query that began first is cut, with an error and not with an end; its neighbour goes on', async () => {
  const { readers, ports, begun } = await twoStreaming()
  const [first, second] = begun.map((chunks) => chunks.next())
  assert.equal(readers.cutOldest(), true)
  await assert.rejects(first as Promise<unknown>, isCut)
  assert.equal(await Promise.race([second, Promise.resolve('waits')]), 'waits')
  assert.equal(ports.length, 1)
})

test('where that did not help, the process is replaced', async () => {
  const { readers, ports } = await twoStreaming()
  readers.cutOldest()
  assert.equal(readers.cutOldest(), true)
  await until(() => ports[0]?.killed === true)
})

test('a query inside a statement is cut with its process, and is not run again', async () => {
  const { readers, ports } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  assert.equal(readers.cutOldest(), true)
  assert.deepEqual(await query, err({ kind: 'cut' }))
  assert.equal(ports[1]?.calls.length, 1, 'the new one was asked only whether it is ready')
})

test('where no query is under way nothing is cut', async () => {
  const { readers, ports, call } = await rig()
  const query = readers.query(REQUEST, 1_000)
  await turn()
  call(0, 1).settle(stream('a'))
  const begun = await query
  assert.ok(begun.ok)
  await read(begun.value.chunks)
  assert.equal(readers.cutOldest(), false)
  assert.equal(ports.length, 1)
})
