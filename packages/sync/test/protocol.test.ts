/** The wire guard: generated code is what the schema gives, and the schema does not change without a new version. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SYNC_PROTOCOL_VERSION } from '@patina/sync'

/** Version of the protocol and SHA-256 of its schema without comments. A new schema needs a line in docs/protocol.md. */
const SCHEMAS: Readonly<Record<number, string>> = {
  1: '138c51092df3f5e79cb59b8341c95ebd74968648b3d3820582c261b817a7a4ed',
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

test('the schema is that of the version that the code speaks', () => {
  const schema = readFileSync(path('../proto/sync.proto'), 'utf8')
  const bare = schema
    .replace(/\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
  assert.equal(createHash('sha256').update(bare).digest('hex'), SCHEMAS[SYNC_PROTOCOL_VERSION])
})

test('the generated code is what the schema gives', async () => {
  const script = path('../../../scripts/generate-protocol.ts')
  await promisify(execFile)(process.execPath, [script, '--check', 'sync'])
})
