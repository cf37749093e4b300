import { after, before, describe, it } from 'node:test'
import { play } from '../src/play.ts'
import { type Stage, setStage, WIRES } from '../src/wires.ts'
import { TABLE } from '../table/table.ts'

describe('the recorded table', () => {
  let stage: Stage
  before(async () => {
    stage = await setStage(['open', 'guarded', 'tight'])
  })
  after(() => stage.end())

  for (const name of WIRES.keys())
    for (const [chapter, scenarios] of Object.entries(TABLE))
      describe(`${chapter} over ${name}`, () => {
        for (const scenario of scenarios)
          it(scenario.says, () => play(scenario, stage.wire(name, scenario.profile ?? 'open')))
      })
})
