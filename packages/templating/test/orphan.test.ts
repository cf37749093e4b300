/** The renderer's process ends with the program that has started it, also inside of a template that does not end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const PROGRAM = new URL('./spinning-program.ts', import.meta.url).pathname
const GONE_MS = 10_000

test('a killed program leaves no renderer behind', {
  skip: !existsSync('/proc/self/task') && 'the children of a process are listed on Linux only',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-orphan-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const template = join(folder, 'spin.eta')
  writeFileSync(template, '<% for (;;) {} %>')
  const program = spawn(process.execPath, ['--conditions=@patina/source', PROGRAM, template], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(program.stdout, 'data')
  const { pid } = program
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  assert.equal(children.length, 1)
  program.kill('SIGKILL')
  const deadline = performance.now() + GONE_MS
  while (existsSync(`/proc/${children[0]}`)) {
    assert.ok(performance.now() < deadline, 'the renderer runs on')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})
