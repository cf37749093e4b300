import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeChangeset, hlc, seq, version } from '@patina/base'
import { openStore, type Store } from '@patina/crdt-store'
import { defaultConfig } from '@patina/swim'
import { EPOCH_MS, Fleet } from '../fleet.ts'
import { actorOf, type Host } from '../host.ts'
import { localLatency } from '../latency.ts'
import { SwimProgram } from '../swim-program.ts'
import { WORKLOAD_SCHEMAS } from '../workload.ts'
import { World } from '../world.ts'
import { ReplicationChecker } from './replication.ts'

const world = new World(1)
const program = new SwimProgram(world, defaultConfig, () => EPOCH_MS)
const fleet = new Fleet({ world, nodes: 2, latency: localLatency(1, 1), program })
for (const host of fleet.hosts) fleet.start(host, [])

function changeset(v: number, content: number): Uint8Array {
  const only = seq(0)
  const place = { firstSeq: only, lastSeq: only, versionLastSeq: only }
  const header = { actor: actorOf(0, 0), version: version(v), ...place, ts: hlc(1), flags: 0 }
  return encodeChangeset(header, Uint8Array.of(content))
}

function newStore(node = 0): Store {
  const store = openStore({ path: ':memory:', newActor: () => actorOf(node, 0) })
  store.applySchema(WORKLOAD_SCHEMAS[0] ?? [])
  return store
}

function figure(checker: ReplicationChecker, stores: readonly Store[], name: string): number | undefined {
  return new Map(checker.figures(fleet, (host: Host) => stores[host.node])).get(name)
}

test('rows and knowledge that are not the same are counted', () => {
  const checker = new ReplicationChecker(() => 0)
  const stores = [newStore(0), newStore(1)]
  assert.equal(figure(checker, stores, 'rows_differ'), 0)
  const outcome = stores[0]?.transact([[{ sql: 'INSERT INTO things (id) VALUES (?)', params: [1n] }]])
  assert.equal(figure(checker, stores, 'rows_differ'), 1)
  assert.equal(figure(checker, stores, 'knowledge_differs'), 1)
  stores[1]?.apply(outcome?.commits.flatMap(({ changesets }) => changesets) ?? [])
  assert.equal(figure(checker, stores, 'rows_differ'), 0)
})

test('a version with two contents is a breach, a repetition is none', () => {
  const checker = new ReplicationChecker(() => 0)
  const host = fleet.host(0)
  checker.committed(host, { version: version(1), ts: hlc(1), changesets: [changeset(1, 5)] })
  checker.applied(host, [changeset(1, 5), changeset(2, 5)])
  assert.equal(figure(checker, [newStore()], 'versions_rewritten'), 0)
  checker.applied(host, [changeset(2, 6)])
  assert.equal(figure(checker, [newStore()], 'versions_rewritten'), 1)
})

test('propagation is from the commit to each apply', () => {
  let now = 100
  const checker = new ReplicationChecker(() => now)
  const host = fleet.host(0)
  checker.committed(host, { version: version(1), ts: hlc(1), changesets: [changeset(1, 5)] })
  now = 130
  checker.applied(host, [changeset(1, 5)])
  assert.equal(figure(checker, [newStore()], 'propagation.max_ms'), 30)
})

test('versions that delete are counted by themselves, too', () => {
  let now = 100
  const checker = new ReplicationChecker(() => now)
  const host = fleet.host(0)
  const commit = { ts: hlc(1), changesets: [changeset(1, 5)] }
  checker.committed(host, { ...commit, version: version(1), deletes: true })
  checker.committed(host, { ...commit, version: version(2), changesets: [changeset(2, 5)] })
  now = 130
  checker.applied(host, [changeset(1, 5)])
  now = 500
  checker.applied(host, [changeset(2, 5)])
  assert.equal(figure(checker, [newStore()], 'urgent'), 1)
  assert.equal(figure(checker, [newStore()], 'urgent.max_ms'), 30)
  assert.equal(figure(checker, [newStore()], 'propagation.max_ms'), 400)
})

test('what was committed must be there after a start', () => {
  const checker = new ReplicationChecker(() => 0)
  const host = fleet.host(0)
  checker.opened(host, newStore())
  assert.equal(figure(checker, [newStore()], 'commits_lost'), 0)
  checker.committed(host, { version: version(1), ts: hlc(1), changesets: [] })
  checker.opened(host, newStore())
  assert.equal(figure(checker, [newStore()], 'commits_lost'), 1)
})
