/** What only a process can do: die in mid-call, be killed inside a statement, end with its parent, refuse to start. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { millis } from '@patina/base'
import { type ChildProcessPort, openChildProcess } from '../../src/port/child-process.ts'
import { isAlive } from '../is-alive.ts'
import type { TestContract } from './contract-service.ts'

const MODULE = new URL('./contract-child.ts', import.meta.url)

/** Generous: the machine may be busy; each wait ends as soon as its condition holds. */
const PATIENCE_MS = 10_000

function open(...args: string[]): ChildProcessPort<TestContract> {
  return openChildProcess<TestContract>({ module: MODULE, args })
}

describe('child process', () => {
  it('answers calls that were made before it listened', async () => {
    const port = open()
    assert.deepEqual(await port.call('echo', 'early'), { ok: true, value: 'early' })
    assert.deepEqual(await port.call('pid', null), { ok: true, value: port.pid })
    await port.close()
    assert.equal(isAlive(port.pid), false)
    assert.deepEqual(await port.closed, { reason: 'exit code 0' })
  })

  it('ends its calls as lost when it dies in mid-call, and says of what', async () => {
    const port = open()
    await port.call('echo', 1)
    const slow = port.call('slow', 60_000)
    process.kill(port.pid as number, 'SIGKILL')
    assert.deepEqual(await slow, {
      ok: false,
      error: { kind: 'lost', state: 'unknown', reason: 'ended by SIGKILL' },
    })
    assert.deepEqual(await port.closed, { reason: 'ended by SIGKILL' })
  })

  it('is ended by kill inside an endless statement', async () => {
    const port = open()
    await port.call('echo', 1)
    const neighbour = port.call('slow', 60_000)
    const endless = await port.call('endless', null, { deadlineMs: millis(100) })
    assert.deepEqual(endless, { ok: false, error: { kind: 'timeout', state: 'unknown', afterMs: 100 } })
    const started = performance.now()
    port.kill()
    await port.closed
    assert.ok(performance.now() - started < PATIENCE_MS)
    assert.equal(isAlive(port.pid), false)
    const lost = await neighbour
    assert.equal(!lost.ok && lost.error.kind, 'lost')
  })

  it('passes the sentence of a refused start', async () => {
    const port = open('--refuse')
    const lost = await port.call('echo', 1)
    assert.equal(!lost.ok && lost.error.kind === 'lost' && lost.error.reason, 'the database is open already')
    assert.deepEqual(await port.closed, { reason: 'the database is open already' })
  })

  it('ends its calls when the module does not exist', async () => {
    const port = openChildProcess<TestContract>({
      module: new URL('./no-such-module.ts', import.meta.url),
      output: 'ignore',
    })
    const lost = await port.call('echo', 1)
    assert.equal(!lost.ok && lost.error.kind, 'lost')
    assert.deepEqual(await port.closed, { reason: 'exit code 1' })
  })

  for (const args of [['--idle'], ['--endless']]) {
    it(`ends with its parent (${args})`, async () => {
      const parent = fork(new URL('./orphan-parent.ts', import.meta.url), args, { silent: true })
      const pid = Number(await firstLine(parent))
      assert.ok(isAlive(pid))
      parent.kill('SIGKILL')
      await once(parent, 'exit')
      const deadline = performance.now() + PATIENCE_MS
      while (isAlive(pid) && performance.now() < deadline) await sleep(10)
      assert.equal(isAlive(pid), false, 'the orphan still runs')
    })
  }
})

async function firstLine(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout)
  const [data] = await once(child.stdout, 'data')
  return String(data).trim()
}
