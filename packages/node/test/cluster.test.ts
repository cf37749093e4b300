/** Three composed nodes on a virtual network: they find each other, connect, replicate, and come back from every loss. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Cluster, pairOf } from './cluster.ts'

function started(options: {
  seed: number
  nodes?: number
  freshLossPercent?: number
  datagramLossPercent?: number
}): Cluster {
  const cluster = new Cluster({ nodes: 3, ...options })
  cluster.joinAll()
  assert.ok(
    cluster.run(20_000, () => cluster.isMeshed()),
    'sessions between all pairs',
  )
  return cluster
}

describe('a cluster of three', () => {
  it('meets by one seed and has a session for each pair within a second, dialled by the smaller actor', () => {
    const cluster = started({ seed: 1 })
    assert.ok(cluster.now < 1_000, `${cluster.now} ms`)
    cluster.run(5_000)
    assert.deepEqual(
      cluster.hosts.map(({ dialled }) => dialled.length),
      [2, 1, 0],
    )
    for (const { node } of cluster.hosts) {
      const { alive, sessionsOpen, sessionsMissing } = node.status()
      assert.deepEqual([alive, sessionsOpen, sessionsMissing], [2, 2, 0])
    }
  })

  it('sends a commit in the same call, and its receiver applies it in the same call', () => {
    const cluster = started({ seed: 2 })
    cluster.run(2_000)
    const [a, b] = [cluster.host(0), cluster.host(1)]
    const sent = cluster.handle(a, { kind: 'committed', commits: [a.store.commit()] })
    const messages = sent.filter((effect) => effect.kind === 'send-message')
    assert.equal(messages.length, 2)
    const { bytes, lane } = messages[0] as (typeof messages)[number] & { kind: 'send-message' }
    assert.equal(lane, 'fresh')
    const got = cluster.handle(b, { kind: 'message-received', from: a.actor, lane, bytes })
    assert.ok(got.some(({ kind }) => kind === 'apply'))
  })

  it('converges while a third of all fresh messages and datagrams are lost', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const cluster = started({ seed, freshLossPercent: 33, datagramLossPercent: 20 })
      for (let i = 0; i < 100; i += 1) {
        cluster.commit(cluster.host(cluster.prng.below(3)))
        cluster.run(cluster.prng.below(50))
      }
      assert.ok(
        cluster.run(30_000, () => cluster.isConverged()),
        `seed ${seed}`,
      )
    }
  })

  it('falls nearly silent in replication: digests under 150 bytes each way, pulses, and nothing else', () => {
    const cluster = started({ seed: 3 })
    for (let i = 0; i < 30; i += 1) cluster.commit(cluster.host(i % 3))
    cluster.run(60_000)
    const [messages, bytes] = [cluster.sentMessages, cluster.sentMessageBytes]
    cluster.run(60_000)
    assert.ok(cluster.isConverged())
    const pulses = 3 * 2 * 61
    const sent = cluster.sentMessages - messages
    assert.ok(sent <= 3 * 7 * 2 + pulses, `${sent} messages`)
    assert.ok(cluster.sentMessageBytes - bytes <= 3 * 7 * 2 * 150 + pulses * 20)
  })
})

describe('a node', () => {
  it('that is killed is dialled with back-off, ended when down, and catches up after its restart', () => {
    const cluster = started({ seed: 4 })
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)]
    cluster.run(10_000)
    for (const { dialled } of cluster.hosts) dialled.length = 0
    cluster.kill(c)
    assert.ok(
      cluster.run(10_000, () => a.node.status().down === 1 && b.node.status().down === 1),
      'down',
    )
    const dials = a.dialled.length
    assert.ok(dials >= 2 && dials <= 20, `${dials} dials`)
    for (let i = 0; i < 500; i += 1) cluster.commit(cluster.host(i % 2))
    cluster.run(5_000)
    assert.equal(a.dialled.length, dials, 'who is down is not dialled')
    cluster.start(c)
    const restarted = cluster.now
    assert.ok(
      cluster.run(5_000, () => cluster.isConverged()),
      c.store.fingerprint(),
    )
    assert.ok(cluster.now - restarted < 2_000, `${cluster.now - restarted} ms`)
    assert.ok(cluster.run(5_000, () => cluster.isMeshed()))
  })

  it('whose sessions break dials again within half a second, and nothing is lost', () => {
    const cluster = started({ seed: 5 })
    const [a, b] = [cluster.host(0), cluster.host(1)]
    cluster.run(10_000)
    for (let round = 0; round < 5; round += 1) {
      cluster.commit(a)
      cluster.cut(a, b)
      cluster.commit(b)
      assert.ok(cluster.run(6_000, () => cluster.isMeshed()))
    }
    assert.ok(cluster.run(3_000, () => cluster.isConverged()))
  })

  it('that can be reached by one of two gets everything by way of it', () => {
    const cluster = started({ seed: 6 })
    const [a, b] = [cluster.host(0), cluster.host(1)]
    cluster.blocked.add(pairOf(a, b))
    cluster.cut(a, b)
    for (let i = 0; i < 20; i += 1) cluster.commit(i % 2 === 0 ? a : b)
    assert.ok(cluster.run(20_000, () => cluster.isConverged()))
  })

  it('that was apart from the others for long finds back to them by itself', () => {
    const cluster = started({ seed: 7 })
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)]
    cluster.run(5_000)
    for (const other of [a, b]) {
      cluster.blocked.add(pairOf(other, c))
      cluster.cut(other, c)
    }
    for (let i = 0; i < 100; i += 1) {
      cluster.commit(cluster.host(i % 3))
      cluster.run(600)
    }
    assert.ok(!cluster.isConverged())
    assert.equal(c.node.status().down, 2)
    cluster.blocked.clear()
    assert.ok(
      cluster.run(60_000, () => cluster.isConverged() && cluster.isMeshed()),
      'converged',
    )
  })

  it('that leaves is not dialled again', () => {
    const cluster = started({ seed: 8 })
    const [a, , c] = [cluster.host(0), cluster.host(1), cluster.host(2)]
    cluster.run(3_000)
    cluster.handle(c, { kind: 'leave' })
    assert.ok(cluster.run(3_000, () => a.node.status().left === 1))
    cluster.run(100)
    assert.ok(!cluster.isConnected(a, c))
    a.dialled.length = 0
    cluster.run(10_000)
    assert.equal(a.dialled.length, 0)
    assert.equal(c.dialled.length, 0)
  })
})

describe('junk', () => {
  it('of any kind is counted and changes nothing', () => {
    const cluster = started({ seed: 9 })
    const [a, b] = [cluster.host(0), cluster.host(1)]
    cluster.commit(a)
    cluster.run(1_000)
    for (let i = 0; i < 500; i += 1) {
      const bytes = Uint8Array.from({ length: cluster.prng.below(60) }, () => cluster.prng.below(256))
      if (i % 2 === 0) bytes[0] = 2
      cluster.handle(b, { kind: 'message-received', from: a.actor, lane: 'fresh', bytes })
      cluster.handle(b, { kind: 'datagram-received', from: a.address, bytes })
    }
    assert.ok((b.counts.get('sync_malformed') ?? 0) > 400)
    cluster.commit(b)
    assert.ok(cluster.run(1_000, () => cluster.isConverged()))
  })
})
