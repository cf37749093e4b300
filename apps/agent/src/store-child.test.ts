import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, err, hlc, NO_SCHEMA, ok, version } from '@patina/base'
import type { StoreContract, StoreState, TransactReply } from '@patina/crdt-store'
import { type FakeCall, FakePort, turn, until } from '../test/fake-port.ts'
import { StoreChild } from './store-child.ts'

const ACTOR: ActorId = actorId('00000000000000000000000000000001')
const REPLY: TransactReply = { kind: 'committed', results: [], version: version(1) }
const TIMEOUT = { kind: 'timeout', state: 'unknown', afterMs: 5 } as const

function state(head: number): StoreState {
  const own = {
    actor: ACTOR,
    have: [],
    partials: [],
    head: head === 0 ? 0 : version(head),
    headTs: hlc(0),
  } as const
  return {
    actor: ACTOR,
    clusterId: 'default',
    generation: 1,
    knowledge: [own],
    abandoned: [],
    forks: { forks: [], answered: [] },
    schema: NO_SCHEMA,
  }
}

interface Rig {
  readonly store: StoreChild
  readonly ports: FakePort<StoreContract>[]
  readonly restarts: string[]
  readonly replaced: StoreState[]
  call(port: number, call: number): FakeCall
}

/** A store child whose n-th process starts with the n-th head. */
async function rig(...heads: number[]): Promise<Rig> {
  const ports: FakePort<StoreContract>[] = []
  const restarts: string[] = []
  const replaced: StoreState[] = []
  const store = new StoreChild({
    startTimeoutMs: 1_000,
    spawn: () => {
      const port = new FakePort<StoreContract>()
      const head = heads[ports.length] ?? heads.at(-1) ?? 0
      ports.push(port)
      queueMicrotask(() => port.calls[0]?.settle(ok(state(head))))
      return port.asPort()
    },
    onEvent: () => {},
    onReplaced: (next) => replaced.push(next),
    onRestart: ({ reason }) => restarts.push(reason),
    onFailure: () => {},
  })
  assert.ok((await store.start()).ok)
  return { store, ports, restarts, replaced, call: (port, call) => ports[port]?.calls[call] as FakeCall }
}

test('a write is handed over and answered', async () => {
  const { store, call } = await rig(0)
  const outcome = store.transact([{ sql: 'S', params: [] }], 50)
  await turn()
  assert.equal(call(0, 1).kind, 'transact')
  call(0, 1).settle(ok(REPLY))
  assert.deepEqual(await outcome, { kind: 'reply', reply: REPLY })
})

test('a write that passes its deadline costs the process its life; its neighbour runs again', async () => {
  const { store, ports, restarts, call } = await rig(0)
  const stuck = store.transact([], 50)
  const neighbour = store.transact([], 50)
  await turn()
  call(0, 1).settle(err(TIMEOUT))
  assert.deepEqual(await stuck, { kind: 'timeout', afterMs: 5 })
  assert.equal(ports[0]?.killed, true)
  await until(() => ports[1]?.calls.length === 2)
  call(1, 1).settle(ok(REPLY))
  assert.deepEqual(await neighbour, { kind: 'reply', reply: REPLY })
  assert.deepEqual(restarts, ['a transaction passed its deadline'])
})

test('who shares a transaction with one that takes all of its time is told to come again, where nothing was written', async () => {
  for (const [head, expected] of [
    [
      0,
      {
        kind: 'unavailable',
        reason: 'another write in the same transaction took all of 5 ms; nothing was written',
      },
    ],
    [1, { kind: 'outcome-unknown' }],
  ] as const) {
    const { store, ports, call } = await rig(0, head)
    const bystander = store.transact([], 50)
    const endless = store.transact([], 5_000)
    await turn()
    call(0, 1).settle(err({ ...TIMEOUT, isBystander: true }))
    assert.deepEqual(await bystander, expected)
    assert.equal(ports[0]?.killed, true)
    if (head === 0) {
      await until(() => ports[1]?.calls.length === 2)
      call(1, 1).settle(ok(REPLY))
      assert.deepEqual(await endless, { kind: 'reply', reply: REPLY })
    } else assert.deepEqual(await endless, expected)
  }
})

test('where the new process knows a version that main has not heard of, nobody is told that nothing was written', async () => {
  const { store, ports, call } = await rig(0, 1)
  const stuck = store.transact([], 50)
  const neighbour = store.transact([], 50)
  await turn()
  call(0, 1).settle(err(TIMEOUT))
  assert.deepEqual(await stuck, { kind: 'outcome-unknown' })
  assert.deepEqual(await neighbour, { kind: 'outcome-unknown' })
  assert.equal(ports[1]?.calls.length, 1)
})

test('a version that main heard of by event does not raise doubt', async () => {
  const { store, ports, call } = await rig(0, 1)
  const stuck = store.transact([], 50)
  await turn()
  ports[0]?.emit({ kind: 'committed', commits: [{ version: version(1), ts: hlc(0), changesets: [] }] })
  call(0, 1).settle(err(TIMEOUT))
  assert.deepEqual(await stuck, { kind: 'timeout', afterMs: 5 })
})

test('a process that ends by itself is replaced, and its writes run again', async () => {
  const { store, ports, restarts, replaced, call } = await rig(0)
  const write = store.transact([], 1_000)
  await turn()
  ports[0]?.end('crashed')
  await until(() => ports[1]?.calls.length === 2)
  call(1, 1).settle(ok(REPLY))
  assert.deepEqual(await write, { kind: 'reply', reply: REPLY })
  assert.deepEqual(restarts, ['ended by itself: crashed'])
  assert.equal(replaced.length, 1)
})

test('overload and a fault of the store are told, without a restart', async () => {
  const { store, ports, call } = await rig(0)
  const full = store.transact([], 50)
  const faulty = store.transact([], 50)
  await turn()
  call(0, 1).settle(err({ kind: 'overloaded', state: 'unchanged' }))
  call(0, 2).settle(err({ kind: 'failed', state: 'unknown', message: 'bug' }))
  assert.deepEqual(await full, { kind: 'unavailable', reason: 'too many writes are waiting' })
  assert.deepEqual(await faulty, { kind: 'failed', message: 'bug' })
  assert.equal(ports.length, 1)
})

test('an apply that passes its deadline replaces the process', async () => {
  const { store, ports, call } = await rig(0)
  const apply = store.apply({ changesets: [], cleared: [], basis: [] }, 50)
  await turn()
  call(0, 1).settle(err(TIMEOUT))
  assert.deepEqual(await apply, err(TIMEOUT))
  await until(() => ports.length === 2)
})

test('figures that do not come in time replace nothing', async () => {
  const { store, ports, call } = await rig(0)
  const stats = store.stats(50)
  await turn()
  call(0, 1).settle(err(TIMEOUT))
  assert.deepEqual(await stats, err(TIMEOUT))
  await turn()
  assert.equal(ports.length, 1)
})

test('the sentence of a process that refuses to start is the reason', async () => {
  const port = new FakePort<StoreContract>()
  const store = new StoreChild({
    startTimeoutMs: 1_000,
    spawn: () => {
      queueMicrotask(() => port.end('the database is open already'))
      return port.asPort()
    },
    onEvent: () => {},
    onReplaced: () => {},
    onRestart: () => {},
    onFailure: () => {},
  })
  assert.deepEqual(await store.start(), err('the database is open already'))
})

test('after close nothing is started again', async () => {
  const { store, ports } = await rig(0)
  await store.close(50)
  await turn()
  assert.equal(ports.length, 1)
  assert.equal((await store.transact([], 5)).kind, 'unavailable')
})

test('a write that did not begin by its deadline is told to come again, and nothing is restarted', async () => {
  const { store, ports, call } = await rig(0)
  const waited = store.transact([], 50)
  await turn()
  call(0, 1).settle(err({ kind: 'timeout', state: 'unchanged', afterMs: 50 }))
  const reason = 'other writes took all of 50 ms; this one did not begin, and nothing was written'
  assert.deepEqual(await waited, { kind: 'unavailable', reason })
  assert.equal(ports.length, 1)
})

test('writes that are held wait until they are admitted, and are refused when that takes too long', async () => {
  const { store, call, ports } = await rig(0)
  store.holdWrites()
  const late = await store.transact([], 5)
  assert.ok(late.kind === 'unavailable')
  assert.match(late.reason, /no peer has confirmed/)
  const held = store.transact([], 1_000)
  await turn()
  assert.equal(ports[0]?.calls.length, 1, 'only the question for the state')
  store.admitWrites()
  await until(() => ports[0]?.calls.length === 2)
  call(0, 1).settle(ok(REPLY))
  assert.deepEqual(await held, { kind: 'reply', reply: REPLY })
})
