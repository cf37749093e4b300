import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peerAddress } from '@patina/base'
import { PeerKeys } from './peer-keys.ts'

const A = peerAddress('10.0.0.1:1')
const B = peerAddress('10.0.0.2:1')

test('who is heard with another key is answered with it, others with the first', () => {
  const keys = new PeerKeys(1)
  keys.heard(A, 2, 0)
  assert.deepEqual([keys.keyFor(A, 1), keys.keyFor(B, 1)], [2, 1])
  keys.heard(A, 1, 2)
  assert.equal(keys.keyFor(A, 3), 1)
})

test('the first key is tried again after half a minute, until the peer is heard with another one anew', () => {
  const keys = new PeerKeys(1)
  keys.heard(A, 2, 0)
  keys.heard(A, 2, 29_000)
  assert.equal(keys.keyFor(A, 29_999), 2)
  assert.deepEqual([keys.keyFor(A, 30_000), keys.keyFor(A, 30_001)], [1, 1])
  keys.heard(A, 2, 30_002)
  assert.equal(keys.keyFor(A, 30_003), 2)
})

test('another first key begins anew', () => {
  const keys = new PeerKeys(1)
  keys.heard(A, 2, 0)
  keys.rotated(3)
  assert.equal(keys.keyFor(A, 1), 3)
})

test('two with both keys that had answered each other with the old one come to the new one by themselves', () => {
  const [a, b] = [new PeerKeys(2), new PeerKeys(2)]
  a.heard(B, 1, 0)
  b.heard(A, 1, 0)
  let last = 1
  for (let now = 0; now < 31_000; now += 500) {
    last = a.keyFor(B, now)
    b.heard(A, last, now)
    a.heard(B, b.keyFor(A, now), now)
  }
  assert.equal(last, 2)
})
