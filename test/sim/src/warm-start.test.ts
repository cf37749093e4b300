import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '@patina/swim'
import { EPOCH_MS, Fleet } from './fleet.ts'
import { localLatency } from './latency.ts'
import { SwimProgram } from './swim-program.ts'
import { Views } from './views.ts'
import { startWarm } from './warm-start.ts'
import { World } from './world.ts'

for (const nodes of [1, 2, 3, 40])
  test(`${nodes} nodes know each other from the start, and are at rest`, () => {
    const world = new World(1)
    const installed = new SwimProgram(world, defaultConfig, () => EPOCH_MS + world.now)
    const fleet = new Fleet({ world, nodes, latency: localLatency(1, 5), program: installed })
    const views = new Views(fleet)
    startWarm(fleet, fleet.hosts)
    assert.deepEqual(views.wrongPairs(), [])
    for (const { program } of fleet.hosts) assert.equal(program?.members().length, nodes - 1)
    fleet.network.traffic.restart(world.now)
    world.run(world.now + 10_000)
    assert.deepEqual(views.wrongPairs(), [])
    const { packetsPerNodeSecond } = fleet.network.traffic.figures(world.now)
    assert.ok(
      packetsPerNodeSecond < (nodes < 25 ? 4.5 : 3),
      `${packetsPerNodeSecond} packets a node and second`,
    )
  })
