/**
 * Who calls itself caught up has what the cluster had when it came, in random worlds: some that hold everything, and newcomers that begin at
 * the same time, meet each other first or last, and cannot reach everybody.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Cluster, type Host, pairOf } from './cluster.ts'

const WORLDS = 100
const HOLDERS_MAX = 2
const NEWCOMERS = 3
/** In which they begin one after the other: about what it takes to meet, or to be sent everything. */
const WINDOWS_MS = [60, 1_000] as const
/** With members that cannot be reached, and packets that are lost. */
const CAUGHT_UP_MS = 30_000

/** One host or two that have met and hold the same, and some that nobody has heard of. */
function world(seed: number): { readonly cluster: Cluster; readonly newcomers: readonly Host[] } {
  const holders = 1 + (seed % HOLDERS_MAX)
  const cluster = new Cluster({
    nodes: holders + NEWCOMERS,
    seed,
    datagramLossPercent: seed % 3 === 0 ? 30 : 0,
    storeMsMax: seed % 7 < 3 ? 300 : 2,
    latencyMsMax: seed % 5 === 0 ? 100 : 3,
  })
  const newcomers = cluster.hosts.slice(holders)
  for (const host of newcomers) host.isUp = false
  for (const host of cluster.hosts) cluster.handle(host, { kind: 'join', seeds: [cluster.host(0).address] })
  assert.ok(cluster.run(20_000, () => cluster.isMeshed()))
  for (let n = 0; n < 40; n += 1) cluster.commit(cluster.host(n % holders))
  assert.ok(cluster.run(20_000, () => cluster.isConverged()))
  return { cluster, newcomers }
}

function isReady({ node }: Host): boolean {
  return node.status().sync.caughtUp
}

it('is never so before everything is there, though other newcomers say that they hold the same', () => {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const { cluster, newcomers } = world(seed)
    const wanted = cluster.host(0).store.fingerprint()
    // One of two holders may be out of one newcomer's reach: the other one has all.
    if (seed % 4 === 1) cluster.blocked.add(pairOf(cluster.host(0), newcomers[0] as Host))
    const seeds = cluster.hosts.map(({ address }) => address)
    const areAllReady = (): boolean => {
      for (const host of newcomers)
        if (isReady(host)) assert.equal(host.store.fingerprint(), wanted, `seed ${seed}: ${cluster.now} ms`)
      return newcomers.every(isReady)
    }
    const windowMs = cluster.prng.pick(WINDOWS_MS)
    for (const host of newcomers) {
      cluster.run(cluster.prng.below(windowMs), areAllReady)
      host.isUp = true
      cluster.handle(host, { kind: 'join', seeds: cluster.prng.sample(seeds, seeds.length) })
    }
    assert.ok(cluster.run(CAUGHT_UP_MS, areAllReady), `seed ${seed}: ${newcomers.map(isReady).join()}`)
  }
})

it('is not so by the word of the only seed, where that has told of others', () => {
  let worlds = 0
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const { cluster, newcomers } = world(seed)
    const wanted = cluster.host(0).store.fingerprint()
    const [seeded, newcomer] = newcomers as [Host, Host]
    seeded.isUp = true
    cluster.handle(seeded, { kind: 'join', seeds: [cluster.host(0).address] })
    cluster.run(cluster.prng.below(WINDOWS_MS[0]))
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
  const { cluster, newcomers } = world(1)
  const [newcomer, absent] = newcomers as [Host, Host]
  const seeds = [cluster.host(0).address, absent.address]
  newcomer.isUp = true
  cluster.handle(newcomer, { kind: 'join', seeds })
  const began = cluster.now
  assert.ok(cluster.run(10_000, () => isReady(newcomer)))
  assert.ok(cluster.now - began >= 5_000 && cluster.now - began < 6_500, `${cluster.now - began} ms`)
})
