/**
 * An error at calls of SQLite that a change of the schema, its slices and a purge make: what is in the file is as it was before or
 * after a slice, agrees with itself, and the next start ends where all ends without the error (I-CRDT-4, 7, 9). The suite plays a
 * part of the calls, each third with another error; `FAULTS=all` in the environment plays each call.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openDatabase } from '@patina/sqlite'
import { openStore, type Store } from '../../src/index.ts'
import { Store as OpenedStore } from '../../src/sqlite/store.ts'
import { pull, rows, write } from '../two-stores.ts'
import { type Fault, FaultyDatabase } from './faulty-database.ts'

const FAULTS: readonly Fault[] = [
  { code: 'SQLITE_BUSY', rollsBack: false },
  { code: 'SQLITE_NOMEM', rollsBack: true },
  { code: 'SQLITE_FULL', rollsBack: true },
  { code: 'SQLITE_IOERR_WRITE', rollsBack: false },
]
const STRIDE = process.env.FAULTS === 'all' ? 1 : 11

const WIDE = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b, c);
  CREATE TABLE u (id INTEGER PRIMARY KEY, x); CREATE INDEX t_a ON t (a)`
const NARROW = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b TEXT); CREATE INDEX t_a ON t (a)'

const folder = mkdtempSync(join(tmpdir(), 'patina-schema-faults-'))
after(() => rmSync(folder, { recursive: true }))

function files(sql: string): { readonly name: string; readonly sql: string }[] {
  return [{ name: 'test.sql', sql }]
}

/** Rows of two actors, overwritten and deleted in part. */
function makeTemplate(): string {
  const path = join(folder, 'template.db')
  const store = openStore({ path, newActor: () => 'a'.repeat(32) as Store['actor'] })
  const other = openStore({ path: ':memory:', newActor: () => 'b'.repeat(32) as Store['actor'] })
  for (const each of [store, other]) each.applySchema(files(WIDE))
  write(store, "INSERT INTO t VALUES ('r', 'a', 1, 1), ('s', 'a', 'text', 2), ('gone', 'a', 1, 1)")
  write(store, 'INSERT INTO u VALUES (1, 1), (2, 2)')
  write(store, "DELETE FROM t WHERE id = 'gone'")
  pull(other, store)
  write(other, "UPDATE t SET c = 'other' WHERE id = 's'")
  write(other, 'UPDATE u SET x = 3 WHERE id = 2')
  pull(store, other)
  store.close()
  other.close()
  return path
}

const template = makeTemplate()
let count = 0

function copyOf(path: string): string {
  count += 1
  const copy = join(folder, `${count}.db`)
  copyFileSync(path, copy)
  return copy
}

function finish(store: Store): void {
  while (store.schemaSlice() !== undefined);
}

/** What the file says, whatever way it took. */
function facts(store: Store, tables: readonly string[]): unknown {
  return [
    ...tables.map((table) => rows(store, `SELECT * FROM ${table} ORDER BY 1`)),
    rows(
      store,
      'SELECT "table", key, "column", cl, colv, actor, version, value FROM __patina_unknown ORDER BY 1, 2, 3',
    ),
    rows(store, 'SELECT actor, version, first_seq, live FROM __patina_log ORDER BY 1, 2, 3'),
    rows(
      store,
      String.raw`SELECT name FROM sqlite_schema WHERE name LIKE '%\_\_patina\_next%' ESCAPE '\' OR name LIKE '%\_\_patina\_old%' ESCAPE '\'`,
    ),
    store.schemaProgress(),
  ]
}

interface Work {
  /** The file that it begins with. */
  readonly path: string
  /** Again where it was begun already. */
  readonly run: (store: Store) => void
  readonly tables: readonly string[]
}

/** The file in which the work has come to its end; an error at one call of it after the other ends there, too. */
function everywhere({ path, run, tables }: Work): string {
  const done = copyOf(path)
  const store = openStore({ path: done })
  run(store)
  const wanted = facts(store, tables)
  store.close()
  let calls = 0
  for (let at = 0; ; at += STRIDE) {
    const fault = FAULTS[(at / STRIDE) % FAULTS.length] as Fault
    const where = `${fault.code}, call ${at}`
    const broken = copyOf(path)
    const faults = new FaultyDatabase(openDatabase(broken))
    const failing = new OpenedStore(faults.database, { path: broken })
    faults.arm(fault, at)
    try {
      run(failing)
    } catch {
      // Whoever runs it stops, or tries again.
    }
    const happened = faults.disarm()
    failing.close()
    const next = openStore({ path: broken })
    assert.deepEqual(next.verify(), [], where)
    run(next)
    assert.deepEqual(next.verify(), [], where)
    assert.deepEqual(facts(next, tables), wanted, where)
    next.close()
    rmSync(broken)
    if (!happened) break
    calls += 1
  }
  assert.ok(calls > 5, `only ${calls} calls failed`)
  return done
}

function applied(sql: string): (store: Store) => void {
  return (store) => {
    // What an earlier try has begun is done first: one change of a table at a time.
    finish(store)
    store.applySchema(files(sql), { allowDestructive: true, pace: 'in-slices' })
    finish(store)
  }
}

test('an error anywhere in a change that drops a table and a column and defines another otherwise; in its way back; in a purge', () => {
  const narrow = everywhere({ path: template, run: applied(NARROW), tables: ['t'] })
  const wide = everywhere({ path: narrow, run: applied(WIDE), tables: ['t', 'u'] })
  const [before, after] = [template, wide].map((path) => {
    const store = openStore({ path })
    const rowsOf = ['t', 'u'].map((table) => rows(store, `SELECT * FROM ${table} ORDER BY 1`))
    const live = rows(store, 'SELECT actor, version, live FROM __patina_log ORDER BY 1, 2')
    store.close()
    return { rowsOf, live }
  })
  assert.deepEqual(after, before)
  everywhere({
    path: narrow,
    run: (store) => {
      for (const table of ['t', 'u']) store.purge({ table })
      finish(store)
    },
    tables: ['t'],
  })
})
