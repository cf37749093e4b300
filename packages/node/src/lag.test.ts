import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, millis, peerAddress, version } from '@patina/base'
import type { MemberView } from '@patina/swim'
import type { ActorLag } from '@patina/sync'
import { lagOf, liveActors, oldestView } from './lag.ts'

const [SELF, A, B, C] = ['0', 'a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]

function member(actor: ActorId, state: MemberView['state']): MemberView {
  const metadata = { name: '', region: '', apiAddress: '', tags: {} }
  const address = peerAddress('127.0.0.1:1')
  return { actor, address, state, generation: 1, incarnation: 0, metadata, rttMs: undefined, sinceMs: 0 }
}

test('who may write counts: alive and suspect', () => {
  const members = [member(A, 'alive'), member(B, 'suspect'), member(C, 'down'), member(SELF, 'left')]
  assert.deepEqual(liveActors(members), [A, B])
})

test('actors that are no live members have no age, live members that nothing is known of have a row', () => {
  const lag = (actor: ActorId): ActorLag => ({ actor, version: version(3), behind: 1, ageMs: millis(5) })
  assert.deepEqual(lagOf([lag(SELF), lag(A), lag(C)], SELF, [A, B]), [
    lag(SELF),
    lag(A),
    { actor: B, version: 0, behind: 0, ageMs: undefined },
    { ...lag(C), ageMs: undefined },
  ])
  assert.deepEqual(lagOf([], SELF, []), [{ actor: SELF, version: 0, behind: 0, ageMs: 0 }])
})

test('the oldest view is that of who was never heard, then the oldest', () => {
  const [a, b, c] = [
    { actor: A, ageMs: millis(5) },
    { actor: B, ageMs: millis(7) },
    { actor: C, ageMs: undefined },
  ]
  assert.equal(oldestView([]), undefined)
  assert.equal(oldestView([a, b]), b)
  assert.equal(oldestView([b, a]), b)
  assert.equal(oldestView([a, c, b]), c)
})
