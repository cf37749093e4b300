/** Opening: pragmas as they really are, the lock in this process, from another, after SIGKILL; every refusal. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import BetterSqlite3 from 'better-sqlite3'
import {
  type Database,
  OpenError,
  type OpenErrorKind,
  openDatabase,
  openReader,
  setSynchronous,
} from '../src/open.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-open-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
function newPath(): string {
  files += 1
  return join(folder, `${files}.db`)
}

function pragma(db: Database, name: string): unknown {
  const value: unknown = db.pragma(name, { simple: true })
  return typeof value === 'bigint' ? Number(value) : value
}

function refusal(open: () => Database): OpenErrorKind {
  try {
    open().close()
  } catch (thrown) {
    assert.ok(thrown instanceof OpenError, String(thrown))
    assert.ok(thrown.message.length > 20)
    return thrown.kind
  }
  throw new Error('it opened')
}

describe('openDatabase', () => {
  it('sets the pragmas of the writer', () => {
    const db = openDatabase(newPath())
    const wanted = {
      journal_mode: 'wal',
      synchronous: 2,
      recursive_triggers: 1,
      foreign_keys: 0,
      trusted_schema: 1,
      auto_vacuum: 2,
      busy_timeout: 5000,
      temp_store: 2,
      cell_size_check: 1,
      ignore_check_constraints: 0,
      writable_schema: 0,
      journal_size_limit: 67108864,
      wal_autocheckpoint: 4000,
      cache_size: -32768,
    }
    for (const [name, value] of Object.entries(wanted)) assert.equal(pragma(db, name), value, name)
    assert.equal(typeof db.prepare('SELECT 1').pluck().get(), 'bigint')
    db.close()
  })

  it('keeps them on the second opening, with the other durability', () => {
    const path = newPath()
    openDatabase(path).close()
    const db = openDatabase(path, { durability: 'normal', create: false })
    assert.equal(pragma(db, 'synchronous'), 1)
    assert.equal(pragma(db, 'journal_mode'), 'wal')
    assert.equal(pragma(db, 'auto_vacuum'), 2)
    db.close()
  })

  it('opens in memory as often as wanted', () => {
    const [one, other] = [openDatabase(':memory:'), openDatabase(':memory:')]
    assert.equal(pragma(one, 'recursive_triggers'), 1)
    assert.equal(pragma(one, 'foreign_keys'), 0)
    one.close()
    other.close()
    assert.equal(existsSync(':memory:-lock'), false)
  })

  it('refuses a second opener in this process, through a link too, until the first closes', () => {
    const path = newPath()
    const link = newPath()
    const db = openDatabase(path)
    symlinkSync(path, link)
    assert.equal(
      refusal(() => openDatabase(path)),
      'locked',
    )
    assert.equal(
      refusal(() => openDatabase(link)),
      'locked',
    )
    assert.equal(
      refusal(() => openDatabase(join(folder, '.', '..', path.slice(folder.lastIndexOf('/'))))),
      'locked',
    )
    db.close()
    openDatabase(link).close()
  })

  it('refuses while another process is the writer and opens at once after it was killed', async () => {
    const path = newPath()
    const holder = fork(new URL('./lock-holder.ts', import.meta.url), [path], { silent: true })
    assert.ok(holder.stdout)
    await once(holder.stdout, 'data')
    assert.equal(
      refusal(() => openDatabase(path)),
      'locked',
    )
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const db = openDatabase(path)
    assert.deepEqual(db.prepare("SELECT * FROM sqlite_schema WHERE name = 'half_done'").all(), [])
    db.close()
  })

  it('leaves no lock behind a refused start', () => {
    const path = newPath()
    writeFileSync(path, 'this is no database, and long enough to be read as one '.repeat(40))
    assert.equal(
      refusal(() => openDatabase(path)),
      'not-a-database',
    )
    rmSync(path)
    openDatabase(path).close()
  })

  it('refuses each unusable file by its kind', () => {
    assert.equal(
      refusal(() => openDatabase(newPath(), { create: false })),
      'missing',
    )
    assert.equal(
      refusal(() => openDatabase(join(folder, 'no', 'such', 'folder.db'))),
      'missing',
    )
    const directory = newPath()
    mkdirSync(directory)
    assert.equal(
      refusal(() => openDatabase(directory)),
      'not-a-database',
    )
    const utf16 = newPath()
    new BetterSqlite3(utf16).exec("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (a)").close()
    assert.equal(
      refusal(() => openDatabase(utf16)),
      'unsupported',
    )
  })

  it('refuses a file that another program has locked', () => {
    const path = newPath()
    const other = new BetterSqlite3(path)
    other.exec('CREATE TABLE t (a); BEGIN EXCLUSIVE')
    assert.equal(
      refusal(() => openDatabase(path, { busyTimeoutMs: 10 })),
      'busy',
    )
    other.exec('ROLLBACK')
    other.close()
    openDatabase(path, { busyTimeoutMs: 10 }).close()
  })

  it('says so when the folder cannot be written', { skip: process.platform !== 'linux' }, () => {
    assert.equal(
      refusal(() => openDatabase('/proc/self/a.db')),
      'read-only',
    )
  })

  it("does not let a statement change SQLite's own tables", () => {
    const db = openDatabase(newPath())
    db.exec('CREATE TABLE t (a)')
    db.exec('PRAGMA writable_schema = ON')
    assert.throws(() => db.exec("UPDATE sqlite_schema SET sql = 'x'"), /may not be modified/)
    db.close()
  })

  it('reports a damaged file instead of reading it', () => {
    const path = newPath()
    const db = openDatabase(path)
    db.exec('CREATE TABLE t (a)')
    db.close()
    truncateSync(path, 5000)
    assert.throws(() => {
      const again = openDatabase(path)
      try {
        again.prepare('SELECT * FROM t').all()
      } finally {
        again.close()
      }
    })
  })
})

describe('openReader', () => {
  it('reads beside the writer and cannot write, whatever it is told', () => {
    const path = newPath()
    const db = openDatabase(path)
    db.exec('CREATE TABLE t (a)')
    const reader = openReader(path)
    db.exec('INSERT INTO t VALUES (1)')
    assert.deepEqual(reader.prepare('SELECT a FROM t').pluck().all(), [1n])
    for (const sql of [
      'DELETE FROM t',
      'CREATE TABLE x (a)',
      'CREATE TEMP TABLE x (a)',
      'PRAGMA user_version = 1',
    ]) {
      assert.throws(() => reader.exec(sql), /readonly|attempt to write/, sql)
    }
    reader.exec('PRAGMA query_only = OFF')
    assert.throws(() => reader.exec('DELETE FROM t'), /readonly|attempt to write/)
    assert.equal(pragma(reader, 'trusted_schema'), 0)
    assert.equal(pragma(reader, 'temp_store'), 1)
    reader.close()
    db.close()
  })

  it('refuses a file that is not there or no database', () => {
    assert.equal(
      refusal(() => openReader(newPath())),
      'missing',
    )
    const path = newPath()
    writeFileSync(path, 'x'.repeat(4096))
    assert.equal(
      refusal(() => openReader(path)),
      'not-a-database',
    )
  })
})

describe('setSynchronous', () => {
  it('switches and is read back', () => {
    const db = openDatabase(newPath())
    for (const [mode, value] of [
      ['NORMAL', 1],
      ['NORMAL', 1],
      ['FULL', 2],
    ] as const) {
      setSynchronous(db, mode)
      assert.equal(pragma(db, 'synchronous'), value)
    }
    db.exec('BEGIN')
    assert.throws(() => setSynchronous(db, 'NORMAL'), /inside a transaction/)
    db.close()
  })
})
