import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '@patina/swim'
import { ChaosMaker } from './chaos.ts'
import { EPOCH_MS, Fleet } from './fleet.ts'
import { localLatency } from './latency.ts'
import { SwimProgram } from './swim-program.ts'
import { startWarm } from './warm-start.ts'
import { World } from './world.ts'

const FOR_MS = 60_000

function chaos(seed: number): { fleet: Fleet; seen: Set<string> } {
  const world = new World(seed)
  const program = new SwimProgram(world, defaultConfig, (host) => EPOCH_MS + world.now + host.wallOffsetMs)
  const fleet = new Fleet({ world, nodes: 8, latency: localLatency(1, 5), program })
  const seen = new Set<string>()
  startWarm(fleet, fleet.hosts)
  fleet.watch({
    ended: () => seen.add('killed'),
    cutsChanged: () => seen.add('cut'),
    notified: () => {
      if (fleet.network.faults.lossPpm > 0) seen.add('lost')
      if (fleet.hosts.some(({ process }) => process?.isStalled)) seen.add('stalled')
      if (fleet.hosts.some(({ wallOffsetMs }) => wallOffsetMs !== 0)) seen.add('wall')
    },
  })
  new ChaosMaker(fleet, { forMs: FOR_MS, everyMs: 500 }, (host, wiped) => {
    if (wiped) {
      seen.add('wiped')
      fleet.wipe(host)
    }
    fleet.start(
      host,
      [0, 1, 2].filter((node) => node !== host.node),
    )
  })
  world.run(world.now + FOR_MS)
  return { fleet, seen }
}

test('every kind of fault comes, and all have ended in the end', () => {
  const { fleet, seen } = chaos(1)
  for (const kind of ['killed', 'cut', 'lost', 'stalled', 'wall', 'wiped']) assert.ok(seen.has(kind), kind)
  assert.equal(fleet.running().length, fleet.hosts.length)
  assert.equal(fleet.network.faults.lossPpm, 0)
  for (const a of fleet.hosts) {
    assert.ok(!a.process?.isStalled)
    for (const b of fleet.hosts) assert.ok(!fleet.cuts.isCut(a.node, b.node, 'datagrams'))
  }
})

test('the same seed brings the same chaos', () => {
  assert.equal(chaos(2).fleet.world.trace.hash(), chaos(2).fleet.world.trace.hash())
})
