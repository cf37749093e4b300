/** The age of views over several nodes: idle, writing, cut off, catching up. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '@patina/base'
import { World, type WorldNode } from './world.ts'

function age(world: World, node: WorldNode, of: WorldNode): number {
  return node.sync.ageMs(of.actor, instant(world.now)) ?? Number.POSITIVE_INFINITY
}

describe('the age of a view', () => {
  it('stays below two periods and a round trip while all is well, whether anybody writes or not', () => {
    const world = new World({ nodes: 3, seed: 1, latencyMsMax: 20 })
    world.connectAll()
    world.run(200)
    for (let step = 0; step < 300; step += 1) {
      if (step > 100 && step < 200) world.commit(world.node(step % 3), [[step]])
      world.run(50)
      for (const a of world.nodes)
        for (const b of world.nodes)
          assert.ok(age(world, a, b) < 2_060, `${age(world, a, b)} ms at step ${step}`)
    }
  })

  it('grows while a node is cut off, and is young again once it has caught up', () => {
    const world = new World({ nodes: 3, seed: 2, latencyMsMax: 20 })
    world.connectAll()
    world.run(2_000)
    const [a, b, c] = [world.node(0), world.node(1), world.node(2)]
    world.disconnect(a, c)
    for (let i = 0; i < 100; i += 1) {
      world.commit(a, [[i]])
      world.run(100)
    }
    assert.ok(age(world, c, a) >= 10_000, 'what comes by way of b proves nothing of a')
    assert.ok(age(world, c, b) < 2_060)
    world.disconnect(b, c)
    world.run(5_000)
    for (let i = 0; i < 100; i += 1) world.commit(b, [[i]])
    const before = c.sync.lag(instant(world.now)).find(({ actor }) => actor === b.actor)
    assert.equal(before?.behind, 0, 'nobody has told of what is missed')
    world.connectAll()
    assert.ok(
      world.run(
        20,
        () => (c.sync.lag(instant(world.now)).find((each) => each.actor === b.actor)?.behind ?? 0) >= 100,
      ),
    )
    assert.ok(age(world, c, b) > 5_000, 'what is offered and not held makes nothing young')
    assert.ok(world.run(5_000, () => [a, b].every((other) => age(world, c, other) < 2_060)))
  })
})
