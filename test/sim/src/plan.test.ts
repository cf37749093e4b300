import assert from 'node:assert/strict'
import { test } from 'node:test'
import { override } from './overrides.ts'
import { planOf } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './table.ts'

const PLANS = Array.from({ length: 300 }, (_, i) => planOf(`few-${i}`))

function kinds(scenarios: readonly Scenario[]): Set<string> {
  return new Set(scenarios.flatMap(({ steps }) => steps.map(({ action }) => action.kind)))
}

test('a plan is a function of its name, and its line replays it', () => {
  assert.deepEqual(planOf('few-7'), planOf('few-7'))
  assert.notDeepEqual(planOf('few-7').steps, planOf('few-8').steps)
  assert.equal(planOf('many-4294967295').command, '--plan many-4294967295')
  for (const name of ['few', 'few-', 'few-x', 'some-1', 'few-12345678901'])
    assert.throws(() => planOf(name), ScenarioError)
})

test('fleets have the size that was asked for, and there is a place for a copy where one is made', () => {
  for (const { nodes, absent, steps } of PLANS) {
    assert.ok(nodes - absent >= 3 && nodes - absent <= 10)
    assert.equal(
      absent > 0,
      steps.some(({ action }) => action.kind === 'clone'),
    )
  }
  assert.equal(planOf('many-1').nodes - planOf('many-1').absent, 50)
})

test('every kind of fault, every durability and both schemas are drawn', () => {
  const wanted = [
    'restart',
    'partition',
    'cut',
    'stalls',
    'clone',
    'rogue',
    'wall',
    'burst',
    'save-disk',
    'deploy-schema',
    'give-up',
  ]
  assert.deepEqual([...kinds(PLANS)].sort(), wanted.sort())
  assert.deepEqual(new Set(PLANS.map(({ durability }) => durability)), new Set(['full', 'normal', 'mixed']))
  const disks = PLANS.flatMap(({ steps }) =>
    steps.flatMap(({ action }) => (action.kind === 'restart' ? [action.disk] : [])),
  )
  assert.deepEqual(new Set(disks), new Set(['kept', 'lost', 'saved']))
})

test('whatever begins has ended when the plan is over: steps come in order, and none outlasts it', () => {
  for (const { steps, lengthMs, id } of PLANS) {
    assert.deepEqual(
      steps.map(({ atMs }) => atMs),
      steps.map(({ atMs }) => atMs).sort((a, b) => a - b),
    )
    for (const { atMs, action } of steps) {
      const lasts = 'forMs' in action ? action.forMs : 'downMs' in action ? action.downMs : 0
      assert.ok(atMs + lasts <= lengthMs, `${id}: ${action.kind} at ${atMs} for ${lasts}`)
    }
  }
})

test('what is asked for depends on what happens: only where numbers may be used again may a version have two contents', () => {
  for (const { criteria, steps } of PLANS) {
    const mayFork = steps.some(({ action }) => action.kind === 'clone' || action.kind === 'save-disk')
    assert.equal(
      criteria.some(({ figure }) => figure === 'versions_rewritten'),
      !mayFork,
    )
    assert.ok(criteria.some(({ figure }) => figure === 'converged_s'))
  }
})

test('a plan of fewer nodes is about those that there are', () => {
  for (const plan of PLANS)
    for (const { who, action } of override(plan, { nodes: 2 }).steps) {
      const nodes = [who, ...(action.kind === 'cut' ? [action.to] : [])].flatMap((each) =>
        each.kind === 'nodes' ? each.nodes : [],
      )
      assert.ok(nodes.every((node) => node < 2))
    }
})
