import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import { judgeRecordOfSelf, keepsAddress } from './identity.ts'
import { INCARNATION_MAX, type MemberRecord } from './member.ts'

const SELF: MemberRecord = {
  actor: actorId('aa'.repeat(16)),
  generation: 5,
  incarnation: 2,
  state: 'alive',
  address: peerAddress('10.0.0.1:4001'),
  told: undefined,
}
const judge = (said: Partial<MemberRecord>): string => judgeRecordOfSelf(SELF, { ...SELF, ...said })

test('what is said of ourselves: refute what stands, repeat what was refuted, ignore our own words', () => {
  assert.equal(judge({}), 'ignore')
  assert.equal(judge({ incarnation: 1 }), 'ignore')
  for (const state of ['suspect', 'down', 'left'] as const) {
    assert.equal(judge({ state }), 'refute')
    assert.equal(judge({ state, incarnation: 9 }), 'refute')
    assert.equal(judge({ state, incarnation: 1 }), 'repeat')
    assert.equal(judge({ state, generation: 4, incarnation: 9 }), 'repeat')
  }
})

test('what we cannot have said is a clash', () => {
  assert.equal(judge({ generation: 6, incarnation: 0 }), 'clash')
  assert.equal(judge({ generation: 6, state: 'down' }), 'clash')
  assert.equal(judge({ incarnation: 3 }), 'clash')
  assert.equal(judge({ address: peerAddress('10.0.0.2:4001') }), 'clash')
  assert.equal(judge({ state: 'down', incarnation: INCARNATION_MAX }), 'clash', 'it could not be refuted')
})

test('an address goes to the newer generation, on a tie to the greater actor: one winner, whoever judges', () => {
  const other: MemberRecord = { ...SELF, actor: actorId('bb'.repeat(16)) }
  assert.ok(
    keepsAddress({ ...SELF, generation: 6 }, other) && !keepsAddress(other, { ...SELF, generation: 6 }),
  )
  assert.ok(keepsAddress(other, SELF) && !keepsAddress(SELF, other))
})
