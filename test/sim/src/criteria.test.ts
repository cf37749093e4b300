import assert from 'node:assert/strict'
import { test } from 'node:test'
import { criterionText, isInvariant, judge, parseCriterion } from './criteria.ts'

function holds(bound: string, got: number | undefined): boolean {
  const figures = new Map(got === undefined ? [] : [['x', got] as const])
  return judge([parseCriterion('x', bound, 'test')], figures)[0]?.holds === true
}

test('bounds hold at their edge and not beyond', () => {
  assert.ok(holds('<= 10', 10) && !holds('<= 10', 10.01))
  assert.ok(holds('>= 1.5', 1.5) && !holds('>= 1.5', 1.49))
  assert.ok(holds('= 0', 0) && !holds('= 0', 1))
  assert.ok(holds('>= 1 and <= 2', 2) && !holds('>= 1 and <= 2', 3) && !holds('>= 1 and <= 2', 0))
})

test('a figure that the run does not have fails', () => {
  assert.ok(!holds('<= 10', undefined))
})

test('a criterion reads as it was written', () => {
  assert.equal(criterionText(parseCriterion('x', '>= 1 and <= 2', 'test')), 'x >= 1 and <= 2')
  assert.throws(() => parseCriterion('x', '< 1', 'test'), /test: "x" must be bounds/)
})

test('an exact number must hold whatever the seed; a bound is one of chance', () => {
  const invariants = ['= 0', '<= 0', '>= 1 and <= 2', '= 3'].map((text) =>
    isInvariant(parseCriterion('x', text, 'here')),
  )
  assert.deepEqual(invariants, [true, false, false, true])
})
