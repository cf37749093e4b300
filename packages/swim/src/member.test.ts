import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import { compareRecords, type MemberRecord, mergeRecords, supersedes } from './member.ts'
import type { MemberState } from './notification.ts'

const ACTOR = actorId('00'.repeat(16))
const STATES: readonly MemberState[] = ['alive', 'suspect', 'down', 'left']

/** Address by generation, metadata by when it was told: as members tell them. */
function record(
  generation: number,
  incarnation: number,
  state: MemberState,
  told?: [number, number],
): MemberRecord {
  const address = peerAddress(`10.0.0.${generation}:4001`)
  const metadata = { name: `${told}`, region: '', apiAddress: '', tags: {} }
  return {
    actor: ACTOR,
    generation,
    incarnation,
    state,
    address,
    told: told && { generation: told[0], incarnation: told[1], metadata },
  }
}

/** Every record of two generations, three incarnations and four states, without metadata and with two tellings of it. */
const ALL: readonly MemberRecord[] = [1, 2].flatMap((generation) =>
  [0, 1, 2].flatMap((incarnation) =>
    STATES.flatMap((state) =>
      [undefined, [1, 0] as [number, number], [2, 1] as [number, number]].map((told) =>
        record(generation, incarnation, state, told),
      ),
    ),
  ),
)

function text(member: MemberRecord): string {
  return JSON.stringify(member)
}

test('merge commutes and repeats, exhaustively', () => {
  for (const a of ALL)
    for (const b of ALL) {
      const merged = text(mergeRecords(a, b))
      assert.equal(merged, text(mergeRecords(b, a)))
      assert.equal(merged, text(mergeRecords(mergeRecords(a, b), b)))
      assert.equal(merged, text(mergeRecords(a, mergeRecords(a, b))))
    }
})

test('merge associates, exhaustively over state and sparsely over metadata', () => {
  const few = ALL.filter((_, i) => i % 3 === 0 || i % 7 === 0)
  for (const a of few)
    for (const b of few) {
      const ab = mergeRecords(a, b)
      for (const c of few) {
        const left = mergeRecords(ab, c)
        const right = mergeRecords(a, mergeRecords(b, c))
        assert.ok(compareRecords(left, right) === 0 && left.told?.generation === right.told?.generation)
      }
    }
})

test('merge never falls: the outcome is at least both', () => {
  for (const a of ALL)
    for (const b of ALL) {
      const merged = mergeRecords(a, b)
      assert.ok(compareRecords(merged, a) >= 0 && compareRecords(merged, b) >= 0)
    }
})

test('precedence: the whole table of SWIM §4.2 at one generation, and where we differ', () => {
  const beats = (a: MemberState, i: number, b: MemberState, j: number): boolean =>
    supersedes(record(1, i, a), record(1, j, b))
  for (const state of STATES) {
    assert.ok(beats(state, 1, state, 0), `${state} of a higher incarnation is news`)
    assert.ok(!beats(state, 1, state, 1), `${state} said again is none`)
    assert.ok(!beats(state, 0, state, 1), `an old ${state} is none`)
    assert.ok(beats('alive', 1, state, 0), `alive revives ${state} of a lower incarnation`)
    assert.ok(!beats('alive', 1, state, 1), `alive does not refute ${state} of its own incarnation`)
  }
  assert.ok(beats('suspect', 1, 'alive', 1))
  assert.ok(beats('down', 1, 'alive', 1) && beats('down', 1, 'suspect', 1))
  assert.ok(beats('left', 1, 'down', 1))
  assert.ok(!beats('down', 0, 'alive', 1), 'an old verdict does not count (in SWIM any confirm does)')
  assert.ok(!beats('down', 1, 'left', 1))
})

test('a new generation supersedes everything of an older one', () => {
  for (const state of STATES) assert.ok(supersedes(record(2, 0, 'alive'), record(1, 4_294_967_295, state)))
})

test('metadata has its own order: a suspicion without it keeps it, an older telling does not replace it', () => {
  const known = record(1, 0, 'alive', [1, 0])
  assert.equal(mergeRecords(known, record(1, 1, 'suspect')).told, known.told)
  const newer = record(2, 1, 'alive', [2, 1])
  assert.equal(mergeRecords(newer, record(2, 2, 'alive', [1, 0])).told, newer.told)
})
