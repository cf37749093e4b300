import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { EPOCH_MS, Fleet } from './fleet.ts'
import { localLatency } from './latency.ts'
import { NodeProgram } from './node-program.ts'
import type { StoreFaults } from './running-node.ts'
import { WORKLOAD_SCHEMAS } from './workload.ts'
import { World } from './world.ts'

const programs: NodeProgram[] = []
after(() => {
  for (const program of programs) program.dispose()
})

class Three {
  readonly world = new World(5)
  readonly fleet: Fleet
  readonly program: NodeProgram
  readonly commits: { readonly version: number; readonly ts: number }[] = []

  constructor(faults: StoreFaults = { failPpm: 0, workMs: [1, 1] }) {
    const { world } = this
    this.program = new NodeProgram({
      world,
      wallMs: ({ wallOffsetMs }) => EPOCH_MS + world.now + wallOffsetMs,
      schemas: WORKLOAD_SCHEMAS,
      durability: 'full',
      faults,
      watcher: { committed: (_, { version, ts }) => this.commits.push({ version, ts }) },
    })
    programs.push(this.program)
    this.fleet = new Fleet({ world, nodes: 3, latency: localLatency(1, 5), program: this.program })
    for (const host of this.fleet.hosts) this.fleet.start(host, host.node === 0 ? [] : [0])
    this.run(10_000)
  }

  run(ms: number): void {
    this.world.run(this.world.now + ms)
  }

  write(node: number, id: number): boolean {
    const request = [{ sql: 'INSERT INTO things (id) VALUES (?)', params: [BigInt(id)] }]
    return this.program.write(this.fleet.host(node), request)
  }

  name(node: number, name: string): boolean {
    const sql = 'INSERT OR REPLACE INTO things (id, name) VALUES (7, ?)'
    return this.program.write(this.fleet.host(node), [{ sql, params: [name] }])
  }

  /** What each node holds of that row. */
  names(): unknown[] {
    return this.fleet.hosts.map((host) =>
      this.program.storeOf(host)?.database.prepare('SELECT name FROM things WHERE id = 7').pluck().get(),
    )
  }

  ids(node: number): number[] {
    const store = this.program.storeOf(this.fleet.host(node))
    return (store?.database.prepare('SELECT id FROM things ORDER BY id').pluck().all() ?? []).map(Number)
  }
}

test('a write reaches all within the time that network and stores take', () => {
  const three = new Three()
  assert.ok(three.write(0, 7))
  assert.deepEqual(three.ids(0), [], 'the store takes its time')
  three.run(1)
  assert.deepEqual([three.ids(0), three.ids(1)], [[7], []])
  three.run(20)
  assert.deepEqual([three.ids(1), three.ids(2)], [[7], [7]])
})

test('a store does one thing after the other', () => {
  const three = new Three({ failPpm: 0, workMs: [10, 10] })
  three.write(0, 1)
  three.write(0, 2)
  three.run(15)
  assert.deepEqual(three.ids(0), [1])
  three.run(5)
  assert.deepEqual(three.ids(0), [1, 2])
})

test('a store that fails now and then delays, and loses nothing', () => {
  const three = new Three({ failPpm: 500_000, workMs: [1, 5] })
  const answers = new Map<string, number>()
  three.world.trace.watch((_atMs, _node, what, detail) => {
    if (what === 'store') answers.set(detail, (answers.get(detail) ?? 0) + 1)
  })
  for (let id = 0; id < 20; id += 1) three.write(id % 3, id)
  three.run(30_000)
  const all = Array.from({ length: 20 }, (_, id) => id)
  assert.deepEqual([three.ids(0), three.ids(1), three.ids(2)], [all, all, all])
  assert.ok((answers.get('apply-failed') ?? 0) > 0)
})

test('work that waits is lost with the process, and the node finds the rest when it is back', () => {
  const three = new Three()
  const host = three.fleet.host(2)
  three.write(2, 1)
  three.fleet.kill(host, 'process')
  assert.ok(!three.write(2, 2))
  three.write(0, 3)
  three.run(1_000)
  three.fleet.start(host, [0])
  three.run(10_000)
  assert.deepEqual([three.ids(0), three.ids(2)], [[3], [3]])
})

test('an empty disk is another actor, which gets all rows', () => {
  const three = new Three()
  const host = three.fleet.host(1)
  const before = host.actor
  three.write(1, 1)
  three.run(1_000)
  three.fleet.kill(host, 'power')
  three.fleet.wipe(host)
  three.fleet.start(host, [0])
  assert.notEqual(host.actor, before)
  assert.equal(three.program.storeOf(host)?.actor, host.actor)
  three.run(20_000)
  assert.deepEqual(three.ids(1), [1])
})

test('T-M2: a clock that went back an hour during a restart lowers neither versions nor stamps nor generations', () => {
  const three = new Three()
  const host = three.fleet.host(1)
  three.name(1, 'before')
  three.run(1_000)
  const [before] = three.commits.splice(0)
  const { generation } = host
  three.fleet.kill(host, 'process')
  host.wallOffsetMs = -3_600_000
  three.run(10_000)
  three.fleet.start(host, [0])
  three.run(10_000)
  three.name(1, 'after')
  three.run(1_000)
  const [after] = three.commits
  assert.ok(before && after)
  assert.ok(host.generation > generation)
  assert.equal(after.version, before.version + 1)
  assert.ok(after.ts > before.ts)
  assert.deepEqual(three.names(), ['after', 'after', 'after'], 'and what was written later counts')
})

test('same seed, same trace, with stores too', () => {
  const hash = (): string => {
    const three = new Three()
    for (let id = 0; id < 5; id += 1) three.write(id % 3, id % 2)
    three.run(5_000)
    return three.world.trace.hash()
  }
  assert.equal(hash(), hash())
})
