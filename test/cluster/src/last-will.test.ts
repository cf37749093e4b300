import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { waitUntil } from './wait-until.ts'

const WILL = new URL('./last-will.ts', import.meta.url).href
const IDLE = 'setInterval(() => {}, 1000)'

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-last-will-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A process that names the folder, in a group of its own; it goes with the test. */
function worker(t: TestContext, folder: string): ChildProcess {
  const process_ = spawn(process.execPath, ['-e', IDLE, folder], { stdio: 'ignore', detached: true })
  t.after(() => process_.kill('SIGKILL'))
  return process_
}

/** A program that makes its will, which covers that process, and then does `rest`. */
async function programWith(folder: string, covered: ChildProcess, rest: string): Promise<ChildProcess> {
  const source = `import { LastWill } from ${JSON.stringify(WILL)}
    const will = new LastWill(process.env.THE_FOLDER)
    will.covers(${covered.pid})
    console.log('made')
    ${rest}`
  const program = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, THE_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(program.stdout, 'data')
  return program
}

test('a program that is killed takes its folder and what it has started with it, and nobody else', async (t) => {
  const folder = temporaryFolder(t)
  const [covered, stranger] = [worker(t, folder), worker(t, folder)]
  const ended = once(covered, 'exit')
  const program = await programWith(folder, covered, IDLE)
  program.kill('SIGKILL')
  assert.equal((await ended)[1], 'SIGKILL')
  await waitUntil({ what: 'the folder goes', deadlineMs: 5_000 }, async () =>
    existsSync(folder) ? undefined : true,
  )
  assert.deepEqual([stranger.exitCode, stranger.signalCode], [null, null])
})

test('a number that belongs to somebody else by now is left alone', async (t) => {
  const folder = temporaryFolder(t)
  const other = worker(t, '/elsewhere')
  const program = await programWith(folder, other, IDLE)
  program.kill('SIGKILL')
  await waitUntil({ what: 'the folder goes', deadlineMs: 5_000 }, async () =>
    existsSync(folder) ? undefined : true,
  )
  assert.deepEqual([other.exitCode, other.signalCode], [null, null])
})

test('a will that was revoked does nothing, and keeps no program alive', async (t) => {
  const folder = temporaryFolder(t)
  const covered = worker(t, folder)
  const program = await programWith(folder, covered, 'will.revoke()')
  if (program.exitCode === null) await once(program, 'exit')
  await new Promise((resolve) => setTimeout(resolve, 700))
  assert.deepEqual([covered.exitCode, covered.signalCode, existsSync(folder)], [null, null, true])
})
