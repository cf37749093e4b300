import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, type ActorVersions, actorId, RangeSet, type Version } from '@patina/base'
import fc from 'fast-check'
import { type Claim, type PendingClaim, settleClaims, type VersionSets } from './pending-claims.ts'

const [A, B, C] = ['a', 'b', 'c'].map((name) => actorId(name.repeat(32))) as [ActorId, ActorId, ActorId]

type Have = Readonly<Record<string, readonly number[]>>

const of = (actor: ActorId, ...versions: number[]): ActorVersions => ({
  actor,
  versions: versions.map((v) => ({ first: v as Version, last: v as Version })),
})

function settle(
  pending: readonly PendingClaim[],
  claim: Claim | undefined,
  have: Have,
  rangesMax = 1_000,
): ReturnType<typeof settleClaims> {
  const lacked = (actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> =>
    versions.subtract(RangeSet.of(of(actor, ...(have[actor] ?? [])).versions))
  return settleClaims(pending, claim, { lacked, rangesMax })
}

const shown = (sets: VersionSets): string[] => [...sets].map(([actor, versions]) => `${actor[0]} ${versions}`)

test('a claim whose basis is held counts at once; what is held already is not told again', () => {
  const claim = { cleared: [of(A, 1, 2)], basis: [of(A, 1, 2, 3), of(B, 1)] }
  const { held, pending } = settle([], claim, { [A]: [2, 3], [B]: [1] })
  assert.deepEqual(shown(held), ['a 1'])
  assert.deepEqual(pending, [])
})

test('one that lacks its winner waits, and counts when that arrives', () => {
  const claim = { cleared: [of(A, 1)], basis: [of(A, 1), of(B, 7)] }
  const first = settle([], claim, {})
  assert.equal(first.held.size, 0)
  assert.deepEqual(
    first.pending.map(({ lacks }) => shown(lacks)),
    [['a 1', 'b 7']],
  )
  const second = settle(first.pending, undefined, { [B]: [7] })
  assert.deepEqual(shown(second.held), ['a 1'])
  assert.deepEqual(second.pending, [])
})

test('claims that rest on each other close together', () => {
  const one = settle([], { cleared: [of(A, 1)], basis: [of(A, 1), of(B, 1)] }, {})
  const two = settle(one.pending, { cleared: [of(B, 1)], basis: [of(B, 1), of(C, 1)] }, {})
  assert.equal(two.held.size, 0)
  const three = settle(two.pending, undefined, { [C]: [1] })
  assert.deepEqual(shown(three.held), ['a 1', 'b 1'])
})

test('a new claim that nothing covers does not block the older ones', () => {
  const old = settle([], { cleared: [of(A, 1)], basis: [of(B, 1)] }, {})
  const both = settle(old.pending, { cleared: [of(A, 2)], basis: [of(C, 9)] }, { [B]: [1] })
  assert.deepEqual(shown(both.held), ['a 1'])
  assert.deepEqual(
    both.pending.map(({ cleared }) => shown(cleared)),
    [['a 2']],
  )
})

test('beyond the bound the oldest claims go; one that is larger than the bound is not kept', () => {
  const claims = [1, 3, 5].map((n) => ({ cleared: [of(A, n)], basis: [of(B, n)] }))
  let pending: readonly PendingClaim[] = []
  for (const claim of claims) pending = settle(pending, claim, {}, 4).pending
  assert.deepEqual(
    pending.map(({ cleared }) => shown(cleared)),
    [['a 3'], ['a 5']],
  )
  const large = { cleared: [of(A, 1, 3, 5, 7)], basis: [of(C, 1)] }
  assert.deepEqual(settle([], large, {}, 4).pending, [])
})

test('what closes is the largest set whose bases are covered by what is held and by itself, for any claims', () => {
  const versions = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })
  const sets = fc.tuple(versions, versions).map(([a, b]) => [of(A, ...a), of(B, ...b)])
  const claims = fc.array(fc.record({ cleared: sets, basis: sets }), { maxLength: 6 })
  fc.assert(
    fc.property(claims, versions, versions, (all, a, b) => {
      const have = { [A]: a, [B]: b }
      let pending: readonly PendingClaim[] = []
      const held = new Set<string>()
      for (const claim of all) {
        const settled = settle(pending, claim, { [A]: numbers(A, held, a), [B]: numbers(B, held, b) })
        for (const [actor, set] of settled.held)
          for (const { first, last } of set)
            for (let v: number = first; v <= last; v += 1) held.add(`${actor}/${v}`)
        pending = settled.pending
      }
      assert.deepEqual(held, closedBySearch(all, have))
    }),
  )
})

function numbers(actor: ActorId, held: ReadonlySet<string>, have: readonly number[]): number[] {
  return [1, 2, 3].filter((v) => have.includes(v) || held.has(`${actor}/${v}`))
}

/** Every subset of the claims is tried; claims that were covered earlier stay covered, so one search at the end is enough. */
function closedBySearch(claims: readonly Claim[], have: Have): Set<string> {
  const names = (list: readonly ActorVersions[]): string[] =>
    list.flatMap(({ actor, versions }) => versions.map(({ first }) => `${actor}/${first}`))
  const held = new Set(Object.entries(have).flatMap(([actor, list]) => list.map((v) => `${actor}/${v}`)))
  const closed = new Set<string>()
  for (let bits = 0; bits < 2 ** claims.length; bits += 1) {
    const chosen = claims.filter((_, i) => bits & (1 << i))
    const cleared = new Set(chosen.flatMap((claim) => names(claim.cleared)))
    const isCovered = chosen.every((claim) =>
      names(claim.basis).every((name) => held.has(name) || cleared.has(name)),
    )
    if (isCovered) for (const name of cleared) if (!held.has(name)) closed.add(name)
  }
  return closed
}
