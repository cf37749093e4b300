import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from './run.ts'
import { parseScenario } from './scenario.ts'

/** Three nodes, one of which says nonsense for some seconds; then another one writes. */
function figures(rogue: string): ReadonlyMap<string, number> {
  const text = `title = "x"\nmachine = "node"\nnodes = 3\nseconds = 6\nconverge_s = 60
[workload]\nwrites_per_s = 5\nfor_s = 6\n${rogue}`
  return runScenario(parseScenario(text, 'X'), 3).figures
}

test('nonsense is counted, kept where its checksum is right, and costs nobody anything', () => {
  const loud = figures('[[steps]]\ndo = "rogue"\nnodes = [1]\nper_s = 100\nfor_s = 3')
  assert.ok((loud.get('sync_malformed') ?? 0) > 50)
  const quiet = figures('')
  assert.equal(quiet.get('sync_malformed'), 0)
  for (const run of [loud, quiet])
    for (const name of [
      'rows_differ',
      'stamps_differ',
      'knowledge_differs',
      'findings',
      'versions_rewritten',
    ])
      assert.equal(run.get(name), 0, name)
  assert.ok((loud.get('propagation.last_max_ms') ?? 1_000) < 100)
})
