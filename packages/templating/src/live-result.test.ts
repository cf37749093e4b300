import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QueryEvent } from './core/live-table.ts'
import type { Cell, Rows } from './core/query.ts'
import { LiveResult, type SourceEvent } from './live-result.ts'
import type { Settled } from './outcome.ts'
import { QueryRefused, type QuerySource } from './query-source.ts'

const NEVER_ABORTED = new AbortController().signal

/** One query whose events and reads the test hands out itself. */
class HandFed implements QuerySource {
  readonly events: (() => void)[] = []
  rows: readonly (readonly Cell[])[] = []
  reads = 0
  readFails: Error | undefined
  /** Told at each watch: what it gives, or throws. */
  readonly watches: ((signal: AbortSignal) => AsyncIterable<QueryEvent>)[] = []

  async read(): Promise<Rows> {
    this.reads += 1
    if (this.readFails !== undefined) throw this.readFails
    return { columns: ['a'], rows: this.rows }
  }

  watch(_query: unknown, signal: AbortSignal): AsyncIterable<QueryEvent> {
    const next = this.watches.shift()
    return next === undefined ? idle(signal) : next(signal)
  }
}

async function* idle(signal: AbortSignal): AsyncGenerator<QueryEvent> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

async function* resultOf(signal: AbortSignal, ...cells: Cell[]): AsyncGenerator<QueryEvent> {
  yield { kind: 'columns', columns: ['a'] }
  for (const [rowId, cell] of cells.entries()) yield { kind: 'row', rowId, cells: [cell] }
  yield { kind: 'eoq' }
  yield* idle(signal)
}

function failing(cause: Error): () => AsyncIterable<QueryEvent> {
  return async function* () {
    yield* []
    throw cause
  }
}

interface Follower {
  readonly live: LiveResult
  readonly told: SourceEvent[]
  readonly leave: () => void
  changes: number
}

function follow(source: QuerySource, sql: string): Follower {
  const told: SourceEvent[] = []
  let revision = 0
  const nextRevision = (): number => {
    revision += 1
    return revision
  }
  const live = new LiveResult(
    { sql, params: [] },
    { source, onSource: (event) => told.push(event), nextRevision },
  )
  const follower: Follower = { live, told, changes: 0, leave: live.join(() => (follower.changes += 1)) }
  return follower
}

const rowsOf = ({ outcome }: Settled): unknown => ('rows' in outcome ? outcome.rows : outcome.failure)

test('rows of a result without an order come from its events; nothing is read', async () => {
  const source = new HandFed()
  source.watches.push((signal) => resultOf(signal, 'b', 'a'))
  const { live, leave } = follow(source, 'SELECT a')
  const settled = await live.settled(NEVER_ABORTED)
  assert.deepEqual(rowsOf(settled), [['a'], ['b']])
  assert.equal((await live.settled(NEVER_ABORTED)).revision, settled.revision)
  assert.equal(source.reads, 0)
  leave()
})

test('with an order they are read when they are wanted after a change, once', async () => {
  const source = new HandFed()
  source.rows = [['z'], ['a']]
  source.watches.push((signal) => resultOf(signal, 'a', 'z'))
  const { live, leave } = follow(source, 'SELECT a FROM t ORDER BY b')
  for (let i = 0; i < 3; i += 1) assert.deepEqual(rowsOf(await live.settled(NEVER_ABORTED)), [['z'], ['a']])
  assert.equal(source.reads, 1)
  leave()
})

test('changes that come together are one change of the outcome, read or replayed', async () => {
  const changes: QueryEvent = {
    kind: 'changes',
    changes: [
      { change: 'delete', rowId: 0, cells: ['a'] },
      { change: 'insert', rowId: 2, cells: ['c'] },
    ],
  }
  for (const sql of ['SELECT a', 'SELECT a ORDER BY a']) {
    const source = new HandFed()
    source.rows = [['b'], ['c']]
    source.watches.push(async function* (signal) {
      yield { kind: 'columns', columns: ['a'] }
      for (const [rowId, cell] of ['a', 'b'].entries()) yield { kind: 'row', rowId, cells: [cell] }
      yield { kind: 'eoq' }
      yield changes
      yield* idle(signal)
    })
    const follower = follow(source, sql)
    while (follower.changes < 2) await new Promise(setImmediate)
    assert.deepEqual(rowsOf(await follower.live.settled(NEVER_ABORTED)), [['b'], ['c']])
    assert.equal(follower.changes, 2)
    follower.leave()
  }
})

test('a read that fails is an error to who wants rows, and is tried again', async () => {
  const source = new HandFed()
  source.watches.push((signal) => resultOf(signal))
  source.readFails = new Error('away')
  const { live, leave } = follow(source, 'SELECT a ORDER BY a')
  await assert.rejects(live.settled(NEVER_ABORTED), /away/)
  source.readFails = undefined
  assert.deepEqual(rowsOf(await live.settled(NEVER_ABORTED)), [])
  source.readFails = new QueryRefused('no')
  leave()
})

test('a refusal is an outcome, told once; a later result heals it', async () => {
  const source = new HandFed()
  const refused = failing(new QueryRefused('no such column'))
  source.watches.push(refused, refused, (signal) => resultOf(signal, 'x'))
  const follower = follow(source, 'SELECT a')
  assert.equal(rowsOf(await follower.live.settled(NEVER_ABORTED)), 'no such column')
  while (follower.changes < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(rowsOf(await follower.live.settled(NEVER_ABORTED)), [['x']])
  assert.equal(follower.changes, 2, 'the second refusal is no change')
  assert.deepEqual(follower.told, [])
  follower.leave()
})

test('who waits for the first result hears the end of waiting', async () => {
  const { live, leave } = follow(new HandFed(), 'SELECT a')
  const controller = new AbortController()
  const waiting = live.settled(controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
  await assert.rejects(live.settled(controller.signal), /enough/)
  leave()
})

test('the last who leaves ends the watch', async () => {
  const source = new HandFed()
  let ended = false
  source.watches.push(async function* (signal) {
    yield* resultOf(signal)
    ended = signal.aborted
  })
  const { live, leave } = follow(source, 'SELECT a')
  const leaveToo = live.join(() => {})
  await live.settled(NEVER_ABORTED)
  leave()
  assert.equal(live.isUnused(), false)
  leaveToo()
  assert.equal(live.isUnused(), true)
  await new Promise(setImmediate)
  assert.equal(ended, true)
})
