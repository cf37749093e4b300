import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editDistance, nearestName } from './nearest-name.ts'

const KNOWN = ['db.path', 'api.bind_addr', 'gossip.bind_addr', 'gossip.tls.ca_file']

test('finds the name that was meant', () => {
  assert.equal(nearestName('api.bind_adr', KNOWN), 'api.bind_addr')
  assert.equal(nearestName('databse.path', KNOWN), 'db.path')
  assert.equal(nearestName('path', KNOWN), 'db.path')
  assert.equal(nearestName('something.else.entirely', KNOWN), undefined)
})

test('the distance is a metric', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 8 })
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      assert.equal(editDistance(a, b) === 0, a === b)
      assert.equal(editDistance(a, b), editDistance(b, a))
      assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c))
    }),
    { numRuns: 200 },
  )
})
