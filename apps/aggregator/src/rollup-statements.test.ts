import assert from 'node:assert/strict'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { test } from 'node:test'
import { readStatement, rowStatements } from './rollup-statements.ts'

test('rows of one region are written and read; other columns and regions keep what they hold', (t) => {
  const db = new DatabaseSync(':memory:')
  t.after(() => db.close())
  db.exec(
    'CREATE TABLE "r" (app TEXT, kind TEXT, region TEXT, "a ""b""" INTEGER, note TEXT, PRIMARY KEY (app, kind, region))',
  )
  db.exec(
    `INSERT INTO r VALUES ('web', 'x', 'syd', 1, 'kept'), ('web', 'x', 'nrt', 1, NULL), ('old', 'x', 'syd', 1, NULL)`,
  )
  const names = { into: 'r', key: ['app', 'kind'] }
  const columns = ['kind', 'a "b"', 'app']
  const written = new Map([
    ['1', ['x', 2, 'web']],
    ['2', ['y', 3, 'new']],
  ] as const)
  const gone = new Map([['3', ['x', 1, 'old']]] as const)
  for (const [sql, params] of rowStatements(names, 'syd', columns, { written, gone }) as [
    string,
    SQLInputValue[],
  ][])
    db.prepare(sql).run(...params)
  const all = db.prepare('SELECT app, kind, region, "a ""b""" AS n, note FROM r ORDER BY app, region').all()
  assert.deepEqual(
    all.map((row) => Object.values(row).join(' ')),
    ['new y syd 3 ', 'web x nrt 1 ', 'web x syd 2 kept'],
  )
  const [sql, params] = readStatement(names, 'syd', columns)
  assert.equal(db.prepare(sql).all(...(params as SQLInputValue[])).length, 2)
})

test('a roll-up of keys alone says only that they are there', (t) => {
  const db = new DatabaseSync(':memory:')
  t.after(() => db.close())
  db.exec('CREATE TABLE r (app TEXT, region TEXT, PRIMARY KEY (app, region))')
  const diff = { written: new Map([['1', ['web']]]), gone: new Map() }
  for (let again = 0; again < 2; again += 1)
    for (const [sql, params] of rowStatements({ into: 'r', key: ['app'] }, 'syd', ['app'], diff) as [
      string,
      SQLInputValue[],
    ][])
      db.prepare(sql).run(...params)
  assert.equal(db.prepare('SELECT count(*) AS n FROM r').get()?.n, 1)
})
