import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readRecord, recordPath, writeRecord } from './render-record.ts'

function destinationOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-record-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'app.conf')
}

test('what is written comes back', async (t) => {
  const destination = destinationOf(t)
  assert.equal(await readRecord(destination), undefined)
  const record = { digest: 'd', sizes: new Map([['SELECT 1', 3]]), commandDue: true }
  await writeRecord(destination, record)
  assert.deepEqual(await readRecord(destination), record)
  assert.match(recordPath(destination), /\/\.app\.conf\.patina$/)
})

test('what is no record is none', async (t) => {
  const destination = destinationOf(t)
  for (const text of [
    '',
    'null',
    '[]',
    '{"format":2,"digest":"","sizes":{},"commandDue":false}',
    '{"format":1,"digest":"","sizes":{"a":"b"},"commandDue":false}',
    '{"format":1,"digest":"","commandDue":false}',
  ]) {
    writeFileSync(recordPath(destination), text)
    assert.equal(await readRecord(destination), undefined, text)
  }
})
