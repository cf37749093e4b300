import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { runHistory } from './history.ts'
import { newLawFolder } from './law-folder.ts'
import { runSchemaHistory } from './schema-history.ts'

const folder = newLawFolder()
after(() => rmSync(folder, { recursive: true }))

const STEPS = 10_000

test('T-E1, T-F2: merge commutes, associates and repeats: 10,000 steps of generated histories equal the oracle after each', () => {
  let steps = 0
  // Fresh ones at each run; what fails names the command that runs its seed again.
  const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
  for (let seed = first; steps < STEPS; seed = (seed + 1) >>> 0) steps += runHistory(seed, folder)
  assert.ok(steps >= STEPS)
})

/** Slower than the others: a store is checked as a whole after each step. */
const SCHEMA_STEPS = 10_000

test('T-B2, T-B3: definitions that go, come back and differ at any time: what a store holds is the merge of all of it, known or not', () => {
  let steps = 0
  const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
  for (let seed = first; steps < SCHEMA_STEPS; seed = (seed + 1) >>> 0)
    steps += runSchemaHistory(seed, folder)
  assert.ok(steps >= SCHEMA_STEPS)
})
