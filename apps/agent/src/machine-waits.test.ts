import assert from 'node:assert/strict'
import { test } from 'node:test'
import { version } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import { MachineWaits } from './machine-waits.ts'

interface Counted {
  readonly copies: number
  readonly reached: boolean
}

const NONE: Counted = { copies: 0, reached: false }

function waitFor(waits: MachineWaits<Counted>, copies: number, timeoutMs: number): Promise<Counted> {
  return waits.ask(
    (token) => ({ kind: 'await-copies', token, version: version(7), copies, timeoutMs }),
    timeoutMs,
  )
}

test('each wait gets its own answer; one of the past answers nobody', async () => {
  const fed: NodeEvent[] = []
  const waits = new MachineWaits<Counted>((event) => fed.push(event), NONE)
  const [first, second] = [waitFor(waits, 2, 5_000), waitFor(waits, 1, 5_000)]
  assert.deepEqual(fed[1], { kind: 'await-copies', token: 2, version: 7, copies: 1, timeoutMs: 5_000 })
  waits.answered(2, { copies: 1, reached: true })
  waits.answered(2, { copies: 9, reached: true })
  waits.answered(1, { copies: 0, reached: false })
  assert.deepEqual(await Promise.all([first, second]), [
    { copies: 0, reached: false },
    { copies: 1, reached: true },
  ])
})

test('a machine that ends leaves nobody waiting', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const waits = new MachineWaits<Counted>(() => {}, NONE)
  const [forgotten, closed] = [waitFor(waits, 1, 500), waitFor(waits, 1, 60_000)]
  t.mock.timers.tick(1_500)
  assert.deepEqual(await forgotten, { copies: 0, reached: false })
  waits.close()
  assert.deepEqual(await closed, { copies: 0, reached: false })
})
