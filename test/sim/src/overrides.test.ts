import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseArguments } from './arguments.ts'
import { FAULT_NAMES, type Overrides, override, overrideArguments, replayLine } from './overrides.ts'
import { readScenario } from './scenario.ts'

const overrides: fc.Arbitrary<Overrides> = fc.record(
  {
    ci: fc.constant(true),
    nodes: fc.integer({ min: 2, max: 2_000 }),
    seconds: fc.integer({ min: 1, max: 100 }),
    loss: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    dropSteps: fc.uniqueArray(fc.nat(9), { minLength: 1 }),
    without: fc.uniqueArray(fc.constantFrom(...FAULT_NAMES), { minLength: 1 }),
  },
  { requiredKeys: [] },
)

test('what is written as arguments is read back', () => {
  fc.assert(
    fc.property(overrides, (some) => {
      const { loss, ...read } = parseArguments(['swim', ...overrideArguments(some)]).overrides
      const { loss: wanted, ...others } = some
      assert.deepEqual(read, others)
      assert.ok(Math.abs((loss ?? 0) - (wanted ?? 0)) < 1e-9)
    }),
  )
})

test('a scenario with everything otherwise', () => {
  const file = readScenario('S28')
  const other = override(file, {
    nodes: 20,
    seconds: 3,
    loss: 0.5,
    dropSteps: [0],
    without: ['duplicate', 'reorder'],
  })
  assert.deepEqual(
    [
      other.nodes,
      other.lengthMs,
      other.faults.lossPpm,
      other.faults.duplicatePpm,
      other.faults.reorderPpm,
      other.steps.length,
    ],
    [20, 3_000, 500_000, 0, 0, 0],
  )
  assert.equal(other.faults.corruptPpm, file.faults.corruptPpm)
  assert.deepEqual(override(file, {}), file)
})

test('as pushed: fewer nodes, and the criteria of those', () => {
  const file = readScenario('S3')
  const pushed = override(file, { ci: true })
  assert.equal(pushed.nodes, file.ci.nodes)
  assert.equal(pushed.criteria.length, file.criteria.length)
  for (const criterion of file.ci.criteria) assert.ok(pushed.criteria.includes(criterion))
})

test('what was calculated for a size is asked of that size alone', () => {
  const file = readScenario('S1')
  assert.equal(override(file, { seconds: 5 }).together.length, 3)
  assert.deepEqual(override(file, { ci: true }).together, [])
  assert.equal(override(readScenario('S1b'), { ci: true }).together.length, 1)
})

test('a fleet of another size keeps its share of nodes that start later', () => {
  const joining = readScenario('S25')
  assert.equal(override(joining, { nodes: 10 }).absent, 9)
  assert.equal(override(joining, { nodes: 1 }).absent, 0)
})

test('one line replays a run', () => {
  assert.equal(
    replayLine(readScenario('S14'), 17, { nodes: 12, dropSteps: [1], without: ['loss'] }),
    'pnpm sim swim --scenario S14 --seed 17 --nodes 12 --drop-steps 1 --without loss',
  )
})
