/**
 * Who calls itself caught up has what the cluster had when it came, in random worlds: some that hold everything, and newcomers that begin at
 * the same time, meet each other first or last, and cannot reach everybody.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Cluster, type Host, pairOf } from './cluster.ts'

const WORLDS = 60
const HOLDERS = 2
const NEWCOMERS = 3
/** In which they begin: about what it takes to meet. */
const WINDOW_MS = 60
/** With members that cannot be reached, and packets that are lost. */
const CAUGHT_UP_MS = 30_000

/** Some hosts that have met and hold the same, and as many again that nobody has heard of. */
function holders(seed: number): Cluster {
  const cluster = new Cluster({
    nodes: HOLDERS + NEWCOMERS,
    seed,
    datagramLossPercent: seed % 3 === 0 ? 30 : 0,
  })
  for (const host of cluster.hosts.slice(HOLDERS)) host.isUp = false
  const [first, second] = [cluster.host(0), cluster.host(1)]
  for (const host of [first, second]) cluster.handle(host, { kind: 'join', seeds: [first.address] })
  assert.ok(cluster.run(20_000, () => cluster.isConnected(first, second)))
  for (let n = 0; n < 40; n += 1) cluster.commit(cluster.host(n % HOLDERS))
  assert.ok(cluster.run(20_000, () => first.store.fingerprint() === second.store.fingerprint()))
  return cluster
}

function isReady({ node }: Host): boolean {
  return node.status().sync.caughtUp
}

it('is never so before everything is there, though other newcomers say that they hold the same', () => {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const cluster = holders(seed)
    const wanted = cluster.host(0).store.fingerprint()
    const newcomers = cluster.hosts.slice(HOLDERS)
    // One holder may be out of one newcomer's reach: the other one has all.
    if (seed % 4 === 0) cluster.blocked.add(pairOf(cluster.host(0), newcomers[0] as Host))
    const seeds = cluster.hosts.map(({ address }) => address)
    for (const host of newcomers) {
      cluster.run(cluster.prng.below(WINDOW_MS))
      host.isUp = true
      cluster.handle(host, { kind: 'join', seeds: cluster.prng.sample(seeds, seeds.length) })
    }
    const areReady = cluster.run(CAUGHT_UP_MS, () => {
      for (const host of newcomers)
        if (isReady(host)) assert.equal(host.store.fingerprint(), wanted, `seed ${seed}: ${cluster.now} ms`)
      return newcomers.every(isReady)
    })
    assert.ok(areReady, `seed ${seed}: ${newcomers.map(isReady).join()}`)
  }
})

it('is not so by the word of the only seed, where that has told of others', () => {
  let worlds = 0
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const cluster = holders(seed)
    const wanted = cluster.host(0).store.fingerprint()
    const [seeded, newcomer] = cluster.hosts.slice(HOLDERS) as [Host, Host]
    seeded.isUp = true
    cluster.handle(seeded, { kind: 'join', seeds: [cluster.host(0).address] })
    cluster.run(cluster.prng.below(WINDOW_MS))
    if (seeded.node.status().alive === 0 || seeded.store.fingerprint() === wanted) continue
    worlds += 1
    newcomer.isUp = true
    cluster.handle(newcomer, { kind: 'join', seeds: [seeded.address] })
    assert.ok(cluster.run(CAUGHT_UP_MS, () => isReady(newcomer)))
    assert.equal(newcomer.store.fingerprint(), wanted, `seed ${seed}: ${cluster.now} ms`)
  }
  assert.ok(worlds >= 5, `${worlds} of ${WORLDS}`)
})

it('is soon so where everybody is there, and where all begin at once', () => {
  const cluster = new Cluster({ nodes: 5, seed: 1 })
  const seeds = cluster.hosts.map(({ address }) => address)
  for (const host of cluster.hosts) cluster.handle(host, { kind: 'join', seeds })
  assert.ok(cluster.run(2_000, () => cluster.hosts.every(isReady)))
})

it('waits for a seed that is not there for five seconds', () => {
  const cluster = holders(1)
  const newcomer = cluster.host(HOLDERS)
  const seeds = [cluster.host(0).address, cluster.host(HOLDERS + 1).address]
  newcomer.isUp = true
  cluster.handle(newcomer, { kind: 'join', seeds })
  const began = cluster.now
  assert.ok(cluster.run(10_000, () => isReady(newcomer)))
  assert.ok(cluster.now - began >= 5_000 && cluster.now - began < 6_500, `${cluster.now - began} ms`)
})
