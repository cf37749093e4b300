/** The demo as people run it: all of it, and interrupted in the middle; both times nothing may be left. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const DEMO = fileURLToPath(new URL('../src/demo.ts', import.meta.url))
const DEADLINE_MS = 180_000

interface Run {
  readonly demo: ChildProcess
  readonly folder: string
  readonly output: () => string
}

/** Starts the demo with a temporary folder of its own, so that its traces cannot be another's. */
function start(t: TestContext): Run {
  const folder = mkdtempSync(join(tmpdir(), 'patina-demo-test-'))
  const demo = spawn(process.execPath, ['--conditions=@patina/source', DEMO], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  })
  t.after(() => {
    // Only where the test has failed is anybody left.
    demo.kill('SIGKILL')
    for (const id of processesOf(folder)) process.kill(id, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  let text = ''
  for (const stream of [demo.stdout, demo.stderr]) stream?.on('data', (part) => (text += part))
  return { demo, folder, output: () => text }
}

/** Every process of a demo has its folder's name in its arguments. Process ids. */
function processesOf(folder: string): number[] {
  const lines = existsSync('/proc/self/cmdline') ? linesOfProc() : linesOfPs()
  return lines.filter((line) => line.includes(folder)).map((line) => Number.parseInt(line, 10))
}

/** Slim containers have no `ps`. */
function linesOfProc(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map((id) => {
    try {
      return `${id} ${readFileSync(`/proc/${id}/cmdline`, 'utf8')}`
    } catch {
      // It ended between the two calls.
      return ''
    }
  })
}

/** Other systems have no /proc. */
function linesOfPs(): string[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')
}

async function exitCode(demo: ChildProcess): Promise<number | null> {
  const [code] = (await once(demo, 'close')) as [number | null]
  return code
}

test('the whole demo holds, prints its figures and leaves nothing', { timeout: DEADLINE_MS }, async (t) => {
  const { demo, folder, output } = start(t)
  assert.equal(await exitCode(demo), 0, output())
  assert.equal(output().match(/All three hold the same/g)?.length, 2)
  assert.match(output(), /Measured:/)
  assert.deepEqual([readdirSync(folder), processesOf(folder)], [[], []])
})

test('Ctrl-C while rows are loaded leaves no process and no file', { timeout: DEADLINE_MS }, async (t) => {
  const { demo, folder, output } = start(t)
  const ended = exitCode(demo)
  while (!output().includes('rows loaded')) {
    const running = once(demo.stderr as NodeJS.EventEmitter, 'data').then(() => true)
    assert.equal(await Promise.race([running, ended]), true, output())
  }
  assert.ok(processesOf(folder).length >= 3)
  demo.kill('SIGINT')
  assert.equal(await ended, 130)
  assert.deepEqual([readdirSync(folder), processesOf(folder)], [[], []])
})
