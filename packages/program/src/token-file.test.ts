import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openTokenFile, readTokenFile, TokenFile } from './token-file.ts'

function temporaryFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-token-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'token')
  writeFileSync(file, text)
  return file
}

/** As secret managers do it: never half a file. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

test('tokens stand a line each; what cannot be sent is refused without being shown', (t) => {
  const file = temporaryFile(t, 'secret-1\n')
  assert.equal(readTokenFile(file), 'secret-1')
  assert.equal(readTokenFile(undefined), undefined)
  writeFileSync(file, ' secret-2 \r\nsecret-1\n\n')
  assert.equal(readTokenFile(file), 'secret-2')
  for (const text of ['', '\n', 'two words', 'line\ntwo secrets', 'a\n'.repeat(17)]) {
    writeFileSync(file, text)
    assert.throws(() => readTokenFile(file), /^Error: .*token holds no token: one word of[^:]*$/)
  }
  assert.throws(() => readTokenFile(`${file}.none`), /cannot read the token file: ENOENT/)
})

test('a file that changes is read again; one that holds none any more is told of once', (t) => {
  const told: string[] = []
  const file = temporaryFile(t, 'first')
  const tokens = new TokenFile(file, (message) => told.push(message))
  assert.deepEqual([tokens.first(), tokens.all()], ['first', ['first']])
  replace(file, 'second\nfirst')
  assert.deepEqual([tokens.first(), tokens.all()], ['second', ['second', 'first']])
  replace(file, '')
  assert.deepEqual([tokens.first(), tokens.first(), told.length], ['second', 'second', 1])
  rmSync(file)
  assert.deepEqual([tokens.first(), tokens.first(), told.length], ['second', 'second', 2])
  assert.match(told.join(' '), /holds no token.* used on .*ENOENT.* used on$/)
  assert.doesNotMatch(told.join(' '), /second|first/)
  replace(file, 'third')
  assert.deepEqual([tokens.first(), told.length], ['third', 2])
})

test('without a file there are no tokens; one that is not there refuses the start', (t) => {
  assert.equal(openTokenFile(undefined, assert.fail), undefined)
  const file = temporaryFile(t, '')
  assert.throws(() => openTokenFile(file, assert.fail), /holds no token/)
  assert.throws(() => openTokenFile(`${file}.none`, assert.fail), /ENOENT/)
})
