import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CheckRow, ConsulState, ServiceRow } from './consul-rows.ts'
import { applyDiff, diffStates, isEmpty, type StoredState, withoutDeletions } from './diff.ts'

const service = (id: string, port = 0): ServiceRow => ({
  id,
  name: id,
  tags: '[]',
  meta: '{}',
  port,
  address: '',
})
const check = (id: string, rest: Partial<CheckRow> = {}): CheckRow => ({
  id,
  serviceId: '',
  serviceName: '',
  name: id,
  status: 'passing',
  output: '',
  outputCounts: false,
  ...rest,
})

function stateOf(services: readonly ServiceRow[], checks: readonly CheckRow[]): ConsulState {
  return {
    services: new Map(services.map((row) => [row.id, row])),
    checks: new Map(checks.map((row) => [row.id, row])),
  }
}

const state: fc.Arbitrary<ConsulState> = fc
  .tuple(
    fc.array(fc.record({ id: fc.integer({ min: 0, max: 5 }), port: fc.nat(2) })),
    fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 5 }),
        status: fc.constantFrom('passing', 'critical'),
        output: fc.constantFrom('a', 'b'),
        outputCounts: fc.boolean(),
      }),
    ),
  )
  .map(([services, checks]) =>
    stateOf(
      services.map(({ id, port }) => service(`s${id}`, port)),
      checks.map(({ id, ...rest }) => check(`c${id}`, rest)),
    ),
  )

test('what was written is no difference any more', () => {
  fc.assert(
    fc.property(state, state, (stored, wanted) => {
      const now = applyDiff(stored, diffStates(wanted, stored))
      assert.ok(isEmpty(diffStates(wanted, now)))
      assert.deepEqual([...now.services.keys()].sort(), [...wanted.services.keys()].sort())
      assert.deepEqual([...now.checks.keys()].sort(), [...wanted.checks.keys()].sort())
    }),
  )
})

test('a state is no difference from itself', () => {
  fc.assert(fc.property(state, (same) => isEmpty(diffStates(same, same))))
})

test('without deletions every row stays, and what is new is written', () => {
  fc.assert(
    fc.property(state, state, (stored, wanted) => {
      const now = applyDiff(stored, withoutDeletions(diffStates(wanted, stored)))
      for (const id of [...stored.services.keys(), ...wanted.services.keys()]) assert.ok(now.services.has(id))
      for (const [id, row] of wanted.services) assert.deepEqual(now.services.get(id), row)
    }),
  )
})

test('each column of a service counts', () => {
  const stored = stateOf([service('a')], [])
  const changes: Partial<ServiceRow>[] = [
    { name: 'b' },
    { tags: '["x"]' },
    { meta: '{"k":"v"}' },
    { port: 1 },
    { address: '::1' },
  ]
  for (const change of changes) {
    const wanted = { ...service('a'), ...change }
    assert.deepEqual(diffStates(stateOf([wanted], []), stored).services, { written: [wanted], gone: [] })
  }
})

test('a new output alone is a difference only where it counts', () => {
  const stored: StoredState = stateOf([], [check('c', { output: 'at 10:00' })])
  const wanted = (rest: Partial<CheckRow>): ConsulState => stateOf([], [check('c', rest)])
  assert.ok(isEmpty(diffStates(wanted({ output: 'at 10:01' }), stored)))
  assert.equal(
    diffStates(wanted({ output: 'at 10:01', outputCounts: true }), stored).checks.written.length,
    1,
  )
  const changes: Partial<CheckRow>[] = [
    { status: 'critical' },
    { name: 'x' },
    { serviceId: 'x' },
    { serviceName: 'x' },
  ]
  for (const change of changes) assert.equal(diffStates(wanted(change), stored).checks.written.length, 1)
})
