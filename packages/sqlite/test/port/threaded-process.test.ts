/** What only a process of threads can do: serve beside a thread that is stuck, tell all threads, end as a whole. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { millis } from '@patina/base'
import type { ChildProcessPort } from '../../src/port/child-process.ts'
import { openThreadedProcess } from '../../src/port/threaded-process.ts'
import { isAlive } from '../is-alive.ts'
import type { TestContract } from './contract-service.ts'

/** Generous: the machine may be busy; each wait ends as soon as its condition holds. */
const PATIENCE_MS = 10_000

const opened: ChildProcessPort<TestContract>[] = []

function open(...args: string[]): ChildProcessPort<TestContract> {
  const port = openThreadedProcess<TestContract>({
    module: new URL('./contract-threads.ts', import.meta.url),
    args: ['2', ...args],
    threads: 2,
    askAll: ['slow'],
    tellAll: ['note'],
    output: 'ignore',
  })
  opened.push(port)
  return port
}

describe('threaded process', () => {
  afterEach(() => {
    for (const port of opened.splice(0)) port.kill()
  })

  it('serves beside a thread that is stuck, and is ended by kill', async () => {
    const port = open()
    const stuck = port.call('endless', null)
    for (let i = 0; i < 20; i += 1) assert.deepEqual(await port.call('echo', i), { ok: true, value: i })
    port.kill()
    const lost = await stuck
    assert.equal(!lost.ok && lost.error.kind === 'lost' && lost.error.reason, 'ended by SIGKILL')
    assert.deepEqual(await port.closed, { reason: 'ended by SIGKILL' })
    assert.equal(isAlive(port.pid), false)
  })

  it('asks all threads, and answers when the last has', async () => {
    const port = open()
    assert.deepEqual(await port.call('slow', 1), { ok: true, value: 'slept' })
    const stuck = port.call('endless', null)
    const late = await port.call('slow', 1, { deadlineMs: millis(100) })
    assert.equal(!late.ok && late.error.kind, 'timeout')
    port.kill()
    await stuck
  })

  it('tells all threads, ahead of what is asked later, and a busy one only the newest', async () => {
    const port = open()
    // Two at a time are on two threads.
    const notes = async (): Promise<unknown> => {
      const replies = await Promise.all([port.call('notes', null), port.call('notes', null)])
      return replies.map((reply) => reply.ok && reply.value)
    }
    assert.deepEqual(await port.call('note', 1), { ok: true, value: null })
    assert.deepEqual(await notes(), [[1], [1]])
    for (const value of [2, 3, 4]) void port.call('note', value)
    const deadline = performance.now() + PATIENCE_MS
    const newest = [1, 2, 4]
    let seen: unknown
    do seen = await notes()
    while (JSON.stringify(seen) !== JSON.stringify([newest, newest]) && performance.now() < deadline)
    assert.deepEqual(seen, [newest, newest])
    await port.close()
  })

  it('ends as a whole when a thread does, whatever its code, and though another is stuck', async () => {
    for (const code of [0, 3]) {
      const port = open()
      void port.call('endless', null)
      const exit = await port.call('exit', code, { deadlineMs: millis(PATIENCE_MS) })
      assert.equal(!exit.ok && exit.error.kind, 'lost', `exit code ${code}`)
      assert.deepEqual(await port.closed, { reason: 'ended by SIGKILL' })
      assert.equal(isAlive(port.pid), false)
    }
  })

  it('passes the sentence of a thread that refuses to start', async () => {
    const port = open('--refuse')
    const lost = await port.call('echo', 1)
    assert.equal(!lost.ok && lost.error.kind === 'lost' && lost.error.reason, 'the database is open already')
    assert.deepEqual(await port.closed, { reason: 'the database is open already' })
  })

  it('ends in order when it is closed: threads first, with code 0', async () => {
    const port = open()
    const slow = port.call('echo', 'last')
    await port.close()
    assert.deepEqual(await slow, { ok: true, value: 'last' })
    assert.deepEqual(await port.closed, { reason: 'exit code 0' })
    const deadline = performance.now() + PATIENCE_MS
    while (isAlive(port.pid) && performance.now() < deadline) await sleep(10)
    assert.equal(isAlive(port.pid), false)
  })
})
