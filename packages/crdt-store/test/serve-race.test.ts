import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Need, type Range, type Version, version } from '@patina/base'
import { type Database, openReader } from '@patina/sqlite'
import { LogServer } from '../src/index.ts'
import { newStore, pull, rows, write } from './two-stores.ts'

const TOO_LARGE = Number.MAX_SAFE_INTEGER

/** A connection on which something happens just before a statement that holds `text` reads. */
function racing(db: Database, text: string, happen: () => void): Database {
  const prepare = (sql: string): ReturnType<Database['prepare']> => {
    const statement = db.prepare(sql)
    if (!sql.includes(text)) return statement
    const all = statement.all.bind(statement)
    statement.all = (...values: unknown[]) => {
      happen()
      return all(...values)
    }
    return statement
  }
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return prepare
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

test('serve racing a commit: log and have are read as of one moment, so that nothing new is called cleared', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-race-'))
  const path = join(folder, 'a.db')
  const [a, b] = [newStore({ path }), newStore()]
  const reader = openReader(path)
  t.after(() => {
    reader.close()
    a.close()
    rmSync(folder, { recursive: true })
  })
  write(a, "INSERT INTO machines (id) VALUES ('m')")
  let commits = 1
  const server = new LogServer(
    racing(reader, 'FROM __patina_have WHERE actor', () => {
      commits += 1
      write(a, 'INSERT INTO machines (id) VALUES (?)', `m${commits}`)
    }),
    () => undefined,
  )
  const needs: Need[] = [{ kind: 'versions', actor: a.actor, versions: [range(1, 9)] }]
  for (let round = 1; round <= 5; round += 1) {
    const served = server.serve(needs, TOO_LARGE)
    assert.equal(commits, round + 1, 'the commit fell between the two reads')
    assert.deepEqual([served.changesets.length, served.cleared, served.basis], [round, [], []])
    b.apply(served.changesets)
    assert.deepEqual(b.knowledge().find(({ actor }) => actor === a.actor)?.have, [range(1, round)])
  }
  pull(b, a)
  assert.deepEqual(rows(b, 'SELECT count(*) FROM machines'), [[6n]])
})

test('serve racing a commit: an entry that goes meanwhile was read, or its winner is in the basis', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-race-'))
  const path = join(folder, 'a.db')
  const a = newStore({ path })
  const reader = openReader(path)
  t.after(() => {
    reader.close()
    a.close()
    rmSync(folder, { recursive: true })
  })
  write(a, "INSERT INTO tags VALUES ('t', 'm')")
  const server = new LogServer(
    racing(reader, 'FROM __patina_have WHERE actor', () => void write(a, 'DELETE FROM tags')),
    () => undefined,
  )
  const needs: Need[] = [{ kind: 'versions', actor: a.actor, versions: [range(1, 2)] }]
  const during = server.serve(needs, TOO_LARGE)
  assert.deepEqual([during.changesets.length, during.cleared], [1, []])
  const later = a.serve(needs, TOO_LARGE)
  assert.deepEqual(later.cleared, [{ actor: a.actor, versions: [range(1, 1)] }])
  assert.deepEqual(later.basis, [{ actor: a.actor, versions: [range(1, 2)] }])
})

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}
