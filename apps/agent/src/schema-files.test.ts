import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeFolderOf, readSchemaFiles } from './schema-files.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'patina-schema-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

test('files as they are, folders by their *.sql in order of name, not deeper', (t) => {
  const root = folder(t)
  mkdirSync(join(root, 'schema', 'deeper'), { recursive: true })
  for (const name of ['b.sql', 'a.sql', 'notes.txt', 'deeper/c.sql'])
    writeFileSync(join(root, 'schema', name), name)
  writeFileSync(join(root, 'first.ddl'), 'first')
  const files = readSchemaFiles([join(root, 'first.ddl'), join(root, 'schema')])
  assert.deepEqual(
    files.map(({ sql }) => sql),
    ['first', 'a.sql', 'b.sql'],
  )
  assert.equal(files[1]?.name, join(root, 'schema', 'a.sql'))
})

test('a path that is not there is a sentence', (t) => {
  assert.throws(
    () => readSchemaFiles([join(folder(t), 'absent')]),
    /^Error: db\.schema_paths: cannot read .*absent/,
  )
})

test('a folder that is named like a file of a schema is a sentence', (t) => {
  const root = folder(t)
  mkdirSync(join(root, 'b.sql'))
  assert.throws(() => readSchemaFiles([root]), /^Error: db\.schema_paths: cannot read .*b\.sql/)
})

test('the folder of the database is made, and a file in its way is a sentence', (t) => {
  const root = folder(t)
  makeFolderOf(join(root, 'a', 'b', 'state.db'))
  assert.ok(existsSync(join(root, 'a', 'b')))
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => makeFolderOf(join(root, 'file', 'state.db')), /db\.path: cannot make the folder of/)
})
