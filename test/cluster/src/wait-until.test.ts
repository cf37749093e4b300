import assert from 'node:assert/strict'
import test from 'node:test'
import { StepFailure, waitUntil } from './wait-until.ts'

test('gives the first thing found, at once where it is there', async () => {
  let calls = 0
  const found = await waitUntil({ what: 'x', deadlineMs: 1000, pollMs: 1 }, async () => {
    calls += 1
    return calls === 3 ? 0 : undefined
  })
  assert.deepEqual([found, calls], [0, 3])
})

test('says what did not happen, and passes on what went wrong', async () => {
  const never = waitUntil({ what: 'the sky falls', deadlineMs: 5, pollMs: 1 }, async () => undefined)
  await assert.rejects(
    never,
    (error) => error instanceof StepFailure && /the sky falls: not within 0.005 s/.test(error.message),
  )
  await assert.rejects(
    waitUntil({ what: 'x', deadlineMs: 5 }, async () => {
      throw new TypeError('bug')
    }),
    TypeError,
  )
})
