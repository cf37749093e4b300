/** Actor ids: one accepted form, round trip, and string order that is byte order. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ACTOR_BYTES, actorFromBytes, actorId, actorToBytes, compareActors, isActorId } from './actor.ts'

const bytes16: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: ACTOR_BYTES, maxLength: ACTOR_BYTES })

test('sixteen bytes become 32 lower-case hex digits and come back, at any offset', () => {
  fc.assert(
    fc.property(bytes16, fc.uint8Array({ maxLength: 5 }), (bytes, before) => {
      const actor = actorFromBytes(Uint8Array.of(...before, ...bytes), before.length)
      assert.ok(isActorId(actor))
      assert.equal(actor, Buffer.from(bytes).toString('hex'))
      assert.deepEqual(actorToBytes(actor), Uint8Array.from(bytes))
    }),
  )
})

test('string order is byte order', () => {
  fc.assert(
    fc.property(bytes16, bytes16, (a, b) => {
      assert.equal(compareActors(actorFromBytes(a), actorFromBytes(b)), Buffer.compare(a, b))
    }),
  )
})

test('other forms are no actor ids', () => {
  const good = 'ab'.repeat(16)
  assert.equal(actorId(good), good)
  for (const text of [
    '',
    good.toUpperCase(),
    good.slice(1),
    `${good}0`,
    `${good}\n`,
    ` ${good}`,
    'g'.repeat(32),
  ]) {
    assert.equal(isActorId(text), false)
    assert.throws(() => actorId(text), /not an actor id/)
  }
  assert.throws(() => actorFromBytes(new Uint8Array(15)), /16 bytes/)
  assert.throws(() => actorFromBytes(new Uint8Array(16), 1), /16 bytes/)
})
