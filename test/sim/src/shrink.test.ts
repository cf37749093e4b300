import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readScenario } from './scenario.ts'
import { type Failure, shrink } from './shrink.ts'

const scenario = readScenario('S12')
const found: Failure = { seed: 9, overrides: {} }

function smaller(fails: (failure: Failure) => boolean, runsMax = 1_000): Failure {
  return shrink(found, { scenario, fails, runsMax, seedsPerAttempt: 2 })
}

test('what needs five nodes and one step comes down to them', () => {
  const { overrides } = smaller(
    ({ overrides: { nodes = scenario.nodes, dropSteps = [] } }) => nodes >= 5 && !dropSteps.includes(3),
  )
  assert.equal(overrides.nodes, 5)
  assert.deepEqual(overrides.dropSteps, [0, 1, 2, 4, 5])
  assert.equal(overrides.seconds, 1)
})

test('another seed does where the first one does not', () => {
  const { seed, overrides } = smaller(
    ({ seed: drawn, overrides: { nodes } }) => nodes === undefined || drawn === 1,
  )
  assert.equal(seed, 1)
  assert.equal(overrides.nodes, 2)
})

test('what cannot be made smaller stays, and runs are bounded', () => {
  assert.deepEqual(
    smaller(() => false),
    found,
  )
  for (const answer of [true, false]) {
    let runs = 0
    smaller(() => {
      runs += 1
      return answer
    }, 3)
    assert.equal(runs, 3)
  }
})
