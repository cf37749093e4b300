import assert from 'node:assert/strict'
import { test } from 'node:test'
import { version } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import { CopyWaits } from './copy-waits.ts'

test('each wait gets its own answer; one of the past answers nobody', async () => {
  const fed: NodeEvent[] = []
  const waits = new CopyWaits((event) => fed.push(event))
  const [first, second] = [waits.wait(version(7), 2, 5_000), waits.wait(version(7), 1, 5_000)]
  assert.deepEqual(fed[1], { kind: 'await-copies', token: 2, version: 7, copies: 1, timeoutMs: 5_000 })
  waits.counted(2, { copies: 1, reached: true })
  waits.counted(2, { copies: 9, reached: true })
  waits.counted(1, { copies: 0, reached: false })
  assert.deepEqual(await Promise.all([first, second]), [
    { copies: 0, reached: false },
    { copies: 1, reached: true },
  ])
})

test('a machine that ends leaves nobody waiting', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const waits = new CopyWaits(() => {})
  const [forgotten, closed] = [waits.wait(version(1), 1, 500), waits.wait(version(1), 1, 60_000)]
  t.mock.timers.tick(1_500)
  assert.deepEqual(await forgotten, { copies: 0, reached: false })
  waits.close()
  assert.deepEqual(await closed, { copies: 0, reached: false })
})
