import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SqliteValue, sameValue } from '@patina/base'
import { type Database, openDatabase, valueFromSqlite } from '@patina/sqlite'
import fc from 'fast-check'
import type { TableDefinition } from '../core/table.ts'
import { keeps } from './kept-values.ts'
import { NamesTable } from './names-table.ts'
import { definitionOf } from './schema-apply.ts'

/** Every affinity by its names, plain and STRICT, nullable and not. */
const TYPES = ['', 'BLOB', 'TEXT', 'VARCHAR(3)', 'INTEGER', 'INT', 'REAL', 'DOUBLE', 'NUMERIC', 'DATE', 'ANY']
const STRICT_TYPES = ['BLOB', 'TEXT', 'INTEGER', 'INT', 'REAL', 'ANY']

const VALUES: readonly SqliteValue[] = [
  ...[null, 0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  ...[0, -0, 1, -1, 0.5, 1e300, Infinity, -Infinity, 2 ** 53, 2 ** 62, 2 ** 63, -(2 ** 63), 5e-324],
  ...[2 ** 63 - 1024, -(2 ** 63) + 1024, 2 ** 64],
  ...[
    '',
    'a',
    '1',
    '1.0',
    '1.5',
    '.5',
    '5.',
    ' 1 ',
    '\t1',
    '\u00a01',
    '1e3',
    '1e400',
    '-0',
    '+1',
    '0x10',
    '1_0',
  ],
  ...['12\0', '12\0a', '\x0012', '1a', '- 1', 'inf', 'nan', '9223372036854775807', '9223372036854775808'],
  ...['9007199254740993.0', '1e', '1e+', '.', '-', '0'.repeat(400), '\u0661'],
  ...[new Uint8Array(0), new Uint8Array([49])],
]

interface Kept {
  readonly definition: TableDefinition
  readonly isKept: (column: number, value: SqliteValue) => boolean
}

/** A table with a column of each type, and what SQLite itself makes of a value in one of them. */
function tableOf(types: readonly string[], options = '', constraint = ''): Kept {
  const db: Database = openDatabase(':memory:')
  const columns = types.map((type, i) => `c${i} ${type} ${constraint}`)
  db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')}) ${options}`)
  NamesTable.create(db)
  const inserts = types.map((_, i) =>
    db.prepare(`INSERT OR REPLACE INTO t (id, c${i}) VALUES (1, ?) RETURNING c${i}`).safeIntegers().pluck(),
  )
  const stored = types.map((_, i) => db.prepare(`SELECT c${i} FROM t WHERE id = 1`).safeIntegers().pluck())
  return {
    definition: definitionOf(db, new NamesTable(db), 't'),
    isKept: (column, value) => {
      try {
        inserts[column]?.get(value)
      } catch {
        return false
      }
      return sameValue(valueFromSqlite(stored[column]?.get()), value)
    },
  }
}

const TABLES: readonly [types: readonly string[], options: string, constraint: string][] = [
  [TYPES, '', ''],
  [TYPES, '', "NOT NULL DEFAULT 'x'"],
  [STRICT_TYPES, 'STRICT', ''],
]

for (const [types, options, constraint] of TABLES) {
  const { definition, isKept } = tableOf(types, options, constraint)
  const name = `${options === '' ? 'plain' : options}${constraint === '' ? '' : ', NOT NULL'}`
  const agrees = (column: number, value: SqliteValue): void => {
    const { storage } = definition.columns[column] as TableDefinition['columns'][0]
    const shown = typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`
    assert.equal(keeps(storage, value), isKept(column, value), `${shown} in ${types[column]} (${name})`)
  }

  test(`a value is kept where SQLite keeps it: every type with every storage class, ${name}`, () => {
    for (const column of types.keys()) for (const value of VALUES) agrees(column, value)
  })

  test(`and texts and numbers of any look, ${name}`, () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123459+-.eExX \t\0_ab'), maxLength: 8 })
    const value = fc.oneof(
      text,
      fc.double({ noNaN: true }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    )
    fc.assert(
      fc.property(fc.nat(types.length - 1), value, (column, some) => agrees(column, some)),
      { numRuns: 2_000 },
    )
  })
}

test('keys: the rowid takes integers alone, and a BLOB key blobs', () => {
  const db = openDatabase(':memory:')
  db.exec(
    'CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id BLOB NOT NULL PRIMARY KEY, x) WITHOUT ROWID',
  )
  NamesTable.create(db)
  const keyOf = (table: string) => definitionOf(db, new NamesTable(db), table).key[0]?.storage
  for (const [table, kept] of [
    ['a', (value: SqliteValue) => typeof value === 'bigint'],
    ['b', (value: SqliteValue) => value instanceof Uint8Array],
  ] as const) {
    const storage = keyOf(table)
    assert.ok(storage)
    for (const value of VALUES) assert.equal(keeps(storage, value), kept(value), `${table}: ${String(value)}`)
  }
})
