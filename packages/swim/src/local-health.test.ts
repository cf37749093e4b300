import assert from 'node:assert/strict'
import test from 'node:test'
import { LocalHealth } from './local-health.ts'

test('the factor is 1 when all is well, grows with failures to its bound, and falls one by one', () => {
  const health = new LocalHealth(7)
  assert.equal(health.factor(), 1)
  health.improve()
  assert.equal(health.factor(), 1)
  health.worsen(3)
  assert.equal(health.factor(), 4)
  health.worsen(100)
  assert.equal(health.factor(), 8)
  health.improve()
  assert.equal(health.factor(), 7)
})
