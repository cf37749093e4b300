/** What is seen of a process that does not answer, and calls that are taken back before they begin. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { millis } from '@patina/base'
import type { ChildProcessPort } from '../../src/port/child-process.ts'
import { openChildProcess } from '../../src/port/child-process.ts'
import { openThreadedProcess } from '../../src/port/threaded-process.ts'
import type { TestContract } from './contract-service.ts'
import type { WatchedContract } from './watched-child.ts'

const ANSWER_MS = 5_000
const ENDLESS = 2 ** 40
/** A second or so. */
const LONG = 5_000_000

async function open(t: TestContext): Promise<ChildProcessPort<WatchedContract>> {
  const module = new URL('./watched-child.ts', import.meta.url)
  const port = openChildProcess<WatchedContract>({ module, withdrawable: ['share', 'statement'] })
  t.after(async () => {
    port.kill()
    await port.closed
  })
  assert.deepEqual(await port.call('statement', 1), { ok: true, value: true })
  return port
}

test('a process inside a statement tells which call it is in, and for how long', async (t) => {
  const port = await open(t)
  assert.equal((await port.watch.pulse(ANSWER_MS))?.running, 'nothing')
  void port.call('statement', ENDLESS)
  await sleep(700)
  const pulse = await port.watch.pulse(ANSWER_MS)
  assert.deepEqual([pulse?.running, pulse?.id], ['call', 2])
  assert.ok(pulse !== undefined && pulse.forMs >= 500 && pulse.loopLagMs >= 500, JSON.stringify(pulse))
  assert.equal(await port.watch.stack(100), undefined, 'no stack comes out of a statement')
})

test('a process inside JavaScript tells where, and goes on', async (t) => {
  const port = await open(t)
  const spinning = port.call('spin', 2_000)
  await sleep(300)
  const stack = await port.watch.stack(ANSWER_MS)
  // Innermost may be what the loop calls.
  assert.match(stack?.join(' ') ?? '', /spinFor \(file:\S*watched-child\.ts:\d+\) spin /)
  assert.deepEqual(await spinning, { ok: true, value: null })
  const deadline = performance.now() + ANSWER_MS
  while (((await port.watch.pulse(ANSWER_MS))?.loopLagMs ?? Infinity) > 1_000)
    assert.ok(performance.now() < deadline, 'the loop does not come round')
})

test('a process that is stopped as a whole does not answer, and answers when it goes on', async (t) => {
  const port = await open(t)
  process.kill(port.pid as number, 'SIGSTOP')
  assert.equal(await port.watch.pulse(300), undefined)
  process.kill(port.pid as number, 'SIGCONT')
  assert.ok((await port.watch.pulse(ANSWER_MS)) !== undefined)
})

test('a process that passes the bound of its memory ends; the call that ran is told so, the others are lost', async (t) => {
  const port = await open(t)
  const filling = port.call('fill', null)
  const waiting = port.call('statement', 1)
  const filled = await filling
  assert.ok(
    !filled.ok && filled.error.kind === 'failed' && filled.error.code === 'memory',
    JSON.stringify(filled),
  )
  assert.match(filled.error.message, /^its memory passed its bound: \d+ MiB$/)
  const waited = await waiting
  assert.deepEqual(waited.ok ? '' : waited.error.kind, 'lost')
  assert.match((await port.closed).reason, /memory/)
})

test('a process of threads answers on its main thread', async (t) => {
  const module = new URL('./contract-threads.ts', import.meta.url)
  const port = openThreadedProcess<TestContract>({ module, threads: 1 })
  t.after(() => port.kill())
  await port.call('echo', 1)
  void port.call('endless', null)
  assert.equal((await port.watch.pulse(ANSWER_MS))?.loopLagMs, 0)
})

test('a call that waits at its deadline is taken back: it never begins, and keeps its place until that is known', async (t) => {
  const port = await open(t)
  const long = port.call('statement', LONG)
  const waits = port.call('statement', 1, { deadlineMs: millis(100) })
  const late = { kind: 'timeout', state: 'unchanged', afterMs: 100 }
  assert.deepEqual(await waits, { ok: false, error: late })
  assert.equal(port.pending, 2, 'the one that runs, and the one that the service must still drop')
  assert.deepEqual(await long, { ok: true, value: true })
  assert.deepEqual(await port.call('statement', 1), { ok: true, value: true })
  assert.equal(port.pending, 0)
})

test('a call that has begun is not taken back', async (t) => {
  const port = await open(t)
  const late = { kind: 'timeout', state: 'unknown', afterMs: 100 }
  const runs = await port.call('statement', ENDLESS, { deadlineMs: millis(100) })
  assert.deepEqual(runs, { ok: false, error: late })
})

test('a call that has begun and waits for another one that runs is told apart from that', async (t) => {
  const port = await open(t)
  const shares = port.call('share', null, { deadlineMs: millis(300) })
  const runs = port.call('statement', ENDLESS, { deadlineMs: millis(400) })
  const late = { kind: 'timeout', state: 'unknown' } as const
  assert.deepEqual(await shares, { ok: false, error: { ...late, afterMs: 300, isBystander: true } })
  assert.deepEqual(await runs, { ok: false, error: { ...late, afterMs: 400 } })
})

test('what is taken back while it begins is either taken back or has begun, never both', async (t) => {
  const port = await open(t)
  const outcomes = { withdrawn: 0, begun: 0 }
  for (let round = 0; round < 300; round += 1) {
    const call = port.call('statement', 1)
    // The ids of calls count from 1; one was made before.
    const isWithdrawn = (await port.watch.withdraw(round + 2, ANSWER_MS)) === 'withdrawn'
    const reply = await call
    assert.deepEqual(reply.ok && reply.value, !isWithdrawn)
    outcomes[isWithdrawn ? 'withdrawn' : 'begun'] += 1
  }
  t.diagnostic(JSON.stringify(outcomes))
})
