import assert from 'node:assert/strict'
import test from 'node:test'
import { type ActorId, actorFromBytes, peerAddress } from '@patina/base'
import { encodeUpdate, recordCost } from './codec.ts'
import { Dissemination, retransmitLimit } from './dissemination.ts'
import type { Update } from './message.ts'
import type { MemberState } from './notification.ts'

const NONE: readonly ActorId[] = []
const ROOM = 10_000

function about(n: number, state: MemberState = 'alive', incarnation = 0): Update {
  const actor = actorFromBytes(new Uint8Array(16).fill(n))
  const record = {
    actor,
    generation: 1,
    incarnation,
    state,
    address: peerAddress('10.0.0.1:1'),
    told: undefined,
  }
  return { record, accusers: [] }
}

function bytes(...updates: Update[]): Uint8Array[] {
  return updates.map((update) => encodeUpdate(update))
}

test('SWIM §4.1: a rumor is sent 4·⌈log10(n + 1)⌉ times (memberlist: 4, 8, 12, 16)', () => {
  const limits = [1, 2, 9, 10, 99, 100, 999, 9_999].map((n) => retransmitLimit(4, n))
  assert.deepEqual(limits, [4, 4, 4, 8, 8, 12, 12, 16])
})

test('a rumor is forgotten at its limit', () => {
  const rumors = new Dissemination(10)
  rumors.put(about(1))
  for (let i = 0; i < 3; i += 1) assert.equal(rumors.take(ROOM, 3, NONE).length, 1)
  assert.equal(rumors.size(), 0)
})

test('least often sent first; what does not fit waits', () => {
  const rumors = new Dissemination(10)
  rumors.put(about(1))
  rumors.take(ROOM, 9, NONE)
  rumors.put(about(2))
  const [one] = bytes(about(2))
  const room = recordCost(one as Uint8Array)
  assert.deepEqual(rumors.take(room, 9, NONE), bytes(about(2)))
  assert.deepEqual(rumors.take(room - 1, 9, NONE), [])
  assert.equal(rumors.size(), 2)
})

test('alive before suspect before down, so that a refutation overtakes', () => {
  const rumors = new Dissemination(10)
  rumors.put(about(1, 'down'))
  rumors.put(about(2, 'suspect'))
  rumors.put(about(3, 'alive'))
  assert.deepEqual(rumors.take(ROOM, 9, NONE), bytes(about(3), about(2, 'suspect'), about(1, 'down')))
})

test('a newer rumor about a member replaces the older one and starts afresh', () => {
  const rumors = new Dissemination(10)
  rumors.put(about(1))
  rumors.take(ROOM, 2, NONE)
  rumors.put(about(1, 'suspect'))
  assert.equal(rumors.size(), 1)
  rumors.take(ROOM, 2, NONE)
  assert.deepEqual(rumors.take(ROOM, 2, NONE), bytes(about(1, 'suspect')))
})

test('nobody is told about who is left out', () => {
  const rumors = new Dissemination(10)
  rumors.put(about(1))
  assert.deepEqual(rumors.take(ROOM, 9, [about(1).record.actor]), [])
})

test('bounded: at the lid the most often sent goes, never the new one', () => {
  const rumors = new Dissemination(2)
  rumors.put(about(1))
  rumors.take(ROOM, 9, NONE)
  rumors.put(about(2))
  rumors.put(about(3))
  assert.equal(rumors.size(), 2)
  assert.deepEqual(rumors.take(ROOM, 9, NONE), bytes(about(3), about(2)))
})

test('a rumor that changes one which has spread is sent less often', () => {
  const rumors = new Dissemination(2)
  rumors.put(about(1))
  rumors.put(about(1, 'suspect'), 2)
  assert.equal(rumors.take(ROOM, 4, NONE).length, 1)
  assert.equal(rumors.take(ROOM, 4, NONE).length, 1)
  assert.equal(rumors.take(ROOM, 4, NONE).length, 0)
})
