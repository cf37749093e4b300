/**
 * Every scenario with the seeds and the fleet that its file gives for each push. What is known to fail is told and does
 * not fail; everything else that breaks ends with the line that replays it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { override } from '../src/overrides.ts'
import { outcomeOf, summary } from '../src/report.ts'
import { runScenario } from '../src/run.ts'
import { readScenario, scenarioIds } from '../src/scenario.ts'

const overrides = { ci: true }

for (const id of scenarioIds()) {
  const file = readScenario(id)
  const scenario = override(file, overrides)
  const { seeds, why } = file.ci
  const name = `${id}: ${file.title} (${scenario.nodes} nodes, ${seeds} seeds)`
  test(name, { skip: seeds === 0 ? why : false }, (t) => {
    const failures: string[] = []
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = runScenario(scenario, seed)
      const { broken, known, better } = outcomeOf(scenario, result)
      for (const { criterion } of known) t.diagnostic(`seed ${seed}: known to fail: ${criterion.figure}`)
      for (const { criterion } of better)
        t.diagnostic(`seed ${seed}: holds, though known to fail: ${criterion.figure}`)
      if (broken.length > 0) failures.push(...summary(scenario, result, overrides))
    }
    assert.equal(failures.length, 0, `\n${failures.join('\n')}`)
  })
}
