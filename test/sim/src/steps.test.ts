import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from './run.ts'
import { parseScenario } from './scenario.ts'

/** Runs five nodes with these steps. */
function figuresOf(steps: string, head = 'nodes = 5\nseconds = 40'): ReadonlyMap<string, number> {
  return runScenario(parseScenario(`title = "x"\n${head}\n${steps}`, 'X'), 1).figures
}

test('who is killed is found down by all', () => {
  const figures = figuresOf('[[steps]]\ndo = "kill"\nnodes = [3]\nmeasure = "kill"')
  assert.equal(figures.get('downs'), 4)
  assert.equal(figures.get('kill.wrong'), 0)
  assert.ok((figures.get('kill.suspect_max_ms') ?? 0) > 0)
  assert.ok((figures.get('wrong_share.max') ?? 0) > 0)
})

test('who leaves is no failure', () => {
  const figures = figuresOf('[[steps]]\ndo = "leave"\ncount = 1\nmeasure = "leave"')
  assert.equal(figures.get('downs'), 0)
  assert.equal(figures.get('leave.wrong'), 0)
})

test('a restart and a late start are found', () => {
  const figures = figuresOf(
    '[[steps]]\ndo = "restart"\nnodes = [1]\nmeasure = "restart"\n[[steps]]\ndo = "start"\ngroup = "all"\nmeasure = "start"',
    'nodes = 5\nabsent = 2\nseconds = 40',
  )
  for (const name of ['restart', 'start']) {
    assert.equal(figures.get(`${name}.wrong`), 0)
    assert.ok((figures.get(`${name}.max_ms`) ?? 0) > 0)
  }
  assert.equal(figures.get('wrong_pairs'), 0)
})

test('a partition that is measured and healed', () => {
  const figures = figuresOf(
    `[groups]\nside = { count = 2 }
[[steps]]\ndo = "partition"\ngroup = "side"
[[steps]]\ndo = "mark"\ngroup = "all"\nmeasure = "split"
[[steps]]\nat_s = 30\ndo = "heal"\nends = "split"
[[steps]]\nat_s = 30\ndo = "mark"\nmeasure = "heal"`,
    'nodes = 5\nseconds = 90',
  )
  assert.equal(figures.get('split.wrong'), 0)
  assert.equal(figures.get('heal.wrong'), 0)
  assert.equal(figures.get('downs'), 12)
  assert.equal(figures.get('downs_of_live'), 0)
})

test('network faults begin at their step, and a flood is only junk', () => {
  const figures = figuresOf(
    '[[steps]]\ndo = "network"\ncorrupt = 1.0\nat_s = 39.9\n[[steps]]\ndo = "flood"\ncount = 1\nper_s = 50\nfor_s = 2',
  )
  assert.ok((figures.get('malformed') ?? 0) >= 90)
  assert.equal(figures.get('downs'), 0)
})

test('stalls are longer than they may be, and are seen', () => {
  const figures = figuresOf(
    '[[steps]]\ndo = "stalls"\nnodes = [2]\nstalled_s = [15, 15]\ngap_s = [1, 1]\nfor_s = 20',
  )
  assert.ok((figures.get('downs') ?? 0) >= 4)
  assert.equal(figures.get('downs_of_healthy'), 0)
})

test('what is recorded and replayed changes nothing in a fleet at rest', () => {
  const figures = figuresOf(
    '[[steps]]\ndo = "record"\ngroup = "all"\nfor_s = 10\n[[steps]]\nat_s = 20\ndo = "replay"\ngroup = "all"',
  )
  assert.equal(figures.get('downs'), 0)
  assert.equal(figures.get('wrong_pairs'), 0)
})

test('in churn one joins and one leaves, and all know', () => {
  const figures = figuresOf(
    '[[steps]]\ndo = "churn"\nevery_s = 5\nfor_s = 20',
    'nodes = 9\nabsent = 2\nseconds = 60',
  )
  assert.equal(figures.get('wrong_pairs'), 0)
})

test('a step with no such cut or node says so', () => {
  assert.throws(() => figuresOf('[[steps]]\ndo = "heal"\nname = "x"'), /no cut "x"/)
  assert.throws(() => figuresOf('[[steps]]\ndo = "kill"\nnodes = [77]'), /no node 77/)
})
