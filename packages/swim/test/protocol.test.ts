/** The wire guard: generated code is what the schema gives, and the schema does not change without a new version. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PROTOCOL } from '../src/codec.ts'

/** Version of the protocol and SHA-256 of its schema without comments. A new schema needs a line in docs/protocol.md. */
const SCHEMAS: Readonly<Record<number, string>> = {
  1: '2ee55c4492669431c02b70b036243bdb2bdcd0787d6c5f4b2d710e1f98f0c46a',
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

test('the schema is that of the version that the code speaks', () => {
  const schema = readFileSync(path('../proto/swim.proto'), 'utf8')
  const bare = schema
    .replace(/\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
  assert.equal(createHash('sha256').update(bare).digest('hex'), SCHEMAS[PROTOCOL])
})

test('the generated code is what the schema gives', async () => {
  const script = path('../../../scripts/generate-protocol.ts')
  await promisify(execFile)(process.execPath, [script, '--check', 'swim'])
})
