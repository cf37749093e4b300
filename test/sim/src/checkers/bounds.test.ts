import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from '../run.ts'
import { parseScenario } from '../scenario.ts'

const HEAD = 'title = "x"\nmachine = "node"\nnodes = 2\nseconds = 4\n'

function figures(rest: string): ReadonlyMap<string, number> {
  return runScenario(parseScenario(HEAD + rest, 'X'), 1).figures
}

test('what waits for the budget of a broadcast, and for a slow store, is seen while it waits', () => {
  const burst = '[[steps]]\nat_s = 0.5\ndo = "burst"\nnodes = [0]\nrows = 300\ntimes = 5\n'
  const limited = figures(`[replication]\norigin_bytes_per_s = 20000\n${burst}`)
  assert.ok((limited.get('delayed_bytes.max') ?? 0) > 20_000)
  assert.ok((limited.get('broadcast_sent') ?? 0) > 0)
  const slow = figures(`[store]\nwork_ms = [600, 600]\n${burst.replace('[0]', '[0, 1]')}`)
  assert.ok((slow.get('queued_bytes.max') ?? 0) > 0)
  const free = figures(burst)
  assert.deepEqual([free.get('delayed_bytes.max'), free.get('delayed_bytes.left')], [0, 0])
  assert.equal(free.get('may_not_write'), 0)
})
