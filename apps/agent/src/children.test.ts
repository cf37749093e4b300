import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { err, ok, type PortContract } from '@patina/base'
import type { Watch } from '@patina/sqlite'
import { FakePort, until } from '../test/fake-port.ts'
import { ChildKeeper, restartDelayMs } from './children.ts'

test('the pause between starts grows and has an end', () => {
  assert.equal(restartDelayMs(0), 0)
  assert.deepEqual([1, 2, 3].map(restartDelayMs), [100, 200, 400])
  assert.equal(restartDelayMs(1_000), 10_000)
})

test('a child that fails to start again is tried again, and told', async () => {
  const ports: FakePort<PortContract>[] = []
  const failures: string[] = []
  const keeper = new ChildKeeper<PortContract, number>({
    role: 'store',
    order: 'stop-first',
    drainMs: 0,
    spawn: () => {
      const port = new FakePort<PortContract>()
      ports.push(port)
      return port.asPort()
    },
    probe: async () => (ports.length === 2 ? err('not yet') : ok(ports.length)),
    onRestart: () => {},
    onFailure: ({ reason }) => failures.push(reason),
  })
  assert.deepEqual(await keeper.start(), ok(1))
  ports[0]?.end('crashed')
  assert.equal((await keeper.after(1, 1_000))?.ready, 3)
  assert.deepEqual(failures, ['not yet'])
  assert.equal(ports[1]?.killed, true)
})

test('start-first: the old process serves until the new one answers, then drains and is killed', async () => {
  const ports: FakePort<PortContract>[] = []
  const restarts: string[] = []
  const ready = Promise.withResolvers<void>()
  const keeper = new ChildKeeper<PortContract, null>({
    role: 'readers',
    order: 'start-first',
    drainMs: 20,
    spawn: () => {
      const port = new FakePort<PortContract>()
      ports.push(port)
      return port.asPort()
    },
    probe: async () => {
      if (ports.length === 2) await ready.promise
      return ok(null)
    },
    onRestart: ({ reason }) => restarts.push(reason),
    onFailure: () => {},
  })
  await keeper.start()
  void ports[0]?.call('stuck', null)
  keeper.replace(1, 'stuck')
  keeper.replace(1, 'stuck again')
  assert.equal(keeper.current()?.epoch, 1)
  ready.resolve()
  assert.equal((await keeper.after(1, 1_000))?.epoch, 2)
  assert.equal(ports[0]?.killed, false)
  await until(() => ports[0]?.killed === true)
  assert.equal(ports.length, 2)
  assert.deepEqual(restarts, ['stuck'])
})

test('a process that stands is killed at once, also where its successor starts first, and is told with its dump', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const folder = mkdtempSync(join(tmpdir(), 'patina-children-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const stands = { loopLagMs: 6_000, running: 'nothing', id: 0, forMs: 0 } as const
  const watch = { pulse: async () => stands, stack: async () => ['spin (a.js:1)'] } as unknown as Watch
  const ports: FakePort<PortContract>[] = []
  const restarts: string[] = []
  const keeper = new ChildKeeper<PortContract, null>({
    role: 'readers',
    order: 'start-first',
    drainMs: 60_000,
    stall: { loopMs: 5_000, upkeepMs: 5_000, dumpFolder: folder },
    spawn: () => {
      const port = new FakePort<PortContract>()
      ports.push(port)
      return Object.assign(port.asPort(), { watch, pid: process.pid, describe: () => 'query 1' })
    },
    probe: async () => ok(null),
    onRestart: ({ reason }) => restarts.push(reason),
    onFailure: () => {},
  })
  await keeper.start()
  const lost = ports[0]?.call('query', null)
  t.mock.timers.tick(1_000)
  assert.equal((await lost)?.ok, false)
  assert.equal(ports[0]?.killed, true)
  const [dump] = readdirSync(folder)
  assert.match(restarts[0] ?? '', /^stalled: its loop has not come round for 6000 ms; see .*-readers\.txt$/)
  assert.match(readFileSync(join(folder, dump as string), 'utf8'), /spin \(a\.js:1\)/)
  await keeper.close(0)
})
