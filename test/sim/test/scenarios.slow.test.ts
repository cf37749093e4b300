/**
 * Every scenario with the seeds and the fleet that its file gives for each push, and with one seed that nobody has run
 * before. Of the fixed seeds all criteria are asked, of the fresh one those that no seed may break: a push is not red by
 * chance, and what is red has been found. What is known to fail is told and does not fail; everything else that
 * breaks ends with the line that replays it.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { isInvariant } from '../src/criteria.ts'
import { override } from '../src/overrides.ts'
import { outcomeOf, summary } from '../src/report.ts'
import { runScenario } from '../src/run.ts'
import { readScenario, type Scenario, scenarioIds } from '../src/scenario.ts'
import { judgeTogether, type Measured, togetherText } from '../src/together.ts'

const overrides = { ci: true }
const FRESH_SEED_MAX = 2 ** 31
/** One for all scenarios, so that one number replays a red run. */
const fresh = randomInt(FRESH_SEED_MAX)

for (const id of scenarioIds()) {
  const file = readScenario(id)
  const scenario = override(file, overrides)
  const { seeds, why } = file.ci
  const name = `${id}: ${file.title} (${scenario.nodes} nodes, ${seeds} seeds)`
  test(name, { skip: seeds === 0 ? why : false }, (t) => {
    // The fresh one takes the place of the last fixed one, where there are several.
    const fixed = Array.from({ length: Math.max(1, seeds - 1) }, (_, i) => i + 1)
    const ofFixed = fixed.map((seed) => run(t, scenario, seed))
    // Of the fixed seeds alone, as all bounds of chance: what they say changes with the code, and not from push to push.
    const together = judgeTogether(
      scenario.together,
      ofFixed.map(({ measured }) => measured),
    )
    const late = together.filter(({ holds }) => !holds).map(togetherText)
    const runs = [...ofFixed, run(t, scenario, fresh)]
    const failures = [...runs.flatMap(({ failures }) => failures), ...late]
    assert.equal(failures.length, 0, `\n${failures.join('\n')}`)
  })
}

interface Ran {
  readonly measured: Measured
  /** What is to be said of a run that broke what it may not. */
  readonly failures: readonly string[]
}

function run(t: TestContext, scenario: Scenario, seed: number): Ran {
  const result = runScenario(scenario, seed)
  const { broken, known, better } = outcomeOf(scenario, result)
  for (const { criterion } of known) t.diagnostic(`seed ${seed}: known to fail: ${criterion.figure}`)
  for (const { criterion } of better)
    t.diagnostic(`seed ${seed}: holds, though known to fail: ${criterion.figure}`)
  const measured = result.convergence
  if (broken.length === 0) return { measured, failures: [] }
  const lines = summary(scenario, result, overrides)
  const isGrave = seed !== fresh || broken.some(({ criterion }) => isInvariant(criterion))
  if (isGrave) return { measured, failures: lines }
  for (const line of lines) t.diagnostic(line)
  return { measured, failures: [] }
}
