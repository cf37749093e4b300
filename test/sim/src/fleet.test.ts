import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '@patina/swim'
import { partition } from './cuts.ts'
import { EPOCH_MS, Fleet } from './fleet.ts'
import { localLatency } from './latency.ts'
import { SwimProgram } from './swim-program.ts'
import { BELIEF, Views } from './views.ts'
import { World } from './world.ts'

const NODES = 6

function fleetOf(seed: number): { fleet: Fleet; views: Views; world: World } {
  const world = new World(seed)
  const program = new SwimProgram(world, defaultConfig, (host) => EPOCH_MS + world.now + host.wallOffsetMs)
  const fleet = new Fleet({
    world,
    nodes: NODES,
    latency: localLatency(1, 5),
    program,
    connectionsPerNode: NODES,
  })
  const views = new Views(fleet)
  for (const host of fleet.hosts) fleet.start(host, host.node === 0 ? [] : [0])
  world.run(20_000)
  return { fleet, views, world }
}

test('same seed, same trace; another seed, another one', () => {
  const [a, b, c] = [fleetOf(1), fleetOf(1), fleetOf(2)]
  assert.equal(a.world.trace.hash(), b.world.trace.hash())
  assert.equal(a.world.events, b.world.events)
  assert.notEqual(a.world.trace.hash(), c.world.trace.hash())
})

test('views follow what machines believe, and know the truth', () => {
  const { fleet, views, world } = fleetOf(1)
  assert.deepEqual(views.wrongPairs(), [])
  fleet.kill(fleet.host(2), 'process')
  fleet.leave(fleet.host(3), 2_000)
  assert.equal(views.wrongPairs().length, 2 * 4)
  world.run(world.now + 20_000)
  assert.deepEqual(views.wrongPairs(), [])
  assert.equal(views.belief(0, 2), BELIEF.down)
  assert.equal(views.belief(0, 3), BELIEF.left)
  for (const host of fleet.running())
    for (const member of host.program?.members() ?? []) {
      const subject = views.subjectOf(member.actor)
      assert.ok(subject !== undefined)
      assert.equal(views.belief(host.node, subject.index), BELIEF[member.state])
    }
})

test('who starts again with its disk is the same member, with an empty one it is another', () => {
  const { fleet, views, world } = fleetOf(1)
  const [kept, lost] = [fleet.host(1), fleet.host(2)]
  const before = { ...kept }
  for (const host of [kept, lost]) fleet.kill(host, 'power')
  fleet.wipe(lost)
  for (const host of [kept, lost]) fleet.start(host, [0])
  assert.equal(kept.actor, before.actor)
  assert.ok(kept.generation > before.generation)
  assert.equal(views.subjects.length, NODES + 1)
  world.run(world.now + 30_000)
  assert.deepEqual(views.wrongPairs(), [])
})

test('a generation is greater than the last one, also where the wall clock stepped back', () => {
  const { fleet } = fleetOf(1)
  const host = fleet.host(1)
  const { generation } = host
  host.wallOffsetMs = -3_600_000
  fleet.kill(host, 'power')
  fleet.start(host, [0])
  assert.equal(host.generation, generation + 1)
})

test('in a partition both sides are right to call the other one down', () => {
  const { fleet, views, world } = fleetOf(1)
  fleet.cut({ name: 'p', cuts: partition(new Set([0, 1, 2])) })
  assert.ok(views.wrongPairs().length > 0)
  world.run(world.now + 30_000)
  assert.deepEqual(views.wrongPairs(), [])
  fleet.heal('p')
  assert.ok(views.wrongPairs().length > 0)
  world.run(world.now + 60_000)
  assert.deepEqual(views.wrongPairs(), [])
  assert.throws(() => fleet.heal('p'), /no cut "p"/)
})
