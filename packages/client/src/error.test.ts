import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from './error.ts'

test('what may succeed when it is sent again: overload in all its forms, and a query whose process or snapshot was taken', () => {
  const cases = [
    [503, undefined, true],
    [503, 'snapshot-cut', true],
    [200, 'snapshot-cut', true],
    [200, 'retry', true],
    [200, 'timeout', false],
    [200, undefined, false],
    [500, 'timeout', false],
    [500, 'outcome-unknown', false],
    [400, 'ddl', false],
  ] as const
  for (const [status, code, retryable] of cases)
    assert.equal(new ApiError('no', { status, code }).retryable, retryable, `${status} ${code}`)
})
