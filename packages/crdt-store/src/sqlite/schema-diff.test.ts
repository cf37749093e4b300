import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SchemaError } from '../errors.ts'
import { readSchema } from './schema.ts'
import { diffSchema, type LiveStructure, type SchemaChange } from './schema-diff.ts'

/** A file that was made from this text. */
function live(sql: string, state: 'replicated' | 'plain' = 'replicated'): LiveStructure {
  const { tables, views } = readSchema([{ name: 'before.sql', sql }])
  return { tables: tables.map((table) => ({ ...table, state })), views }
}

function diff(before: string, after: string): ReturnType<typeof diffSchema> {
  return diffSchema(readSchema([{ name: 's.sql', sql: after }]), live(before))
}

/** Each change in one line. */
function shown(changes: readonly SchemaChange[]): string[] {
  return changes.map((change) => {
    if ('view' in change) return `${change.kind} ${change.view}`
    if ('index' in change) return `${change.kind} ${change.table}.${change.index}`
    return 'column' in change
      ? `${change.kind} ${change.table}.${change.column}`
      : `${change.kind} ${change.table}`
  })
}

const T = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT);'

test('what differs, in the order in which it is made', () => {
  const before = `${T} CREATE INDEX gone ON t (a); CREATE INDEX other ON t (a); CREATE INDEX moves ON t (a);
    CREATE VIEW old AS SELECT 1; CREATE VIEW same AS SELECT 2; CREATE VIEW v AS SELECT 3`
  const after = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, b INT, a TEXT, "C c" TEXT DEFAULT 'x');
    CREATE INDEX other ON t (b); CREATE TABLE u (id INTEGER PRIMARY KEY); CREATE INDEX moves ON u (id);
    CREATE VIEW same AS select  2 -- the same
    ; CREATE VIEW v AS SELECT 4; CREATE VIEW fresh AS SELECT 5`
  const { changes, kept } = diff(before, after)
  assert.deepEqual(shown(changes), [
    'view-dropped old',
    'index-dropped t.gone',
    'index-dropped t.moves',
    'column-added t.b',
    'column-added t.c c',
    'index-changed t.other',
    'table-created u',
    'index-created u.moves',
    'view-created fresh',
    'view-changed v',
  ])
  assert.deepEqual(kept, [])
  assert.equal(changes[4]?.sql, `ALTER TABLE "t" ADD COLUMN "C c" TEXT DEFAULT 'x'`)
})

test('what the files do not name is kept and told; its indexes stay', () => {
  const before = `${T} CREATE INDEX i ON t (a); CREATE TABLE u (id INTEGER PRIMARY KEY, x); CREATE INDEX j ON u (x)`
  const { changes, kept } = diff(before, 'CREATE TABLE u (id INTEGER PRIMARY KEY); CREATE INDEX j ON u (id)')
  assert.deepEqual(shown(changes), ['index-changed u.j'])
  assert.deepEqual(kept, [{ table: 'u', column: 'x' }, { table: 't' }])
})

test('a table that stands there and is not replicated is adopted when all else is done', () => {
  const wanted = readSchema([
    { name: 's.sql', sql: 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INT)' },
  ])
  const { changes } = diffSchema(wanted, live(`${T} CREATE TABLE mine (id INTEGER PRIMARY KEY)`, 'plain'))
  assert.deepEqual(shown(changes), ['column-added t.b', 'table-adopted t'])
})

test('text that means the same is no change', () => {
  const before = `CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT DEFAULT 1 NOT NULL, c TEXT COLLATE NOCASE,
    d AS (b + 1), CHECK (b > 0)); CREATE TABLE u (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID`
  const after = `create table T ("b" int not null default 1, c text collate nocase constraint x default null, A TEXT NOT NULL,
    D generated always as (B + 1) virtual, primary key (a) check(b>0)); CREATE TABLE u (
      b INT NOT NULL, -- first
      a TEXT NOT NULL, PRIMARY KEY (b, a)) WITHOUT ROWID`
  assert.deepEqual(diff(before, after), { changes: [], kept: [], rebuilt: [] })
})

test('what peers would not follow is refused, with file, table, column and what to write', () => {
  const cases: [before: string, after: string, code: string, message: string, column?: string][] = [
    [
      T,
      '\nCREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a INT)',
      'changed-column',
      's.sql:2: table t: column a has the type TEXT in the database and the type INT in the files; take the change back, or add a column of another name',
      'a',
    ],
    [
      T,
      "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x')",
      'changed-column',
      's.sql:1: table t: column a has no NOT NULL in the database and NOT NULL in the files; take the change back, or add a column of another name',
      'a',
    ],
    [
      T,
      "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT DEFAULT 'x')",
      'changed-column',
      "s.sql:1: table t: column a has no DEFAULT in the database and DEFAULT 'x' in the files; take the change back, or add a column of another name",
      'a',
    ],
    [
      T,
      'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT COLLATE NOCASE)',
      'changed-column',
      's.sql:1: table t: column a has no CHECK, COLLATE or AS in the database and collate nocase in the files; take the change back, or add a column of another name',
      'a',
    ],
    [
      T,
      'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT AS (id))',
      'changed-column',
      's.sql:1: table t: column a has no CHECK, COLLATE or AS in the database and as ( id ) in the files; take the change back, or add a column of another name',
      'a',
    ],
    [
      T,
      'CREATE TABLE t (id TEXT NOT NULL, a TEXT NOT NULL, PRIMARY KEY (id, a))',
      'changed-key',
      's.sql:1: table t: its key is (id) in the database and (id, a) in the files; make a table of another name and copy the rows',
    ],
    [
      `${T.slice(0, -1)} STRICT`,
      T,
      'changed-table',
      's.sql:1: table t: it is STRICT in the database and not in the files; write STRICT, or make a table of another name and copy the rows',
    ],
    [
      T,
      `${T.slice(0, -1)} WITHOUT ROWID`,
      'changed-table',
      's.sql:1: table t: it is WITHOUT ROWID in the files and not in the database; remove WITHOUT ROWID, or make a table of another name and copy the rows',
    ],
    [
      T,
      'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, CHECK (a > 1))',
      'changed-table',
      's.sql:1: table t: its CHECK constraints differ from those in the database; take the change back, or make a table of another name and copy the rows',
    ],
    [
      T,
      'CREATE VIEW t AS SELECT 1',
      'taken-name',
      's.sql:1: view t has the name of a table in the database; give it another name',
    ],
    [
      'CREATE TABLE kept (id INTEGER PRIMARY KEY, x); CREATE INDEX i ON kept (x)',
      `${T}\nCREATE INDEX i ON t (a)`,
      'taken-name',
      's.sql:2: table t: table kept in the database has an index i already; give this one another name',
    ],
  ]
  for (const [before, after, code, said, column] of cases)
    assert.throws(
      () => diff(before, after),
      (cause) => {
        assert.ok(cause instanceof SchemaError)
        const message = code.startsWith('changed-') ? `${said}, or allow destructive changes` : said
        assert.deepEqual([cause.code, cause.message, cause.column], [code, message, column])
        return true
      },
      after,
    )
})

const COLUMN = fc.record({
  name: fc.constantFrom('a', 'b', 'C', 'd d'),
  type: fc.constantFrom('TEXT', 'INT', ''),
  rest: fc.constantFrom('', 'DEFAULT 1', 'NOT NULL DEFAULT 2', 'CHECK (1)', 'COLLATE NOCASE', 'AS (id)'),
})
const TABLE = fc.record({
  name: fc.constantFrom('t', 'u', 'V'),
  columns: fc.uniqueArray(COLUMN, { selector: ({ name }) => name, maxLength: 4 }),
  indexed: fc.boolean(),
  options: fc.constantFrom('', 'WITHOUT ROWID'),
})
const SCHEMA = fc.uniqueArray(TABLE, { selector: ({ name }) => name, maxLength: 3 }).map((tables) =>
  tables
    .map(({ name, columns, indexed, options }) => {
      const texts = columns.map((column) => `"${column.name}" ${column.type} ${column.rest}`)
      const table = `CREATE TABLE ${name} (${['id TEXT NOT NULL PRIMARY KEY', ...texts].join(', ')}) ${options};`
      return indexed ? `${table} CREATE INDEX ${name}_i ON ${name} (id) WHERE id > '';` : table
    })
    .join('\n'),
)

test('no schema differs from itself, and what is wanted beyond what is there is made or refused, never forgotten', () => {
  fc.assert(
    fc.property(SCHEMA, SCHEMA, (before, after) => {
      assert.deepEqual(diff(before, before), { changes: [], kept: [], rebuilt: [] })
      try {
        const { changes, kept } = diff(before, after)
        const [there, wanted] = [live(before), live(after)]
        const columns = ({ tables }: LiveStructure): string[] =>
          tables.flatMap((table) => [table.name, ...table.columns.map(({ name }) => `${table.name}.${name}`)])
        const made = new Set(
          changes.flatMap((change) => {
            if (change.kind === 'column-added') return [`${change.table}.${change.column}`]
            if (change.kind !== 'table-created') return []
            return columns(wanted).filter((name) => name.split('.')[0] === change.table)
          }),
        )
        const keptNames = new Set(
          kept.flatMap(({ table, column }) =>
            column === undefined
              ? columns(there).filter((name) => name.split('.')[0] === table)
              : [`${table}.${column}`],
          ),
        )
        const all = new Set([...columns(there), ...columns(wanted)])
        assert.deepEqual(new Set([...columns(there), ...made]), all)
        assert.deepEqual(new Set([...columns(wanted), ...keptNames]), all)
        assert.equal(
          [...made].some((name) => keptNames.has(name)),
          false,
        )
      } catch (cause) {
        if (!(cause instanceof SchemaError)) throw cause
        assert.match(cause.code, /^changed-(?:column|table)$/)
      }
    }),
    { numRuns: 60 },
  )
})
