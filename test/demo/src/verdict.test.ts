import assert from 'node:assert/strict'
import test from 'node:test'
import { isFailure, verdictOf } from './verdict.ts'

test('an answer is healthy and a refused connection unhealthy at once; other failures count when they repeat', () => {
  assert.equal(verdictOf('ok', 0, 3), 'healthy')
  assert.equal(verdictOf('refused', 1, 3), 'unhealthy')
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => verdictOf('failed', failures, 3)),
    [undefined, undefined, 'unhealthy', 'unhealthy'],
  )
  assert.deepEqual((['ok', 'refused', 'failed'] as const).map(isFailure), [false, true, true])
})
