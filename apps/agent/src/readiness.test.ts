import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId } from '@patina/base'
import type { NodeStatus } from '@patina/node'
import { turn } from '../test/fake-port.ts'
import { type Missing, Readiness } from './readiness.ts'

interface World {
  alive: number
  caughtUp: boolean
  started: boolean
  /** Of each time live results were asked for: what to answer. */
  readonly settling: ((isSettled: boolean) => void)[]
  readonly running: { store: boolean; readers: boolean; 'live-query': boolean }
}

function agent(hasSeeds: boolean): {
  readonly world: World
  readonly missing: () => Missing[]
  readonly readiness: Readiness
} {
  const world: World = {
    alive: 0,
    caughtUp: false,
    started: true,
    settling: [],
    running: { store: true, readers: true, 'live-query': true },
  }
  const readiness = new Readiness({
    hasSeeds,
    node: () => (world.started ? statusOf(world) : undefined),
    settleLiveResults: () => new Promise((resolve) => world.settling.push(resolve)),
    isRunning: {
      store: () => world.running.store,
      readers: () => world.running.readers,
      'live-query': () => world.running['live-query'],
    },
  })
  return { world, missing: () => readiness.missing(), readiness }
}

function statusOf({ alive, caughtUp }: World): NodeStatus {
  const sync = {
    sessions: 0,
    missing: 0,
    unobtainable: 0,
    lost: 0,
    inFlight: 0,
    queuedBytes: { urgent: 0, fresh: 0, backlog: 0 },
    delayedBytes: 0,
    muted: [],
    asking: 0,
    serving: 0,
    ownHeadTold: 0,
    mayWrite: true,
    forks: 0,
    caughtUp,
  } as const
  const actor = actorId('1'.repeat(32))
  return { actor, alive, suspect: 0, down: 0, left: 0, sessionsOpen: 0, sessionsMissing: 0, sync }
}

test('an agent that is to join somebody is ready when a member has answered and had nothing more for it', async () => {
  const { world, missing } = agent(true)
  assert.deepEqual(missing(), ['joined', 'caught-up'])
  world.alive = 1
  assert.deepEqual(missing(), ['caught-up'])
  world.caughtUp = true
  assert.deepEqual(missing(), ['live-results'])
  assert.deepEqual(missing(), ['live-results'])
  assert.equal(world.settling.length, 1, 'asked once at a time')
  world.settling[0]?.(false)
  await turn()
  assert.deepEqual(missing(), ['live-results'])
  world.settling[1]?.(true)
  await turn()
  assert.deepEqual(missing(), [])
})

test('live results are asked for while nobody asks whether it is ready', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { world, readiness } = agent(true)
  readiness.watch()
  t.mock.timers.tick(1_000)
  assert.equal(world.settling.length, 0)
  world.alive = 1
  world.caughtUp = true
  t.mock.timers.tick(100)
  world.settling[0]?.(true)
  await turn()
  t.mock.timers.tick(1_000)
  assert.deepEqual(readiness.missing(), [])
  assert.equal(world.settling.length, 1)
})

test('an agent that is cut off later stays ready', async () => {
  const { world, missing } = agent(true)
  world.alive = 1
  world.caughtUp = true
  missing()
  world.settling[0]?.(true)
  await turn()
  world.alive = 0
  assert.deepEqual(missing(), [])
})

test('an agent without anybody to join is ready when its node runs', () => {
  const { world, missing } = agent(false)
  world.started = false
  assert.deepEqual(missing(), ['joined', 'caught-up'])
  world.started = true
  assert.deepEqual(missing(), [])
})

test('a process that is being replaced is named, and ready comes back with it', () => {
  const { world, missing } = agent(false)
  for (const role of ['store', 'readers', 'live-query'] as const) {
    world.running[role] = false
    assert.deepEqual(missing(), [role])
    world.running[role] = true
  }
  assert.deepEqual(missing(), [])
})
