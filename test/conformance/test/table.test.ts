import { after, before, describe, it } from 'node:test'
import { play } from '../src/play.ts'
import { type Stage, setStage, WIRES } from '../src/wires.ts'
import { TABLE } from '../table/table.ts'
import { playTwoAtOnce } from './two-at-once.ts'

// Some scenarios wait for a timeout of a second; the wires need not wait for each other.
describe('the recorded table', { concurrency: WIRES.size }, () => {
  let stage: Stage
  before(async () => {
    stage = await setStage(['open', 'guarded', 'tight'])
  })
  after(() => stage.end())

  for (const name of WIRES.keys())
    describe(name, { concurrency: 1 }, () => {
      for (const [chapter, scenarios] of Object.entries(TABLE))
        for (const scenario of scenarios)
          it(`${chapter}: ${scenario.says}`, () =>
            play(scenario, stage.wire(name, scenario.profile ?? 'open')))
      it('of two transactions at once where one is allowed, one is refused', () =>
        playTwoAtOnce(stage.wire(name, 'tight')))
    })
})
