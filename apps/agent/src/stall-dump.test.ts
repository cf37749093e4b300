import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DUMPS_MAX, dumpStall, type StalledProcess } from './stall-dump.ts'

const PULSE = { loopLagMs: 6_000, running: 'call', id: 7, forMs: 6_000 } as const
const STORE: StalledProcess = {
  role: 'store',
  pid: process.pid,
  watch: { stack: async () => ['spin (file:///store.js:7)'] },
  describe: (id) => `transact 2\ncall ${id}: transact ["INSERT …"]`,
}

test('a dump says why, what was asked, and where it stood; only its owner may read it', async (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'patina-dump-')), 'stalls')
  t.after(() => rmSync(join(folder, '..'), { recursive: true }))
  const path = await dumpStall(folder, STORE, { why: 'its loop stands', pulse: PULSE })
  const text = readFileSync(path as string, 'utf8')
  for (const part of [
    'store (process',
    'its loop stands',
    '"loopLagMs":6000',
    'call 7: transact',
    'spin (file:',
  ])
    assert.ok(text.includes(part), part)
  if (process.platform === 'linux') assert.match(text, new RegExp(`\n {2}${process.pid} .*: R`))
  assert.equal(statSync(path as string).mode & 0o777, 0o600)
})

test('only the newest dumps are kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-dump-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (let n = 0; n < DUMPS_MAX + 5; n += 1)
    writeFileSync(join(folder, `2026-01-01T00-00-${10 + n}.000Z-store.txt`), '')
  const path = await dumpStall(folder, STORE, { why: 'it gave no answer', pulse: undefined })
  const kept = readdirSync(folder).sort()
  assert.equal(kept.length, DUMPS_MAX)
  assert.equal(join(folder, kept.at(-1) as string), path)
})

test('a folder that cannot be written does not keep anybody from the restart', async () => {
  assert.equal(await dumpStall('/dev/null/stalls', STORE, { why: 'x', pulse: undefined }), undefined)
})
