import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseScenario, readScenario, scenarioIds } from './scenario.ts'

const SMALL = `
title = "small"
nodes = 10
seconds = 5

[groups]
victims = { share = 0.2 }

[[steps]]
at_s = 1
do = "kill"
group = "victims"
measure = "kill"

[pass]
"kill.max_ms" = "<= 6000"
`

test('every scenario file is read, and each says what must hold', () => {
  const ids = scenarioIds()
  assert.ok(ids.length >= 30)
  assert.ok(ids.indexOf('S2') < ids.indexOf('S10'))
  for (const id of ids) assert.ok(readScenario(id).criteria.length > 0, id)
})

test('times become milliseconds, shares parts of a million, and what is left out has a default', () => {
  const scenario = parseScenario(`${SMALL}\n[network]\nloss = 0.1\nlatency = "world"\n`, 'X')
  assert.equal(scenario.lengthMs, 5_000)
  assert.deepEqual(scenario.steps, [
    {
      atMs: 1_000,
      who: { kind: 'group', name: 'victims' },
      action: { kind: 'kill', how: 'power' },
      measure: 'kill',
      ends: undefined,
    },
  ])
  assert.equal(scenario.faults.lossPpm, 100_000)
  assert.deepEqual(scenario.latency, { kind: 'world' })
  assert.equal(scenario.start, 'warm')
  assert.deepEqual(scenario.ci, { seeds: 1, nodes: 10, criteria: [], why: '' })
  assert.equal(scenario.command, '--scenario X')
})

for (const [what, from, to, message] of [
  ['a key with a typing mistake', 'measure =', 'mesure =', /"mesure" is not known here/],
  ['an unknown step', 'do = "kill"', 'do = "shoot"', /X\.steps\[0\]: do must be one of mark, kill/],
  ['a group that is not there', 'group = "victims"', 'group = "others"', /no group "others"/],
  ['a share above 1', 'share = 0.2', 'share = 2', /share must be a number from 0 to 1, not 2/],
  ['a bound that is none', '<= 6000', 'soon', /must be bounds like/],
  ['a missing length', 'seconds = 5', '', /seconds must be a number/],
  ['no TOML', 'nodes = 10', 'nodes = = 10', /X: /],
  ['a known failure of nothing', '[pass]', '[known_failing]\nx = "y"\n[pass]', /"x" is not under pass/],
  ['no seeds without a reason', '[pass]', '[ci]\nseeds = 0\n[pass]', /says 0 seeds, but not why/],
] as const)
  test(`refused: ${what}`, () => {
    assert.ok(SMALL.includes(from))
    assert.throws(() => parseScenario(SMALL.replace(from, to), 'X'), { name: 'ScenarioError', message })
  })

test('an unknown scenario is refused with a list of those that are there', () => {
  assert.throws(() => readScenario('S0'), /there is no "S0"; there are C1, /)
})
