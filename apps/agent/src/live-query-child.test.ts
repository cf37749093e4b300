/** What main tells the live-query process, and how it finds that it is stuck. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { millis } from '@patina/base'
import type { LiveQueryContract } from '@patina/live-query'
import { FakePort, turn, until } from '../test/fake-port.ts'
import { LiveQueryChild, type LiveQueryEnd } from './live-query-child.ts'

const KEEPS_ONE = { ok: true, value: { results: 1 } } as const
const KEEPS_NONE = { ok: true, value: { results: 0 } } as const
const LIMIT = millis(1_000)
const LATE = { ok: false, error: { kind: 'timeout', state: 'unknown', afterMs: 1 } } as const

async function started(t: TestContext, askEveryMs = 60_000) {
  const ports: FakePort<LiveQueryContract>[] = []
  const ends: LiveQueryEnd[] = []
  const child = new LiveQueryChild({
    spawn: (previousEnd) => {
      const port = new FakePort<LiveQueryContract>()
      ports.push(port)
      ends.push(previousEnd)
      return port.asPort()
    },
    startTimeoutMs: 1_000,
    runTimeoutMs: 1_000,
    askEveryMs,
    onRestart: () => {},
    onFailure: () => {},
  })
  const start = child.start()
  await answerReady(ports, 0)
  assert.equal((await start).ok, true)
  t.after(() => child.close(0))
  return { child, ports, ends }
}

async function answerReady(ports: readonly FakePort<LiveQueryContract>[], at: number): Promise<void> {
  await until(() => ports[at]?.calls[0] !== undefined)
  ports[at]?.calls[0]?.settle({ ok: true, value: true })
}

/** Calls after the first `ready`. */
function told(port: FakePort<LiveQueryContract> | undefined, kind: string) {
  return (port?.calls.slice(1) ?? []).filter((call) => call.kind === kind)
}

test('what changes while a call is under way is folded into the next; `all` is all', async (t) => {
  const { child, ports } = await started(t)
  child.changed([{ table: 'a', columns: ['x'] }])
  child.changed([{ table: 'a', columns: ['y'] }])
  child.changed([
    { table: 'a', columns: ['z'] },
    { table: 'b', columns: 'all' },
  ])
  const [first] = told(ports[0], 'changed')
  assert.deepEqual(first?.request, { tables: [{ table: 'a', columns: ['x'] }] })
  first?.settle(KEEPS_ONE)
  await turn()
  const second = told(ports[0], 'changed')[1]
  assert.deepEqual(second?.request, {
    tables: [
      { table: 'a', columns: ['y', 'z'] },
      { table: 'b', columns: 'all' },
    ],
  })
  child.changed([{ table: 'c', columns: ['x'] }])
  child.changed('all')
  child.changed([{ table: 'd', columns: 'all' }])
  second?.settle(KEEPS_ONE)
  await turn()
  assert.deepEqual(told(ports[0], 'changed')[2]?.request, { tables: 'all' })
  told(ports[0], 'changed')[2]?.settle(KEEPS_ONE)
  await turn()
  assert.equal(told(ports[0], 'changed').length, 3)
})

test('one that is stuck while nothing changes is found and replaced, and told why', async (t) => {
  const { ports, ends } = await started(t, 5)
  await until(() => told(ports[0], 'ready').length === 1)
  told(ports[0], 'ready')[0]?.settle({ ok: true, value: true })
  await until(() => told(ports[0], 'ready').length === 2)
  assert.equal(ports[0]?.killed, false)
  told(ports[0], 'ready')[1]?.settle(LATE)
  await answerReady(ports, 1)
  assert.equal(ports[0]?.killed, true)
  assert.deepEqual(ends, ['other', 'deadline'])
  await until(() => told(ports[1], 'ready').length === 1)
})

test('while no result is kept nothing is told; a subscription ends that', async (t) => {
  const { child, ports } = await started(t)
  const changed = (): void => child.changed([{ table: 'a', columns: ['x'] }])
  changed()
  told(ports[0], 'changed')[0]?.settle(KEEPS_NONE)
  await turn()
  changed()
  child.changed('all')
  assert.equal(told(ports[0], 'changed').length, 1)
  void child.subscribe({ id: 'x' })
  await turn()
  changed()
  assert.equal(told(ports[0], 'changed').length, 2)
})

test('what was said before a subscription does not count', async (t) => {
  const { child, ports } = await started(t)
  const changed = (): void => child.changed([{ table: 'a', columns: ['x'] }])
  changed()
  void child.subscribe({ id: 'x' })
  await turn()
  told(ports[0], 'changed')[0]?.settle(KEEPS_NONE)
  await turn()
  changed()
  assert.equal(told(ports[0], 'changed').length, 2)
})

test('a process that comes may have found results in its file', async (t) => {
  const { child, ports } = await started(t, 5)
  child.changed([{ table: 'a', columns: ['x'] }])
  told(ports[0], 'changed')[0]?.settle(KEEPS_NONE)
  await until(() => told(ports[0], 'ready').length === 1)
  told(ports[0], 'ready')[0]?.settle(LATE)
  await answerReady(ports, 1)
  await until(() => told(ports[1], 'members').length === 1)
  child.changed([{ table: 'a', columns: ['x'] }])
  assert.equal(told(ports[1], 'changed').length, 1)
})

test('what was told before is settled, also what waited for its turn', async (t) => {
  const { child, ports } = await started(t)
  child.changed([{ table: 'a', columns: 'all' }])
  child.changed([{ table: 'b', columns: 'all' }])
  const settled = child.settle(LIMIT)
  const [port] = ports
  assert.deepEqual(
    port?.calls.slice(1).map(({ kind, request }) => [kind, request]),
    [
      ['changed', { tables: [{ table: 'a', columns: 'all' }] }],
      ['changed', { tables: [{ table: 'b', columns: 'all' }] }],
      ['settle', null],
    ],
  )
  told(port, 'settle')[0]?.settle({ ok: true, value: null })
  assert.equal(await settled, true)
})

test('a process that does not say so in time is not replaced for it, and may be asked again', async (t) => {
  const { child, ports } = await started(t)
  const settled = child.settle(LIMIT)
  told(ports[0], 'settle')[0]?.settle(LATE)
  assert.equal(await settled, false)
  assert.equal(ports.length, 1)
})
