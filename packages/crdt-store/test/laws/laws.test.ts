import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runHistory } from './history.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-laws-'))
after(() => rmSync(folder, { recursive: true }))

const STEPS = 10_000

test('merge commutes, associates and repeats: 10,000 steps of generated histories equal the oracle after each', () => {
  let steps = 0
  for (let seed = 1; steps < STEPS; seed += 1) steps += runHistory(seed, folder)
  assert.ok(steps >= STEPS)
})
