import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { Prng } from '@patina/base'
import { type Change, Fleet } from './fleet.ts'
import { MACHINE_STATES, type Machine, machineBytes, machineId, SCHEMA_FILE } from './machine.ts'

const SMALL = 1500

function take<T>(items: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => items.next().value as T)
}

function countBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

test('the same seed gives the same rows and changes, another seed others', () => {
  const [a, b, other] = [1, 1, 2].map((seed) => new Fleet({ seed, instances: SMALL })) as [
    Fleet,
    Fleet,
    Fleet,
  ]
  assert.deepEqual([...a.rows()], [...b.rows()])
  assert.deepEqual(take(a.changes(), 500), take(b.changes(), 500))
  assert.notDeepEqual(take(a.rows(), 10), take(other.rows(), 10))
})

test('the first row of seed 1 stays what it is', () => {
  assert.deepEqual(take(new Fleet({ seed: 1, instances: SMALL }).rows(), 1), [
    {
      id: '64625032827fc3',
      app: 'gateway-service-bitter-lantern-000011',
      region: 'bom',
      node: 'worker-0016.bom.fleet.internal',
      addr: 'fdaa:0010:2046:0a7b:709c:5742:8862:0002',
      port: 16421,
      state: 'started',
      updated: 1767225600000,
    },
  ])
})

test('ids never clash, whatever the serial number', () => {
  const prng = new Prng(1)
  const prefixes = new Set(
    Array.from({ length: 10_000 }, (_, serial) => machineId(serial * 7919, prng).slice(0, 8)),
  )
  assert.equal(prefixes.size, 10_000)
})

test('rows fit the schema and have about 150 bytes', () => {
  const rows = [...new Fleet({ seed: 3, instances: SMALL }).rows()]
  const mean = rows.reduce((sum, row) => sum + machineBytes(row), 0) / rows.length
  assert.ok(mean >= 140 && mean <= 160, `mean ${mean} bytes`)
  for (const row of rows) {
    assert.match(row.id, /^[0-9a-f]{14}$/)
    assert.ok(machineBytes(row) >= 120 && machineBytes(row) <= 180)
    assert.ok(MACHINE_STATES.includes(row.state) && row.port >= 1024 && row.port < 65_536)
    assert.ok(row.node.includes(`.${row.region}.`))
  }
  const schema = readFileSync(SCHEMA_FILE, 'utf8')
  for (const column of Object.keys(rows[0] as Machine)) assert.match(schema, new RegExp(`^  ${column} `, 'm'))
})

test('apps are as popular as Zipf says and the largest host has its share', () => {
  const rows = [...new Fleet({ seed: 4, instances: 10_000 }).rows()]
  const apps = [...countBy(rows, (row) => row.app).values()].sort((a, b) => b - a)
  const slope = Math.log((apps[19] as number) / (apps[0] as number)) / Math.log(20)
  assert.ok(Math.abs(slope + 1.1) < 0.12, `slope ${slope}`)
  assert.equal(countBy(rows, (row) => row.region).size, 30)
  const hosts = [...countBy(rows, (row) => row.node).values()].sort((a, b) => b - a)
  assert.equal(hosts.length, 30)
  assert.ok((hosts[0] as number) / (hosts[29] as number) > 2)
})

test('at full scale the largest host has about 5,000 of a million instances', () => {
  const rows = take(new Fleet({ seed: 5 }).rows(), 10_000)
  const first = rows.filter((row) => row.node.startsWith('worker-0000.')).length
  assert.ok(Math.abs(first - 50) < 30, `${first} of 10,000`)
})

test('changes are 80 % of state, 10 % new, 10 % gone, and always possible', () => {
  const fleet = new Fleet({ seed: 6, instances: SMALL })
  const living = new Set([...fleet.rows()].map((row) => row.id))
  const changes = take<Change>(fleet.changes(), 5_000)
  for (const change of changes) {
    if (change.kind === 'new') {
      assert.equal(living.has(change.machine.id), false)
      living.add(change.machine.id)
    } else if (change.kind === 'gone') assert.equal(living.delete(change.id), true)
    else assert.equal(living.has(change.id), true)
  }
  const kinds = countBy(changes, (change) => change.kind)
  assert.ok(Math.abs((kinds.get('state') ?? 0) - 4000) < 150)
  assert.ok(Math.abs((kinds.get('new') ?? 0) - 500) < 110)
  assert.ok(Math.abs((kinds.get('gone') ?? 0) - 500) < 110)
})

test('a fleet that has lost everybody goes on with new instances', () => {
  const changes = take<Change>(new Fleet({ seed: 7, instances: 1 }).changes(), 200)
  assert.ok(changes.some((change) => change.kind === 'new'))
})

test('a scale outside of its bounds is refused', () => {
  assert.throws(() => new Fleet({ seed: 1, instances: 0 }), /not a scale/)
  assert.throws(() => new Fleet({ seed: 1, instances: 1.5 }), /not a scale/)
})
