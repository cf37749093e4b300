import assert from 'node:assert/strict'
import test from 'node:test'
import { actorFromBytes, actorId, instant, peerAddress } from '@patina/base'
import type { MemberRecord } from './member.ts'
import { Unverified } from './unverified.ts'

const TELLER = actorId('f'.repeat(32))

function record(n: number, incarnation = 0): MemberRecord {
  const actor = actorFromBytes(new Uint8Array(16).fill(n))
  const address = peerAddress(`10.0.${n >> 8}.${n & 255}:1`)
  return { actor, generation: 1, incarnation, state: 'alive', address, told: undefined }
}

test('due at once, then not while its probe is under way, then later and later, then forgotten', () => {
  const unverified = new Unverified()
  unverified.put(record(1), TELLER, 1, instant(0))
  assert.deepEqual(unverified.takeDue(9, instant(0)), [record(1)])
  assert.deepEqual(unverified.takeDue(9, instant(9_000)), [])
  unverified.failed(record(1).actor, instant(10_000))
  assert.equal(unverified.nextAt(), 12_000)
  unverified.takeDue(9, instant(12_000))
  unverified.failed(record(1).actor, instant(13_000))
  assert.equal(unverified.nextAt(), 17_000)
  unverified.takeDue(9, instant(17_000))
  unverified.failed(record(1).actor, instant(18_000))
  assert.equal(unverified.size(), 0)
})

test('what is told of it later counts, without another probe', () => {
  const unverified = new Unverified()
  unverified.put(record(1), TELLER, 1, instant(0))
  unverified.takeDue(1, instant(0))
  unverified.put(record(1, 4), TELLER, 1, instant(5))
  assert.equal(unverified.get(record(1).actor)?.record.incarnation, 4)
  assert.deepEqual(unverified.takeDue(1, instant(6)), [])
})

test('bounded: 1,000 however small the cluster, else twice its members', () => {
  for (const [members, expected] of [
    [2, 1_000],
    [600, 1_200],
  ] as const) {
    const unverified = new Unverified()
    const actor = (n: number) => actorId(n.toString(16).padStart(32, '0'))
    const outcomes = Array.from({ length: 1_300 }, (_, n) =>
      unverified.put({ ...record(1), actor: actor(n) }, TELLER, members, instant(0)),
    )
    assert.equal(outcomes.filter(Boolean).length, expected)
    assert.equal(unverified.size(), expected)
  }
})
