import assert from 'node:assert/strict'
import test from 'node:test'
import { type ActorId, actorFromBytes, instant, Prng, peerAddress } from '@patina/base'
import fc from 'fast-check'
import { digestOf } from './digest.ts'
import type { MemberRecord } from './member.ts'
import { Members } from './members.ts'
import type { MemberState } from './notification.ts'

function record(n: number, state: MemberState = 'alive'): MemberRecord {
  const actor = actorFromBytes(new Uint8Array(16).fill(n))
  return {
    actor,
    generation: 1,
    incarnation: 0,
    state,
    address: peerAddress(`10.0.0.${n}:1`),
    told: undefined,
  }
}

function table(count: number, capacity = 100): Members {
  const members = new Members(capacity, new Prng(1))
  for (let n = 1; n <= count; n += 1) members.put(record(n), instant(n))
  return members
}

function probe(members: Members, times: number): (ActorId | undefined)[] {
  return Array.from({ length: times }, () => members.nextToProbe()?.record.actor)
}

test('SWIM §4.3: in n periods each member is probed exactly once, round after round, in changing order', () => {
  const members = table(10)
  probe(members, 10)
  const rounds = [1, 2, 3].map(() => probe(members, 10))
  for (const round of rounds) assert.equal(new Set(round).size, 10)
  assert.notDeepEqual(rounds[0], rounds[1])
})

test('of the next few the one goes first that was silent for longest, and still each once a round', () => {
  const members = table(40)
  probe(members, 40)
  for (const [n, heardAt] of [
    [7, 5],
    [8, 3],
    [9, 4],
  ] as const) {
    const member = members.get(record(n).actor)
    assert.ok(member)
    member.heardAt = instant(heardAt)
  }
  for (const member of members.all()) member.heardAt ??= instant(100)
  const round = probe(members, 40)
  const places = [8, 9, 7].map((n) => round.indexOf(record(n).actor))
  assert.ok(
    places.every((place) => place <= 10),
    `${places}`,
  )
  assert.equal(new Set(round).size, 40)
})

test('no slot is spent on who is down or left, and none where nobody is up', () => {
  const members = table(3)
  members.put(record(1, 'down'), instant(10))
  members.put(record(2, 'left'), instant(10))
  assert.deepEqual(probe(members, 3), Array(3).fill(record(3).actor))
  members.put(record(3, 'down'), instant(10))
  assert.equal(members.nextToProbe(), undefined)
  assert.equal(members.count(), 1)
})

test('a suspect is probed on, and who comes or comes back is probed within the round, once', () => {
  const members = table(4)
  probe(members, 4)
  members.put(record(1, 'suspect'), instant(10))
  members.put(record(2, 'down'), instant(10))
  members.put(record(2, 'alive'), instant(11))
  members.put(record(5), instant(11))
  assert.equal(new Set(probe(members, 7)).size, 5)
})

test('`since` is when the state changed, not when it was confirmed', () => {
  const members = table(1)
  members.put({ ...record(1), incarnation: 1 }, instant(50))
  assert.equal(members.get(record(1).actor)?.since, 1)
  members.put(record(1, 'suspect'), instant(60))
  assert.equal(members.get(record(1).actor)?.since, 60)
})

test('tombstones go at their age, the living never', () => {
  const members = table(2)
  members.put(record(1, 'down'), instant(10))
  members.forget(100, instant(109))
  assert.ok(members.get(record(1).actor))
  members.forget(100, instant(110))
  assert.equal(members.get(record(1).actor), undefined)
  assert.ok(members.get(record(2).actor))
})

test('bounded: a full table forgets the oldest left, then the oldest down, and else refuses', () => {
  const members = table(3, 3)
  members.put(record(1, 'down'), instant(10))
  members.put(record(2, 'left'), instant(11))
  assert.ok(members.put(record(4), instant(12)))
  assert.equal(members.get(record(2).actor), undefined)
  assert.ok(members.put(record(5), instant(13)))
  assert.equal(members.get(record(1).actor), undefined)
  assert.ok(!members.put(record(6), instant(14)))
  assert.equal([...members.all()].length, 3)
})

test('who was found silent by others is asked next: by all in a small cluster, by some eight in a large one', () => {
  const small = table(5)
  probe(small, 2)
  small.probeSoon(record(3).actor)
  assert.equal(small.nextToProbe()?.record.actor, record(3).actor)
  const askers = Array.from({ length: 300 }, (_, seed) => {
    const members = new Members(1_000, new Prng(seed))
    for (let n = 1; n <= 199; n += 1) members.put(record(n), instant(n))
    probe(members, 2)
    members.probeSoon(record(3).actor)
    return members.nextToProbe()?.record.actor === record(3).actor
  }).filter(Boolean).length
  assert.ok(askers >= 4 && askers <= 25, `${askers} of 300 with 8 of 200`)
})

test('I-SWIM-9: the digest is that of all records, whatever was put, changed, forgotten or pushed out', () => {
  const step = fc.record({
    n: fc.integer({ min: 1, max: 12 }),
    state: fc.constantFrom<MemberState>('alive', 'suspect', 'down', 'left'),
    incarnation: fc.nat(3),
    isForgetting: fc.boolean(),
  })
  const self = record(99)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const members = new Members(8, new Prng(1))
      for (const [at, { n, state, incarnation, isForgetting }] of steps.entries()) {
        members.put({ ...record(n, state), incarnation }, instant(at))
        if (isForgetting) members.forget(20, instant(at))
        const all = [...members.all()].map((member) => member.record)
        assert.deepEqual(members.digestWith(self), digestOf([self, ...all]))
      }
    }),
  )
})
