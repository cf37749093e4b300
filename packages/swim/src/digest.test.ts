import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import fc from 'fast-check'
import { bucketOf, differingBuckets, digestOf } from './digest.ts'
import type { MemberRecord } from './member.ts'

const record: fc.Arbitrary<MemberRecord> = fc.record({
  actor: fc
    .integer({ min: 0, max: 600 })
    .map((n) => actorId(((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').repeat(4))),
  generation: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  incarnation: fc.nat(9),
  state: fc.constantFrom('alive', 'suspect', 'down', 'left'),
  address: fc.constant(peerAddress('10.0.0.1:1')),
  told: fc.constant(undefined),
})
const records = fc.uniqueArray(record, { maxLength: 40, selector: ({ actor }) => actor })

test('equal views have equal digests, in whatever order', () => {
  fc.assert(
    fc.property(records, (view) =>
      assert.deepEqual(differingBuckets(digestOf(view), digestOf(view.toReversed())), []),
    ),
  )
})

test('any change of one record shows in its bucket, and in no other', () => {
  const change = fc.constantFrom<(r: MemberRecord) => MemberRecord>(
    (r) => ({ ...r, incarnation: r.incarnation + 1 }),
    (r) => ({ ...r, generation: r.generation > 1 ? r.generation - 1 : 2 }),
    (r) => ({ ...r, state: r.state === 'left' ? 'down' : 'left' }),
    (r) => ({
      ...r,
      told: { generation: 1, incarnation: 0, metadata: { name: '', region: '', apiAddress: '', tags: {} } },
    }),
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(record, { minLength: 1, maxLength: 40, selector: ({ actor }) => actor }),
      change,
      (view, changed) => {
        const [first, ...rest] = view
        assert.ok(first !== undefined)
        const differing = differingBuckets(digestOf(view), digestOf([...rest, changed(first)]))
        assert.deepEqual(differing, [bucketOf(first.actor)])
        assert.deepEqual(differingBuckets(digestOf(view), digestOf(rest)), [bucketOf(first.actor)])
      },
    ),
  )
})

test('a suspicion is no difference: it is settled before views are compared', () => {
  const one = {
    actor: actorId('ab'.repeat(16)),
    generation: 1,
    incarnation: 0,
    address: peerAddress('10.0.0.1:1'),
    told: undefined,
  }
  assert.deepEqual(digestOf([{ ...one, state: 'alive' }]), digestOf([{ ...one, state: 'suspect' }]))
})
