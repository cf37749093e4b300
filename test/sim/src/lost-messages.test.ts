import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LostMessages, type MessageFaults, NO_MESSAGE_FAULTS } from './lost-messages.ts'

const CHANGES = Uint8Array.of(2, 0x0a, 0)
const DIGEST = Uint8Array.of(2, 0x12, 0)
const REFUSAL = Uint8Array.of(2, 0x42, 0)
const PULSE = Uint8Array.of(2, 0xba, 0x01, 0)
const OF_SWIM = Uint8Array.of(1, 0x0a, 0)

function passing(faults: Partial<MessageFaults>, messages: readonly Uint8Array[]): boolean[] {
  const lost = new LostMessages({ ...NO_MESSAGE_FAULTS, ...faults })
  return messages.map((message) => lost.passes(message))
}

test('without faults everything passes, also what is no message', () => {
  const all = [CHANGES, DIGEST, REFUSAL, PULSE, OF_SWIM, new Uint8Array(), Uint8Array.of(2)]
  assert.ok(passing({}, all).every(Boolean))
})

test('each mechanism is lost alone, and membership never', () => {
  const all = [CHANGES, DIGEST, REFUSAL, PULSE, OF_SWIM]
  assert.deepEqual(passing({ broadcast: false }, all), [false, true, true, true, true])
  assert.deepEqual(passing({ antiEntropy: false }, all), [true, false, false, true, true])
})

test('every third is lost and counted, those of membership not among them', () => {
  const lost = new LostMessages({ ...NO_MESSAGE_FAULTS, dropEvery: 3 })
  const passed = [CHANGES, OF_SWIM, DIGEST, OF_SWIM, CHANGES, CHANGES].map((message) => lost.passes(message))
  assert.deepEqual(passed, [true, true, true, true, false, true])
  assert.equal(lost.lost, 1)
})
