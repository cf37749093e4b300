import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { MemberRow } from './members-table.ts'
import { type Database, openDatabase } from './open.ts'
import { ReaderConnection } from './reader-connection.ts'
import { TempViews, VIEWS_TABLE } from './temp-views.ts'

const MEMBER: MemberRow = ['a'.repeat(32), 'one', '127.0.0.1:1', 'alive', null, null, null, null]

function open(t: TestContext): { readonly db: Database; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'patina-views-'))
  const path = join(folder, 'state.db')
  const db = openDatabase(path)
  t.after(() => {
    db.close()
    rmSync(folder, { recursive: true })
  })
  db.exec(`CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)`)
  return { db, path }
}

/** As the store writes them. */
function setViews(db: Database, views: Readonly<Record<string, string>>): void {
  db.exec(
    `DROP TABLE IF EXISTS ${VIEWS_TABLE}; CREATE TABLE ${VIEWS_TABLE} (name TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL)`,
  )
  for (const [name, body] of Object.entries(views))
    db.prepare(`INSERT INTO ${VIEWS_TABLE} VALUES (?, ?)`).run(name, body)
}

test('views follow the file: none, some, others, none', (t) => {
  const { db } = open(t)
  const views = new TempViews(db, 'writer')
  views.follow()
  assert.deepEqual(views.names(), [])
  setViews(db, { 'a b': '(n) AS SELECT x FROM t', c: ' AS SELECT n FROM "a b"' })
  views.follow()
  assert.deepEqual(db.prepare('SELECT n FROM c').pluck().all(), [1n, 2n])
  assert.deepEqual(views.definitions(), [
    'CREATE VIEW "a b"(n) AS SELECT x FROM t',
    'CREATE VIEW "c" AS SELECT n FROM "a b"',
  ])
  setViews(db, { c: ' AS SELECT max(x) AS n FROM t' })
  views.follow()
  assert.deepEqual(db.prepare('SELECT n FROM c').pluck().all(), [2n])
  assert.throws(() => db.prepare('SELECT * FROM "a b"'), /no such table/)
  db.exec(`DROP TABLE ${VIEWS_TABLE}`)
  views.follow()
  assert.deepEqual(views.names(), [])
  assert.deepEqual(
    db.prepare('SELECT count(*) FROM main.sqlite_schema WHERE type = ?').pluck().get('view'),
    0n,
  )
})

test('a reader hears of them by the version of the schema, joins local tables in them, and stays read-only', (t) => {
  const { db, path } = open(t)
  const reader = new ReaderConnection(path)
  t.after(() => reader.close())
  reader.setMembers([MEMBER])
  const before = reader.schemaVersion()
  setViews(db, { alive: ` AS SELECT name, x FROM patina_members JOIN t WHERE state = 'alive'` })
  assert.notEqual(reader.schemaVersion(), before)
  const query = reader.prepare('SELECT * FROM alive ORDER BY x')
  assert.deepEqual(query?.columns, ['name', 'x'])
  assert.deepEqual(query?.statement.all(), [
    ['one', 1n],
    ['one', 2n],
  ])
  assert.ok(reader.definitions().some((sql) => sql.startsWith('CREATE VIEW "alive" AS')))
  assert.equal(reader.prepare('DELETE FROM patina_members'), undefined)
  setViews(db, { alive: ' AS SELECT 1 AS one' })
  reader.schemaVersion()
  assert.deepEqual(reader.prepare('SELECT * FROM alive ORDER BY 1')?.columns, ['one'])
})
