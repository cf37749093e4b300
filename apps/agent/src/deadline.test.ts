import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from './deadline.ts'

test('the value, where it comes in time', async () => {
  assert.deepEqual(await within(1_000, Promise.resolve(5)), { kind: 'done', value: 5 })
})

test('late, where it does not', async () => {
  assert.deepEqual(await within(1, new Promise(() => {})), { kind: 'late' })
})

test("a rejection passes through in time and is nobody's afterwards", async () => {
  await assert.rejects(within(1_000, Promise.reject(new Error('no'))), /no/)
  const later = Promise.withResolvers<never>()
  assert.deepEqual(await within(1, later.promise), { kind: 'late' })
  later.reject(new Error('unhandled'))
  await new Promise((resolve) => setImmediate(resolve))
})
