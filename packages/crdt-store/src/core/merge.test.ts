import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareValues, type SqliteValue, type Version } from '@patina/base'
import fc from 'fast-check'
import { type IncomingRow, mergeRow, writeCells } from './merge.ts'
import {
  type ActorOrder,
  type ActorOrdinal,
  type ColumnOrdinal,
  cellStamps,
  packCells,
  type RowClock,
  unpackCells,
} from './row-clock.ts'

/** A row as one replica holds it: clock and values. */
interface Row {
  clock: RowClock | undefined
  values: Map<ColumnOrdinal, SqliteValue>
}

/** Ordinals in an order of their own: actor 2 < 0 < 1. */
const RANKS = [1, 2, 0]
const order: ActorOrder = (a, b) => (RANKS[a] as number) - (RANKS[b] as number)

function merge(row: Row, incoming: IncomingRow): Row {
  const values = new Map(row.values)
  const verdict = mergeRow(row.clock, incoming, { order, readCell: (c) => row.values.get(c) ?? null })
  if (verdict.kind === 'lost') return row
  if (verdict.kind === 'reset') values.clear()
  const written = verdict.kind === 'reset' ? incoming.cells : verdict.written
  for (const { column, value } of written) values.set(column, value)
  return { clock: verdict.clock, values }
}

/** What must be equal on all replicas: causal length, owner, and per column stamp and value. */
function visible({ clock, values }: Row): unknown {
  if (clock === undefined) return undefined
  const cells = cellStamps(clock).map((cell) => [cell, values.get(cell.column)])
  return { causalLength: clock.causalLength, owner: clock.owner, cells }
}

const value = fc.constantFrom<SqliteValue>(null, 'a', 'b', 1n, 1, 2n, new Uint8Array([1]))
const change: fc.Arbitrary<IncomingRow> = fc
  .record({
    causalLength: fc.integer({ min: 1, max: 4 }),
    cells: fc.uniqueArray(
      fc.record({
        column: fc.integer({ min: 0, max: 2 }).map((n) => n as ColumnOrdinal),
        columnVersion: fc.integer({ min: 1, max: 3 }),
        value,
      }),
      { selector: ({ column }) => column, maxLength: 3 },
    ),
    actor: fc.integer({ min: 0, max: 2 }).map((n) => n as ActorOrdinal),
    version: fc.integer({ min: 1, max: 5 }).map((n) => n as Version),
  })
  .map(({ causalLength, cells, actor, version }) => ({
    causalLength,
    cells: causalLength % 2 === 0 ? [] : cells.toSorted((a, b) => a.column - b.column),
    stamp: { actor, version },
  }))

/** One (actor, version) says one thing about a row: later changes under the same stamp are dropped. */
function honest(changes: readonly IncomingRow[]): IncomingRow[] {
  const seen = new Set<string>()
  return changes.filter(({ stamp }) => {
    const id = `${stamp.actor}/${stamp.version}`
    return seen.has(id) ? false : seen.add(id)
  })
}

const EMPTY: Row = { clock: undefined, values: new Map() }

test('I-MERGE-1: any order and multiplicity of changes gives the same row, stamps included', () => {
  const histories = fc.array(change, { maxLength: 6 }).map(honest)
  fc.assert(
    fc.property(
      histories.chain((changes) =>
        fc.tuple(
          fc.constant(changes),
          fc.shuffledSubarray([...changes, ...changes], { minLength: 2 * changes.length }),
        ),
      ),
      ([changes, shuffled]) => {
        assert.deepEqual(visible(shuffled.reduce(merge, EMPTY)), visible(changes.reduce(merge, EMPTY)))
      },
    ),
    { numRuns: 3000 },
  )
})

test('the winner of a cell is the greatest by column version, value, actor, version', () => {
  const cellOnly = change.filter(({ causalLength }) => causalLength === 1)
  fc.assert(
    fc.property(fc.array(cellOnly, { minLength: 1, maxLength: 6 }).map(honest), (changes) => {
      const row = changes.reduce(merge, EMPTY)
      for (const stamp of cellStamps(row.clock as RowClock)) {
        const rivals = changes.flatMap(({ cells, stamp: by }) =>
          cells.filter(({ column }) => column === stamp.column).map((cell) => ({ ...cell, ...by })),
        )
        const best = rivals.reduce((a, b) => {
          const byRule =
            a.columnVersion - b.columnVersion ||
            compareValues(a.value, b.value) ||
            order(a.actor, b.actor) ||
            a.version - b.version
          return byRule >= 0 ? a : b
        })
        assert.deepEqual(
          [stamp.columnVersion, stamp.actor, stamp.version, row.values.get(stamp.column)],
          [best.columnVersion, best.actor, best.version, best.value],
        )
      }
    }),
    { numRuns: 2000 },
  )
})

test('lost and won stamps balance: what every version owns is what a recount finds', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }).map(honest), (changes) => {
      const live = new Map<string, number>()
      const add = (by: { actor: number; version: number }, n: number): void => {
        live.set(`${by.actor}/${by.version}`, (live.get(`${by.actor}/${by.version}`) ?? 0) + n)
      }
      let row = EMPTY
      for (const incoming of changes) {
        const verdict = mergeRow(row.clock, incoming, { order, readCell: (c) => row.values.get(c) ?? null })
        if (verdict.kind !== 'lost') {
          for (const loser of verdict.lost) add(loser, -1)
          add(incoming.stamp, verdict.kind === 'reset' ? incoming.cells.length + 1 : verdict.won)
        }
        row = merge(row, incoming)
      }
      const recount = new Map<string, number>()
      for (const by of row.clock === undefined ? [] : [...cellStamps(row.clock), row.clock.owner])
        recount.set(`${by.actor}/${by.version}`, (recount.get(`${by.actor}/${by.version}`) ?? 0) + 1)
      for (const [id, count] of live) assert.equal(count, recount.get(id) ?? 0, id)
    }),
    { numRuns: 2000 },
  )
})

test('the life owner moves off shared columns only after they are written out', () => {
  const first = { actor: 0 as ActorOrdinal, version: 1 as Version }
  const cells = [0, 1].map((n) => ({ column: n as ColumnOrdinal, columnVersion: 1, value: 'x' }))
  const row = merge(EMPTY, { causalLength: 1, cells, stamp: first })
  assert.equal(row.clock?.cells, undefined)
  const later = { actor: 1 as ActorOrdinal, version: 7 as Version }
  const moved = merge(row, {
    causalLength: 1,
    cells: [{ column: 0 as ColumnOrdinal, columnVersion: 2, value: 'y' }],
    stamp: later,
  })
  assert.deepEqual(moved.clock?.owner, later)
  assert.deepEqual(moved.clock?.cells, [
    { column: 0, columnVersion: 2, ...later },
    { column: 1, columnVersion: 1, ...first },
  ])
})

test('packed cells come back as they were', () => {
  const cell = fc.record({
    columnVersion: fc.integer({ min: 1, max: 2 ** 40 }),
    actor: fc.nat().map((n) => n as ActorOrdinal),
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map((n) => n as Version),
  })
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 20 }), (cells) => {
      const stamps = cells.map((each, i) => ({ column: (3 * i) as ColumnOrdinal, ...each }))
      assert.deepEqual(unpackCells(packCells(stamps)), stamps)
    }),
  )
})

test('a local write is the merge of cells that are one column version ahead', () => {
  const columns = fc
    .uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1 })
    .map((all) => all.toSorted((a, b) => a - b) as ColumnOrdinal[])
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), columns, (changes, columns) => {
      const start: Row = { clock: undefined, values: new Map() }
      const { clock: ours } = changes.reduce(merge, start)
      assert.ok(ours)
      const stamp = { actor: 1 as ActorOrdinal, version: 9 as Version }
      const { columnVersions, ...local } = writeCells(ours, columns, { stamp, order })
      const cells = columns.map((column, i) => ({
        column,
        columnVersion: columnVersions[i] as number,
        value: 'x',
      }))
      const verdict = mergeRow(
        ours,
        { causalLength: ours.causalLength, cells, stamp },
        { order, readCell: () => assert.fail('a local write ties') },
      )
      assert.ok(verdict.kind === 'cells')
      assert.deepEqual(verdict.written, cells)
      assert.deepEqual(local.clock, verdict.clock)
      assert.equal(local.won, verdict.won)
      assert.deepEqual(new Set(local.lost), new Set(verdict.lost))
    }),
  )
})
