import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqliteValue } from '@patina/base'
import fc from 'fast-check'
import { foldEvents, keyIdentity, type RowEvent, type RowValues } from './fold.ts'
import type { TableDefinition } from './table.ts'

const table = {
  name: 't',
  ordinal: 0,
  key: [{ name: 'k', affinity: 'text', storage: { as: 'text', notNull: true } }],
  columns: ['a', 'b'].map((name, ordinal) => ({
    name,
    affinity: 'text',
    storage: { as: 'text', notNull: false },
    ordinal,
  })),
} as unknown as TableDefinition

const event = (before: RowValues | undefined, after: RowValues | undefined): RowEvent => ({
  table,
  before,
  after,
})

test('REPLACE is a delete and an insert to triggers, and an update of the columns that differ to us', () => {
  const changes = foldEvents([event(['x', '1', '2'], undefined), event(undefined, ['x', '1', '3'])])
  assert.deepEqual(changes, [{ kind: 'update', table, row: ['x', '1', '3'], changed: [1] }])
})

test('a row that comes and goes, or ends as it began, changes nothing', () => {
  assert.deepEqual(foldEvents([event(undefined, ['x', '1', '2']), event(['x', '1', '2'], undefined)]), [])
  assert.deepEqual(
    foldEvents([event(['x', '1', '2'], ['x', '9', '2']), event(['x', '9', '2'], ['x', '1', '2'])]),
    [],
  )
})

test('a new key is a delete of the old row and an insert of the new one', () => {
  assert.deepEqual(foldEvents([event(['x', '1', '2'], ['y', '1', '2'])]), [
    { kind: 'delete', table, row: ['x', '1', '2'] },
    { kind: 'insert', table, row: ['y', '1', '2'] },
  ])
})

test('1 and 1.0, and text and blob of the same bytes, are different values', () => {
  const one = foldEvents([event(['x', 1n, 'a'], ['x', 1, new Uint8Array([97])])])
  assert.deepEqual(one, [{ kind: 'update', table, row: ['x', 1, new Uint8Array([97])], changed: [0, 1] }])
})

test('folding equals the difference between the first and the last state of each row', () => {
  const step = fc.record({
    key: fc.constantFrom('x', 'y', 'z'),
    row: fc.option(fc.tuple(fc.constantFrom<string[]>('1', '2'), fc.constantFrom<string[]>('1', '2')), {
      nil: undefined,
    }),
  })
  fc.assert(
    fc.property(
      fc.array(step),
      fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constant<[string, string]>(['1', '1'])),
      (steps, start) => {
        const state = new Map(Object.entries(start))
        const events: RowEvent[] = []
        for (const { key, row } of steps) {
          const before = state.get(key)
          if (before === undefined && row === undefined) continue
          events.push(event(before && [key, ...before], row && [key, ...row]))
          if (row === undefined) state.delete(key)
          else state.set(key, row)
        }
        const changes = new Map(foldEvents(events).map((change) => [change.row[0] as string, change]))
        for (const key of ['x', 'y', 'z']) {
          const [was, is] = [start[key], state.get(key)]
          const kind = was === undefined ? is && 'insert' : is === undefined ? 'delete' : 'update'
          const same = was?.join() === is?.join()
          assert.equal(changes.get(key)?.kind, same ? undefined : kind, key)
        }
      },
    ),
  )
})

test('two keys share an identity only where class and bytes are the same', () => {
  const value = fc.oneof(
    fc.constantFrom<SqliteValue>('1', 1n, 1, -0, 0, 'i1;', new Uint8Array([49]), '', new Uint8Array()),
    fc.string({ maxLength: 3 }),
    fc.uint8Array({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 2 }),
      fc.array(value, { minLength: 2, maxLength: 2 }),
      (a, b) => {
        const same = a.every((v, i) => {
          const w = b[i]
          if (v instanceof Uint8Array) return w instanceof Uint8Array && Buffer.compare(v, w) === 0
          return Object.is(v, w)
        })
        assert.equal(keyIdentity(a) === keyIdentity(b), same)
      },
    ),
    { numRuns: 2000 },
  )
})

test('a TEXT key is not taken for another row whose identity reads the same', () => {
  const blob = new Uint8Array([0x78])
  const text = keyIdentity([blob])
  const changes = foldEvents([
    event(undefined, [text, '1', '2']),
    event(undefined, [blob, '3', '4']),
    event([text, '1', '2'], [text, '1', '5']),
  ])
  assert.deepEqual(
    changes.map(({ row }) => row),
    [
      [text, '1', '5'],
      [blob, '3', '4'],
    ],
  )
})
