import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testActor } from '../contract/streams-contract.ts'
import { decodeFrame } from '../framing.ts'
import { limits } from '../limits.ts'
import {
  attachFrame,
  decodeAttach,
  decodeRefusal,
  decodeSwitch,
  decodeWelcome,
  goodbyeFrame,
  type RefusalReason,
  refusalFrame,
  switchFrame,
  welcomeFrame,
} from './handshake-frames.ts'

const TOLD: readonly RefusalReason[] = [
  'duplicate',
  'not-patina',
  'other-cluster',
  'incompatible-version',
  'own-actor',
  'hello-timeout',
  'too-many-sessions',
  'no-session',
]

function payload(bytes: Uint8Array, kind: string): Uint8Array {
  const frame = decodeFrame(bytes)
  assert.ok(frame.ok)
  assert.equal(frame.value.kind, kind)
  return frame.value.payload
}

test('attach and switch tell what they say, and what a later version adds is skipped', () => {
  const counters = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat())
  fc.assert(
    fc.property(counters, fc.uint8Array({ maxLength: 20 }), ([moment, serial], more) => {
      const word = { actor: testActor(3), process: 'ab'.repeat(16), moment, serial }
      const attach = Buffer.concat([payload(attachFrame(word), 'attach'), more])
      assert.deepEqual(decodeAttach(attach), { ok: true, value: word })
      const next = Buffer.concat([payload(switchFrame(serial), 'switch'), more])
      assert.deepEqual(decodeSwitch(next), { ok: true, value: serial })
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      decodeAttach(bytes)
      decodeSwitch(bytes)
    }),
  )
  assert.deepEqual([decodeAttach(new Uint8Array(32)).ok, decodeSwitch(new Uint8Array(0)).ok], [false, false])
})

test('a welcome tells its moment, and what a later version adds is skipped', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 20 }), (moment, more) => {
      const bytes = Buffer.concat([payload(welcomeFrame(moment), 'welcome'), more])
      assert.deepEqual(decodeWelcome(bytes), { ok: true, value: moment })
    }),
  )
  assert.equal(decodeWelcome(new Uint8Array(0)).ok, false)
})

test('each reason arrives as it was told', () => {
  for (const reason of TOLD) {
    const told = decodeRefusal(payload(refusalFrame({ reason, detail: 'because' }), 'refusal'))
    assert.deepEqual(told, { ok: true, value: { reason, detail: 'the peer refuses: because' } })
  }
})

test('a reason of a later version is a matter of versions', () => {
  const told = decodeRefusal(Uint8Array.of(120))
  assert.equal(told.ok && told.value.reason, 'incompatible-version')
})

test('a stranger’s text reaches a log short and printable', () => {
  const nasty = `\u001b[2J\n${'ä'.repeat(5_000)}`
  const frame = refusalFrame({ reason: 'not-patina', detail: nasty })
  assert.ok(frame.length < limits.helloBytesMax)
  const told = decodeRefusal(Buffer.concat([payload(frame, 'refusal'), Buffer.alloc(10_000, 'x')]))
  assert.ok(told.ok)
  assert.match(told.value.detail, /^[\x20-\x7e]{1,450}$/)
})

test('arbitrary bytes never throw, and a goodbye is empty', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      decodeWelcome(bytes)
      decodeRefusal(bytes)
    }),
  )
  assert.equal(payload(goodbyeFrame(), 'goodbye').length, 0)
})
