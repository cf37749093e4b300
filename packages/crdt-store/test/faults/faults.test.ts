/**
 * An error at every single call of SQLite that a piece of work makes, for every kind of error: nothing is marked as held
 * without its data, nothing of a failed request is seen, memory is what the file says (I-CRDT-1, 2, 5, 7); and the same
 * work done again ends where it ends without the error.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { type Range, type Version, version } from '@patina/base'
import { openDatabase } from '@patina/sqlite'
import { type LocalRequest, openStore, type Store } from '../../src/index.ts'
import { Store as OpenedStore } from '../../src/sqlite/store.ts'
import { contents, newStore, rows, SCHEMA, write } from '../two-stores.ts'
import { type Fault, FaultyDatabase } from './faulty-database.ts'

/** `FAULTS=all` in the environment plays each both ways; the suite plays each kind once. */
const SOME: readonly Fault[] = [
  { code: 'SQLITE_BUSY', rollsBack: false },
  { code: 'SQLITE_NOMEM', rollsBack: true },
  { code: 'SQLITE_FULL', rollsBack: true },
  { code: 'SQLITE_IOERR_WRITE', rollsBack: false },
]
const CODES = ['BUSY', 'FULL', 'IOERR_WRITE', 'NOMEM', 'INTERRUPT', 'CORRUPT'].map((code) => `SQLITE_${code}`)
const ALL = CODES.flatMap((code) => [false, true].map((rollsBack) => ({ code, rollsBack })))
const FAULTS = process.env.FAULTS === 'all' ? ALL : SOME

const folder = mkdtempSync(join(tmpdir(), 'patina-faults-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

interface Subject {
  readonly store: Store
  readonly faults: FaultyDatabase
}

/** A store of its own with some history, on a connection that can fail. */
function subject(): Subject {
  files += 1
  const path = join(folder, `${files}.db`)
  copyFileSync(template(), path)
  const faults = new FaultyDatabase(openDatabase(path))
  const store = new OpenedStore(faults.database, { path })
  // A process that has committed before knows which settings its connection has.
  store.transact([])
  return { store, faults }
}

let made: string | undefined

function template(): string {
  if (made !== undefined) return made
  const path = join(folder, 'template.db')
  const store = openStore({ path, newActor: () => 'a'.repeat(32) as Store['actor'] })
  store.applySchema([{ name: 'test.sql', sql: SCHEMA }, checked('CHECK (n < 5)')])
  store.apply(HISTORY)
  write(store, "INSERT INTO machines (id, app) VALUES ('own', 'x')")
  store.close()
  made = path
  return path
}

/** A table whose rule only this node has: what breaks it comes in with a second try, under another setting. */
function checked(rule: string): { readonly name: string; readonly sql: string } {
  return {
    name: 'checked.sql',
    sql: `CREATE TABLE checked (id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0 ${rule})`,
  }
}

const far = newStore({ limits: { chunkBytesTarget: 256 } })
far.applySchema([{ name: 'test.sql', sql: SCHEMA }, checked('')])
const HISTORY = ['a', 'b', 'c'].flatMap((id) =>
  write(far, 'INSERT INTO machines (id, app) VALUES (?, ?)', id, 'far'),
)
/** Updates, a delete, a row that breaks a rule of the receiver, an insert of keys only, a version in parts. */
const ARRIVING = [
  ...write(far, "UPDATE machines SET app = 'farther' WHERE id < 'c'"),
  ...write(far, "DELETE FROM machines WHERE id = 'c'"),
  ...write(far, "INSERT INTO checked VALUES ('c', 9)"),
  ...write(far, "INSERT INTO tags VALUES ('t', 'a')"),
  ...write(
    far,
    `INSERT INTO machines (id, app) VALUES ${ids(12)
      .map((id) => `('${id}', '${'y'.repeat(60)}')`)
      .join(', ')}`,
  ),
]

/** A version in parts that is overwritten before anybody has all of it: who asks for the rest is told that it is cleared. */
const brief = newStore({ limits: { chunkBytesTarget: 64 } })
const [PART] = write(brief, "INSERT INTO tags VALUES ('p', 'part-1'), ('p', 'part-2'), ('p', 'part-3')")
const WINNER = write(brief, "DELETE FROM tags WHERE name = 'p'")
const CLAIM = {
  cleared: [{ actor: brief.actor, versions: [range(1, 1)] }],
  basis: [{ actor: brief.actor, versions: [range(1, 2)] }],
}

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

const GROUP: readonly LocalRequest[] = [
  [
    { sql: "INSERT INTO machines (id, load) VALUES ('new', 0.5)", params: [] },
    { sql: "UPDATE machines SET app = 'mine' WHERE id IN ('a', 'own')", params: [] },
  ],
  [{ sql: "INSERT INTO machines (id) VALUES ('b')", params: [] }],
  [
    { sql: "DELETE FROM machines WHERE id = 'b'", params: [] },
    { sql: "INSERT INTO tags VALUES ('u', 'b')", params: [] },
  ],
]

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `part-${at}`)
}

/** Plays a piece of work with each fault at each of its calls; `check` looks at what is there afterwards. */
function everywhere(
  run: (store: Store) => void,
  check: (store: Store, thrown: unknown, where: string) => void,
): void {
  let calls = 0
  for (const fault of FAULTS)
    for (let at = 0; ; at += 1) {
      const where = `${fault.code}${fault.rollsBack ? ', rolled back' : ''}, call ${at}`
      const { store, faults } = subject()
      faults.arm(fault, at)
      let thrown: unknown
      try {
        run(store)
      } catch (cause) {
        thrown = cause
      }
      const happened = faults.disarm()
      if (happened) {
        calls += 1
        assert.equal(store.database.inTransaction, false, where)
        assert.deepEqual(store.verify(), [], where)
        check(store, thrown, where)
        assert.deepEqual(settings(store), ['FULL', 0n], where)
      }
      store.close()
      if (!happened) break
    }
  assert.ok(calls > 50, `only ${calls} calls failed`)
}

function factsAfter(run: (store: Store) => void): unknown {
  const { store } = subject()
  run(store)
  const then = facts(store)
  store.close()
  return then
}

test('T-E3: a remote batch is there as a whole or not at all, and comes in when it is sent again', () => {
  const apply = (store: Store): void => void store.apply(ARRIVING)
  const [before, wanted] = [factsAfter(() => {}), factsAfter(apply)]
  everywhere(apply, (store, thrown, where) => {
    assert.deepEqual(facts(store), thrown === undefined ? wanted : before, where)
    apply(store)
    assert.deepEqual(facts(store), wanted, where)
  })
})

test('a claim is believed as a whole or not at all, with what it rests on, and the parts that waited are gone then', () => {
  const hear = (store: Store): void => void store.apply([PART as Uint8Array], CLAIM)
  const settle = (store: Store): void => {
    hear(store)
    store.apply(WINNER)
  }
  const [before, wanted] = [factsAfter(() => {}), factsAfter(settle)]
  const pending = factsAfter(hear)
  assert.ok(!isDeepStrictEqual(pending, wanted))
  everywhere(settle, (store, thrown, where) => {
    const found = facts(store)
    if (thrown === undefined) assert.deepEqual(found, wanted, where)
    else
      assert.ok(
        [before, pending].some((each) => isDeepStrictEqual(found, each)),
        where,
      )
    // A claim that waited when the batch failed waits on.
    if (isDeepStrictEqual(found, pending)) store.apply(WINNER)
    else settle(store)
    assert.deepEqual(facts(store), wanted, where)
    assert.equal(store.stats().bufferedChunks, 0, where)
  })
})

test('of a local group exactly those requests are there that were told so', () => {
  let told: readonly boolean[] = []
  const transact = (store: Store): void => {
    told = GROUP.map(() => false)
    told = store.transact(GROUP).replies.map(({ kind }) => kind === 'committed')
  }
  const userRows = (store: Store): unknown => {
    const { machines, tags } = contents(store) as { machines: unknown; tags: unknown }
    return { machines, tags }
  }
  everywhere(transact, (store, thrown, where) => {
    assert.ok(thrown === undefined || told.every((isThere) => !isThere), where)
    assert.equal(told[1], false, 'the culprit')
    const { store: twin } = subject()
    twin.transact(GROUP.filter((_, at) => told[at]))
    assert.deepEqual(userRows(store), userRows(twin), where)
    assert.deepEqual(headOf(store), headOf(twin), where)
    twin.close()
  })
})

function headOf(store: Store): unknown {
  const { have, head } = store.knowledge().find(({ actor }) => actor === store.actor) ?? {}
  return { have, head }
}

/** Without times, which are not the same twice. */
function facts(store: Store): unknown {
  const held = store.knowledge().map(({ actor, have, partials, head }) => ({ actor, have, partials, head }))
  const broken = rows(store, 'SELECT * FROM checked')
  return { contents: contents(store), broken, held: held.sort((a, b) => (a.actor < b.actor ? -1 : 1)) }
}

/** What the next local commit runs with. */
function settings(store: Store): unknown[] {
  write(store, "INSERT OR REPLACE INTO tags VALUES ('after', hex(randomblob(8)))")
  const [[synchronous]] = rows(store, 'PRAGMA synchronous') as [[bigint]]
  const [[ignored]] = rows(store, 'PRAGMA ignore_check_constraints') as [[bigint]]
  return [synchronous === 2n ? 'FULL' : synchronous, ignored]
}
