/**
 * Whole clusters by plans that nobody wrote: at each push fresh seeds, which nobody has run before, and every run that has
 * found a fault. Several processes work side by side, each on its share. A red run ends with the line that replays it, and with
 * a smaller one. SIM_RUNS=0.1 runs a tenth, for a short look.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const FRESH_SEED_MAX = 2 ** 31
const SHARE = Number(process.env.SIM_RUNS ?? 1)
/** Each is a child process of its own; the longest come first. */
const JOBS = [
  { size: 'many', runs: 15 },
  { size: 'many', runs: 15 },
  { size: 'few', runs: 40 },
  { size: 'few', runs: 40 },
  { size: 'few', runs: 40 },
  { size: 'few', runs: 40 },
] as const
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

describe('whole clusters', { concurrency: Math.min(4, availableParallelism()) }, () => {
  for (const { size, runs } of JOBS) {
    const first = randomInt(FRESH_SEED_MAX)
    const count = Math.max(1, Math.round(runs * SHARE))
    test(`${count} plans from ${size}-${first} on: all copies come together, and no rule is broken`, async () => {
      await sim('--plan', size, '--seed', String(first), '--seeds', String(count), '--shrink')
    })
  }

  test('every run that has found a fault', async () => {
    await sim('--regressions')
  })
})

/** Rejects with what was said of the runs that failed. */
function sim(...args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const options = { maxBuffer: OUTPUT_BYTES_MAX }
  const child = execFile(
    process.execPath,
    ['--conditions=@patina/source', MAIN, 'node', ...args],
    options,
    (_error, stdout, stderr) => {
      if (child.exitCode === 0) resolve()
      else reject(new assert.AssertionError({ message: `\n${withoutGood(stdout)}\n${stderr}` }))
    },
  )
  return promise
}

function withoutGood(stdout: string): string {
  return stdout
    .split('\n')
    .filter((line) => !/ seed \d+ +ok /.test(line))
    .join('\n')
}
