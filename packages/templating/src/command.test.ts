import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { millis } from '@patina/base'
import { type CommandOutcome, type CommandRun, Commands, isSignal } from './command.ts'

function runOf(script: string, changes: Partial<CommandRun> = {}): CommandRun {
  return {
    argv: ['sh', '-c', script],
    timeoutMs: millis(10_000),
    killSignal: 'SIGTERM',
    environment: {},
    ...changes,
  }
}

function run(script: string, changes: Partial<CommandRun> = {}): Promise<CommandOutcome> {
  return new Commands({ PATH: process.env.PATH, A: 'a' }).run(runOf(script, changes))
}

test('exit codes, output of both kinds, environment', async () => {
  const { end, output } = await run('echo "$A $B $HOME"; echo err >&2; exit 3', { environment: { B: 'b' } })
  assert.deepEqual(end, { kind: 'exit', code: 3 })
  assert.deepEqual(output.split('\n').sort(), ['', 'a b ', 'err'])
  assert.deepEqual((await run('kill -9 $$')).end, { kind: 'signal', signal: 'SIGKILL' })
})

test('a program that is not there', async () => {
  const { end } = await run('', { argv: ['/nowhere/program'] })
  assert.equal(end.kind, 'unstarted')
})

test('a late command gets its signal, and its children with it', async () => {
  const began = performance.now()
  const { end, output } = await run('trap "echo told; exit 0" USR1; sleep 30 & echo $!; wait', {
    // Time enough for the shell to set its trap.
    timeoutMs: millis(1_000),
    killSignal: 'SIGUSR1',
  })
  assert.deepEqual(end, { kind: 'timeout' })
  const [child, told] = output.split('\n')
  assert.equal(told, 'told')
  assert.ok(performance.now() - began < 8_000)
  while (isRunning(Number(child))) {
    assert.ok(performance.now() - began < 8_000, 'what it had started runs on')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
})

/** One that nobody has waited for does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('a command that leaves a daemon behind is done when it ends', async () => {
  const { end, output } = await run('sleep 3 & echo done')
  assert.deepEqual([end, output], [{ kind: 'exit', code: 0 }, 'done\n'])
})

test('of long output the end is kept', async () => {
  const { output } = await run('i=0; while [ $i -lt 4000 ]; do echo "line $i"; i=$((i+1)); done')
  assert.ok(output.length <= 16_384)
  assert.match(output, /line 3999\n$/)
})

test('the same command never runs twice at once; who asks meanwhile shares the next run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-command-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'log')
  const commands = new Commands({ PATH: process.env.PATH })
  const script = runOf(`echo begin >> ${log}; sleep 0.05; echo end >> ${log}`)
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => commands.run(script)))
  assert.equal(readFileSync(log, 'utf8'), 'begin\nend\nbegin\nend\n')
  assert.equal(new Set(outcomes).size, 2)
  await commands.run(script)
  assert.equal(readFileSync(log, 'utf8').split('begin').length, 4)
})

test('names of signals', () => {
  assert.ok(isSignal('SIGTERM'))
  assert.ok(!isSignal('TERM'))
})
