import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Database, openDatabase } from './open.ts'
import { ReaderConnection } from './reader-connection.ts'

describe('reader connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-connection-'))
  let writer: Database
  let connection: ReaderConnection

  before(() => {
    writer = openDatabase(join(folder, 'a.db'))
    writer.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 2)')
    connection = new ReaderConnection(join(folder, 'a.db'))
    connection.schemaVersion()
  })
  after(() => {
    connection.close()
    writer.close()
    rmSync(folder, { recursive: true })
  })

  it('keeps a statement that it has prepared, also over commits and new members', () => {
    const prepared = connection.prepare('SELECT b, :p FROM t')
    assert.deepEqual([prepared?.columns, prepared?.parameters], [['b', ':p'], [':p']])
    writer.exec('INSERT INTO t VALUES (2, 3)')
    connection.setMembers([['a', 'a', 'a:1', 'alive', null, null, null, null]])
    connection.schemaVersion()
    assert.equal(connection.prepare('SELECT b, :p FROM t'), prepared)
    assert.deepEqual(prepared?.statement.all({ p: null }), [
      [2n, null],
      [3n, null],
    ])
  })

  it('forgets what was prepared against another schema', () => {
    const prepared = connection.prepare('SELECT * FROM t')
    writer.exec('ALTER TABLE t ADD COLUMN c')
    connection.schemaVersion()
    assert.notEqual(connection.prepare('SELECT * FROM t'), prepared)
    assert.deepEqual(connection.prepare('SELECT * FROM t')?.columns, ['a', 'b', 'c'])
  })

  it('keeps the 32 used last, and no long text', () => {
    const text = (n: number): string => `SELECT ${n} FROM t`
    const first = connection.prepare(text(0))
    for (let n = 1; n < 32; n += 1) connection.prepare(text(n))
    assert.equal(connection.prepare(text(0)), first)
    const second = connection.prepare(text(1))
    for (let n = 32; n < 62; n += 1) connection.prepare(text(n))
    assert.equal(connection.prepare(text(0)), first)
    connection.prepare(text(62))
    assert.equal(connection.prepare(text(0)), first)
    assert.notEqual(connection.prepare(text(1)), second)
    const long = `SELECT a${' '.repeat(3000)}FROM t`
    assert.notEqual(connection.prepare(long), connection.prepare(long))
  })

  it('prepares nothing that could write', () => {
    assert.equal(connection.prepare('DELETE FROM t'), undefined)
    assert.throws(() => connection.prepare('SELECT nope FROM t'), /no such column/)
  })
})
