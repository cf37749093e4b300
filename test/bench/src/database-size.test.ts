import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileMegabytes } from './database-size.ts'

test('counts the file and its log, where there is one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-size-'))
  try {
    const path = join(folder, 'a.db')
    writeFileSync(path, Buffer.alloc(2_000_000))
    assert.equal(fileMegabytes(path), 2)
    writeFileSync(`${path}-wal`, Buffer.alloc(500_000))
    assert.equal(fileMegabytes(path), 2.5)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
