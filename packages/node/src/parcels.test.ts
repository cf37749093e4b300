import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, instant, type PeerAddress, peerAddress } from '@patina/base'
import { Parcels } from './parcels.ts'

const ONE = actorId('1'.repeat(32))
const TWO = actorId('2'.repeat(32))
const AT: PeerAddress = peerAddress('10.0.0.1:7000')
const ELSEWHERE: PeerAddress = peerAddress('10.0.0.2:7000')
const bytes = (n: number): Uint8Array => Uint8Array.of(n)

test('what waits goes out with the session, in order, once', () => {
  const parcels = new Parcels()
  assert.equal(parcels.put(AT, ONE, bytes(1), instant(0)), 'first')
  assert.equal(parcels.put(AT, ONE, bytes(2), instant(1)), 'waiting')
  assert.deepEqual(parcels.opened(TWO, AT, instant(2)), [], 'another process is there')
  assert.deepEqual(parcels.opened(ONE, ELSEWHERE, instant(3)), [bytes(1), bytes(2)])
  assert.deepEqual(parcels.opened(ONE, AT, instant(4)), [])
})

test('for whoever is there: by address', () => {
  const parcels = new Parcels()
  parcels.put(AT, undefined, bytes(1), instant(0))
  assert.deepEqual(parcels.opened(TWO, ELSEWHERE, instant(1)), [])
  assert.deepEqual(parcels.opened(TWO, AT, instant(1)), [bytes(1)])
})

test('what waited too long is dropped, and the next one dials anew', () => {
  const parcels = new Parcels()
  parcels.put(AT, ONE, bytes(1), instant(0))
  assert.equal(parcels.put(AT, ONE, bytes(2), instant(5_000)), 'first')
  assert.deepEqual(parcels.opened(ONE, AT, instant(5_001)), [bytes(2)])
})

test('bounded by messages for an address and by addresses', () => {
  const parcels = new Parcels()
  const outcomes = Array.from({ length: 17 }, () => parcels.put(AT, ONE, bytes(1), instant(0)))
  assert.equal(outcomes.at(-1), 'dropped')
  for (let i = 0; i < 255; i += 1)
    assert.equal(parcels.put(peerAddress(`10.0.1.${i}:1`), undefined, bytes(1), instant(0)), 'first')
  assert.equal(parcels.put(ELSEWHERE, undefined, bytes(1), instant(0)), 'dropped')
})
