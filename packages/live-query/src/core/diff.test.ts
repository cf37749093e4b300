/** The difference of multisets: replaying it gives the new result, it is the smallest, and updates are only proven ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffResults, type FreshRow, type RowChangeEvent, type StoredRow } from './diff.ts'

const cells = fc.constantFrom('[1]', '[2]', '[3]', '["a"]')
const identity = fc.option(fc.constantFrom('k', 'l', 'm'), { nil: undefined })
const rows = fc.array(fc.record({ cells, identity }), { maxLength: 12 })

/** Identity follows from cells where a statement proves it, so equal cells have equal identities here, too. */
function consistent(rows: readonly FreshRow[]): FreshRow[] {
  const known = new Map<string, string | undefined>()
  return rows.map((row) => {
    if (!known.has(row.cells)) known.set(row.cells, row.identity)
    return { cells: row.cells, identity: known.get(row.cells) }
  })
}

function stored(rows: readonly FreshRow[]): StoredRow[] {
  return rows.map((row, i) => ({ ...row, rowId: 10 + i }))
}

function replay(rows: readonly StoredRow[], events: readonly RowChangeEvent[]): Map<number, string> {
  const byId = new Map(rows.map((row) => [row.rowId, row.cells]))
  for (const { kind, rowId, cells } of events) {
    assert.equal(byId.has(rowId), kind !== 'insert')
    if (kind === 'delete') assert.equal(byId.get(rowId), cells)
    if (kind === 'delete') byId.delete(rowId)
    else byId.set(rowId, cells)
  }
  return byId
}

function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort()
}

test('I-LIVE-1: replaying the difference on the old rows gives the new ones', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const old = stored(consistent(before))
      const events = diffResults(old, consistent(after), 100)
      assert.deepEqual(sorted(replay(old, events).values()), sorted(after.map((row) => row.cells)))
    }),
  )
})

test('rows that both results have keep their numbers and cost nothing', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const events = diffResults(stored(before), after, 100)
      const surplus = (a: readonly FreshRow[], b: readonly FreshRow[]): number => {
        const left = b.map((row) => row.cells)
        return a.filter((row) => {
          const at = left.indexOf(row.cells)
          if (at >= 0) left.splice(at, 1)
          return at < 0
        }).length
      }
      const count = (kind: string): number => events.filter((event) => event.kind === kind).length
      assert.equal(count('delete') + count('update'), surplus(before, after))
      assert.equal(count('insert') + count('update'), surplus(after, before))
    }),
  )
})

test('the order of the new result matters for nothing but the numbers of new rows', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const forget = (events: readonly RowChangeEvent[]): string[] =>
        sorted(events.map(({ kind, rowId, cells }) => `${kind} ${kind === 'insert' ? '' : rowId} ${cells}`))
      const old = stored(consistent(before))
      const fresh = consistent(after)
      assert.deepEqual(
        forget(diffResults(old, fresh, 100)),
        forget(diffResults(old, [...fresh].reverse(), 100)),
      )
    }),
  )
})

test('an update needs an identity that nobody else claims', () => {
  const old = stored([{ cells: '[1]', identity: 'k' }])
  const kinds = (...fresh: FreshRow[]): string[] => diffResults(old, fresh, 100).map(({ kind }) => kind)
  assert.deepEqual(diffResults(old, [{ cells: '[2]', identity: 'k' }], 100), [
    { kind: 'update', rowId: 10, cells: '[2]', identity: 'k' },
  ])
  assert.deepEqual(kinds({ cells: '[2]', identity: 'l' }), ['delete', 'insert'])
  assert.deepEqual(kinds({ cells: '[2]', identity: undefined }), ['delete', 'insert'])
  assert.deepEqual(kinds({ cells: '[2]', identity: 'k' }, { cells: '[3]', identity: 'k' }), [
    'delete',
    'insert',
    'insert',
  ])
})
