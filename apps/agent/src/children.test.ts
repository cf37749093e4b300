import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, ok, type PortContract } from '@patina/base'
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
