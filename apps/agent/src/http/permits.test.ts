import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Permits } from './permits.ts'

test('as many as there are, and one for each that is given back', () => {
  const permits = new Permits(2)
  const first = permits.take()
  assert.ok(first !== undefined && permits.take() !== undefined)
  assert.equal(permits.take(), undefined)
  first()
  first()
  assert.equal(permits.taken, 1)
  assert.ok(permits.take() !== undefined)
  assert.equal(permits.take(), undefined)
})
