import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTokenFile } from './token-file.ts'

test('a token stands alone in its file; what cannot be sent is refused without being shown', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-token-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'token')
  writeFileSync(file, 'secret-1\n')
  assert.equal(readTokenFile(file), 'secret-1')
  assert.equal(readTokenFile(undefined), undefined)
  for (const text of ['', 'two words', 'line\nsecret']) {
    writeFileSync(file, text)
    assert.throws(() => readTokenFile(file), /^Error: .*token holds no token: one word/)
  }
  assert.throws(() => readTokenFile(join(folder, 'none')), /cannot read the token file: ENOENT/)
})
