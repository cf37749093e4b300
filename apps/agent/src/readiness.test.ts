import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId } from '@patina/base'
import type { NodeStatus } from '@patina/node'
import { type Missing, Readiness } from './readiness.ts'

interface World {
  alive: number
  caughtUp: boolean
  started: boolean
  readonly running: { store: boolean; readers: boolean; 'live-query': boolean }
}

function agent(hasSeeds: boolean): { readonly world: World; readonly missing: () => Missing[] } {
  const world: World = {
    alive: 0,
    caughtUp: false,
    started: true,
    running: { store: true, readers: true, 'live-query': true },
  }
  const readiness = new Readiness({
    hasSeeds,
    node: () => (world.started ? statusOf(world) : undefined),
    isRunning: {
      store: () => world.running.store,
      readers: () => world.running.readers,
      'live-query': () => world.running['live-query'],
    },
  })
  return { world, missing: () => readiness.missing() }
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

test('an agent that is to join somebody is ready when a member has answered and had nothing more for it', () => {
  const { world, missing } = agent(true)
  assert.deepEqual(missing(), ['joined', 'caught-up'])
  world.alive = 1
  assert.deepEqual(missing(), ['caught-up'])
  world.caughtUp = true
  assert.deepEqual(missing(), [])
})

test('an agent that is cut off later stays ready', () => {
  const { world, missing } = agent(true)
  world.alive = 1
  world.caughtUp = true
  missing()
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
