/**
 * Versions that nobody has any more: who finds that out and when, what an operator's word changes, and that nothing differs
 * when a copy turns up after all.
 */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { instant } from '@patina/base'
import { World, type WorldNode } from './world.ts'

const UNOBTAINABLE_MS = 60_000
/** Some rounds of the longest pause between exchanges. */
const ROUNDS_MS = 60_000

let world: World
let origin: WorldNode
let [first, second, newcomer]: WorldNode[] = []

/** The first node knows half of version 2 and all of version 3; then the origin is gone. */
function loseVersion2(): void {
  world = new World({ nodes: 4, seed: 1, config: { unobtainableMs: UNOBTAINABLE_MS } })
  ;[origin, first, second, newcomer] = world.nodes as [WorldNode, WorldNode, WorldNode, WorldNode]
  const commits = [[[1]], [[2], [3]], [[4]]].map((keys) => origin.store.commit(keys))
  const [whole, half, last] = commits.map(({ changesets }) => changesets) as [
    Uint8Array[],
    Uint8Array[],
    Uint8Array[],
  ]
  const changesets = [...whole, half[0] as Uint8Array, ...last]
  const report = (first as WorldNode).store.apply({ changesets, cleared: [], basis: [] })
  world.handle(first as WorldNode, { kind: 'applied', token: 0, report })
  world.connect(first as WorldNode, second as WorldNode)
  world.run(ROUNDS_MS)
}

function behind(node: WorldNode): number | undefined {
  return node.sync.lag(instant(world.now)).find(({ actor }) => actor === origin.actor)?.behind
}

function lookFor(ms: number): void {
  for (let passed = 0; passed < ms; passed += 10_000) {
    world.run(10_000)
    world.tellLiving()
  }
}

const some = (node: WorldNode | undefined): WorldNode => node as WorldNode

describe('a version of which its origin took the rest away', () => {
  beforeEach(loseVersion2)

  it('is missed, and its parts are known to all', () => {
    assert.deepEqual(
      [first, second].map((node) => [some(node).sync.status().missing, behind(some(node))]),
      [
        [1, 1],
        [1, 1],
      ],
    )
  })

  it('is unobtainable once no living member has had it for so long, and lags no more; that is said once', () => {
    world.tellLiving()
    lookFor(UNOBTAINABLE_MS - 10_000)
    assert.equal(some(first).sync.status().unobtainable, 0)
    lookFor(20_000)
    assert.equal(some(first).sync.status().unobtainable, 1)
    assert.equal(behind(some(first)), 0)
    lookFor(UNOBTAINABLE_MS)
    assert.deepEqual(some(first).unobtainable, [1])
  })

  it('is not while a member lives that has not been heard', () => {
    world.tellLiving()
    const living = [some(second).actor, some(newcomer).actor]
    for (let passed = 0; passed < 2 * UNOBTAINABLE_MS; passed += 10_000) {
      world.run(10_000)
      world.handle(some(first), { kind: 'members-seen', living })
    }
    assert.equal(some(first).sync.status().unobtainable, 0)
  })

  it('is not while its origin lives', () => {
    const living = [some(second).actor, origin.actor]
    for (let passed = 0; passed < 2 * UNOBTAINABLE_MS; passed += 10_000) {
      world.run(10_000)
      world.handle(some(first), { kind: 'members-seen', living })
    }
    assert.deepEqual([some(first).sync.status().unobtainable, behind(some(first))], [0, 1])
  })

  it('is not while others have the parts that are missing here', () => {
    const [, half] = origin.store.log.get(origin.actor)?.get(2 as never) ?? []
    const report = some(newcomer).store.apply({ changesets: [half as Uint8Array], cleared: [], basis: [] })
    world.handle(some(newcomer), { kind: 'applied', token: 0, report })
    world.connect(some(first), some(newcomer))
    assert.ok(world.run(ROUNDS_MS, () => some(first).sync.status().missing === 0))
  })

  it('keeps nobody from having caught up who has asked all that live', () => {
    world.connect(some(newcomer), some(first))
    world.connect(some(newcomer), some(second))
    world.run(ROUNDS_MS)
    assert.equal(some(newcomer).sync.status().caughtUp, false)
    world.tellLiving()
    world.run(ROUNDS_MS)
    world.tellLiving()
    assert.equal(some(newcomer).sync.status().caughtUp, true)
  })
})

describe('what an operator gives up', () => {
  beforeEach(() => {
    loseVersion2()
    world.giveUp(some(first))
    world.run(ROUNDS_MS)
  })

  it('is missed nowhere, its parts are gone, and the members find themselves equal', () => {
    for (const node of [first, second].map(some)) {
      const { missing, lost } = node.sync.status()
      assert.deepEqual([missing, lost, behind(node)], [0, 1, 0])
      assert.equal(node.store.incomplete.get(origin.actor)?.size ?? 0, 0)
    }
    const before = world.sentBytes
    world.run(1_000_000)
    assert.ok((world.sentBytes - before) / 1_000 < 200, 'nothing but pulses and digests')
  })

  it('is heard of by who was away', () => {
    world.connect(some(newcomer), some(second))
    world.run(ROUNDS_MS)
    const { missing, lost } = some(newcomer).sync.status()
    assert.deepEqual([missing, lost], [0, 1])
  })

  it('is told again by a store that failed', () => {
    world = new World({ nodes: 2, seed: 7, storeFailurePercent: 60 })
    const [a, b] = world.nodes as [WorldNode, WorldNode]
    world.handle(a, {
      kind: 'given-up',
      token: 0,
      knowledge: a.store.giveUp([
        { actor: origin.actor.replace('1', '9') as never, versions: [{ first: 3, last: 4 }] as never },
      ]),
    })
    world.connectAll()
    assert.ok(world.run(ROUNDS_MS, () => b.sync.status().lost === 2))
  })

  it('is taken by everybody when its origin comes back after all, and is lost no more', () => {
    world.restart(origin)
    world.connect(origin, some(second))
    world.connect(some(newcomer), some(second))
    assert.ok(world.run(ROUNDS_MS, () => world.isConverged()))
    world.run(ROUNDS_MS)
    for (const { sync } of world.nodes) assert.deepEqual([sync.status().missing, sync.status().lost], [0, 0])
  })
})

describe('random histories with members that die, operators that give up, and members that come back', () => {
  it('converge, miss nothing in the end, and fall silent', () => {
    for (let seed = 1; seed <= 40; seed += 1) losingHistory(seed, seed % 2 === 0)
  })
})

function losingHistory(seed: number, clearing: boolean): void {
  const nodes = 4
  const history = new World({ nodes, seed, clearing, lossPercent: 30, storeFailurePercent: 5 })
  const { prng } = history
  history.connectAll()
  for (let step = 0; step < 40; step += 1) {
    const [node, other] = [history.node(prng.below(nodes)), history.node(prng.below(nodes))]
    const dice = prng.below(100)
    if (dice < 60)
      history.commit(
        node,
        Array.from({ length: prng.chance(1, 3) ? 3 : 1 }, () => [prng.below(6)]),
      )
    else if (dice < 78 && node !== other) history.disconnect(node, other)
    else if (dice < 86 && node !== other) history.connect(node, other)
    else if (dice < 90) history.restart(node)
    else if (dice < 96) history.giveUp(node)
    history.run(prng.below(300))
  }
  // One is gone, perhaps with versions that only it has.
  const [gone, ...living] = history.nodes as [WorldNode, ...WorldNode[]]
  for (const other of living) history.disconnect(gone, other)
  for (const a of living) for (const b of living) if (a.actor < b.actor) history.connect(a, b)
  history.run(ROUNDS_MS)
  history.giveUp(living[0] as WorldNode)
  history.run(ROUNDS_MS)
  for (const { sync } of living) assert.equal(sync.status().missing, 0, `seed ${seed} misses something`)
  assert.equal(
    new Set(living.map(({ store }) => store.content())).size,
    1,
    `seed ${seed} differs without one`,
  )
  history.connectAll()
  assert.ok(
    history.run(ROUNDS_MS, () => history.isConverged()),
    `seed ${seed} does not converge`,
  )
  history.run(ROUNDS_MS)
  for (const { sync } of history.nodes)
    assert.deepEqual([sync.status().missing, sync.status().lost], [0, 0], `seed ${seed} misses something`)
}
