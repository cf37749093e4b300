import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Pulse } from '@patina/sqlite'
import { type Stall, StallWatch, stallOf } from './stall-watch.ts'

const LIMITS = { loopMs: 5_000, upkeepMs: 60_000 }
const WELL: Pulse = { loopLagMs: 100, running: 'nothing', id: 0, forMs: 0 }

test('a loop that stands is a stall, unless a call runs that has a deadline; upkeep has a time of its own', () => {
  assert.equal(stallOf(WELL, LIMITS), undefined)
  assert.match(stallOf({ ...WELL, loopLagMs: 5_001 }, LIMITS) ?? '', /has not come round for 5001 ms/)
  const busy = { loopLagMs: 30_000, id: 7, forMs: 30_000 }
  assert.equal(stallOf({ ...busy, running: 'call' }, LIMITS), undefined)
  assert.equal(stallOf({ ...busy, running: 'upkeep' }, LIMITS), undefined)
  assert.match(stallOf({ ...busy, running: 'upkeep', forMs: 60_001 }, LIMITS) ?? '', /upkeep takes 60001 ms/)
})

/** Answers in order, each within its second; the last for ever. */
async function watched(answers: readonly (Pulse | undefined)[], seconds: number): Promise<readonly Stall[]> {
  mock.timers.enable({ apis: ['setTimeout'] })
  const found: Stall[] = []
  let asked = 0
  const pulse = async (): Promise<Pulse | undefined> => {
    const answer = answers[Math.min(asked, answers.length - 1)]
    asked += 1
    return answer
  }
  const watch = new StallWatch({ pulse }, LIMITS, (stall) => found.push(stall))
  for (let second = 0; second < seconds; second += 1) {
    mock.timers.tick(1_000)
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  watch.stop()
  mock.timers.reset()
  return found
}

test('four asks without an answer are a stall, told once; three are not', async () => {
  assert.deepEqual(await watched([WELL, undefined, undefined, undefined, WELL], 20), [])
  const silent = await watched([WELL, undefined], 20)
  assert.deepEqual(silent, [{ why: 'it gave no answer 4 times', pulse: undefined }])
})

test('before its first answer a process has a minute', async () => {
  assert.deepEqual(await watched([undefined], 50), [])
  assert.equal((await watched([undefined], 70)).length, 1)
})

test('a stall is told with the answer that shows it', async () => {
  const stands = { ...WELL, loopLagMs: 6_000 }
  const [stall] = await watched([WELL, stands], 5)
  assert.deepEqual(stall?.pulse, stands)
})
