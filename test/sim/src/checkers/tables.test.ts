import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from '../run.ts'
import { parseScenario } from '../scenario.ts'

function figuresOf(steps: string): (name: string) => number {
  const { figures } = runScenario(parseScenario(`title = "x"\nnodes = 6\nseconds = 40\n${steps}`, 'X'), 1)
  return (name) => figures.get(name) ?? Number.NaN
}

test('the time until the last tags of a node are in every table', () => {
  const figure = figuresOf(`[[steps]]
do = "retag"\nnodes = [2]\nbytes = 50\nevery_s = 0.1\nfor_s = 5
[[steps]]
at_s = 5\ndo = "mark"\nnodes = [2]\nmeasure = "last"\ntables = true`)
  assert.ok(figure('last.told_max_ms') >= 100 && figure('last.told_max_ms') <= 2_000)
  assert.equal(figure('last.told_wrong'), 0)
  assert.equal(figure('last.believed_max_ms'), 0)
})

test('tags that never arrive are told as wrong', () => {
  const figure = figuresOf(`[groups]\napart = { nodes = [2] }
[[steps]]
do = "partition"\ngroup = "apart"
[[steps]]
do = "retag"\ngroup = "apart"\nbytes = 50\nevery_s = 1\nfor_s = 1
[[steps]]
do = "mark"\ngroup = "apart"\nmeasure = "last"\ntables = true`)
  assert.equal(figure('last.told_wrong'), 5)
  assert.ok(figure('last.believed_max_ms') > 30_000, 'and is down in the end')
})

test('a table believes what its application is not shown yet', () => {
  const flaps = Array.from(
    { length: 7 },
    (_, i) => `[[steps]]\nat_s = ${6 * i}\ndo = "stall"\nnodes = [2]\nfor_s = 4.5`,
  )
  const { figures } = runScenario(
    parseScenario(
      `title = "x"\nnodes = 6\nseconds = 60\n${flaps.join('\n')}
[[steps]]
at_s = 40.5\ndo = "mark"\nnodes = [2]\nmeasure = "wake"\ntables = true`,
      'X',
    ),
    1,
  )
  const [believedMs, shownMs] = [figures.get('wake.believed_max_ms'), figures.get('wake.max_ms')]
  assert.ok(believedMs !== undefined && shownMs !== undefined)
  assert.ok(believedMs < 3_000, `believed after ${believedMs} ms`)
  assert.ok(shownMs > 8_000, `shown after ${shownMs} ms`)
})
