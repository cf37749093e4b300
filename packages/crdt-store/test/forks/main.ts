/** Histories with forks for as long as one likes: `--minutes N`, or `--seed S` once more. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runForks } from './fork-world.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const folder = mkdtempSync(join(tmpdir(), 'patina-forks-'))
const counts = { quiet: 0, repaired: 0 }
try {
  if (values.seed !== undefined) counts[runForks(Number(values.seed), folder)] += 1
  else {
    const end = performance.now() + Number(values.minutes ?? 1) * 60_000
    const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
    for (let seed = first; performance.now() < end; seed = (seed + 1) >>> 0)
      counts[runForks(seed, folder)] += 1
  }
} finally {
  rmSync(folder, { recursive: true })
  console.log(`${counts.repaired} histories with forks that were repaired, ${counts.quiet} others`)
}
