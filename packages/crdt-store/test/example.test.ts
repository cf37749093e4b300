/** The example of the README is this file, line by line, and two processes of it end with the same rows. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const EXAMPLE = new URL('../examples/two-processes.ts', import.meta.url).pathname
const README = new URL('../README.md', import.meta.url)

test('the README shows the example as it is, in under 40 lines', () => {
  const text = readFileSync(EXAMPLE, 'utf8')
  assert.ok(readFileSync(README, 'utf8').includes(`\`\`\`ts\n${text}\`\`\`\n`))
  assert.ok(text.trimEnd().split('\n').length < 40)
})

test('two processes end with the same rows', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-example-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const args = ['--conditions=@patina/source', EXAMPLE, 'ams', folder]
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  const rows = "[ [ 'ams-1', 'started' ], [ 'both', 'nrt' ], [ 'nrt-1', 'started' ] ]"
  assert.deepEqual(printed.trimEnd().split('\n').sort(), [`ams ${rows}`, `nrt ${rows}`])
})
