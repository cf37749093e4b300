/** wait=N over several nodes: what is counted is on so many disks, whatever is lost, fails or restarts meanwhile. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { World, type WorldNode } from './world.ts'

function waitFor(world: World, node: WorldNode, token: number, copies: number, timeoutMs = 3_000): string {
  world.commit(node, [[token % 9]])
  const version = node.store.haveOf(node.actor).last() as never
  world.handle(node, { kind: 'await-copies', token, version, copies, timeoutMs })
  return `${node.actor}/${version}`
}

describe('a write that waits for copies', () => {
  it('is answered after one hop, when the others hold it durably', () => {
    const world = new World({ nodes: 3, seed: 1, latencyMsMax: 2 })
    world.connectAll()
    world.run(100)
    const [writer, ...others] = world.nodes as [WorldNode, ...WorldNode[]]
    const id = waitFor(world, writer, 1, 2)
    assert.ok(world.run(50, () => writer.counted.has(1)))
    assert.deepEqual(writer.counted.get(1)?.reached, true)
    for (const { durable } of others) assert.ok(durable.has(id))
  })

  it('never counts a member that would lose it with its power', () => {
    let reached = 0
    for (let seed = 1; seed <= 30; seed += 1) {
      const faults = { lossPercent: 20, duplicatePercent: 10, storeFailurePercent: 20 }
      const world = new World({ nodes: 4, seed, latencyMsMax: 10, ...faults })
      world.connectAll()
      for (let token = 1; token <= 40; token += 1) {
        const writer = world.node(world.prng.below(4))
        const copies = world.prng.between(1, 3)
        const id = waitFor(world, writer, token, copies)
        world.run(world.prng.between(0, 60))
        if (world.prng.chance(1, 20)) {
          const node = world.node(world.prng.below(4))
          if (node !== writer) world.restart(node)
        }
        world.connectAll()
        world.run(world.prng.chance(1, 3) ? 4_000 : 0, () => writer.counted.has(token))
        const counted = writer.counted.get(token)
        if (counted?.reached !== true) continue
        reached += 1
        const holders = world.nodes.filter((node) => node !== writer && node.durable.has(id))
        assert.ok(holders.length >= copies, `seed ${seed}: ${holders.length} of ${copies} hold ${id}`)
      }
    }
    assert.ok(reached > 200, `${reached} waits were satisfied`)
  })

  it('that too few can have ends with how many have it', () => {
    const world = new World({ nodes: 3, seed: 2, latencyMsMax: 2 })
    const [a, b] = [world.node(0), world.node(1)]
    world.connect(a, b)
    waitFor(world, a, 1, 2)
    assert.ok(world.run(3_100, () => a.counted.has(1)))
    assert.deepEqual([a.counted.get(1)?.copies, a.counted.get(1)?.reached], [1, false])
  })
})
