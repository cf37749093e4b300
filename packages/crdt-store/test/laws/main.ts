/**
 * The laws for as long as one likes: `--minutes N` runs fresh seeds, `--seed S` one history again; `--schema`: those in which
 * definitions change. A failure prints the line that replays it.
 */
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runHistory } from './history.ts'
import { newLawFolder } from './law-folder.ts'
import { runSchemaHistory } from './schema-history.ts'

const REPORT_EVERY_MS = 10_000

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, schema: { type: 'boolean' } },
})
const run = values.schema === true ? runSchemaHistory : runHistory
const folder = newLawFolder()
try {
  if (values.seed === undefined) runFor(Number(values.minutes ?? 1) * 60_000)
  else console.log(`${run(Number(values.seed), folder)} steps`)
} finally {
  rmSync(folder, { recursive: true })
}

function runFor(ms: number): void {
  const start = performance.now()
  let [steps, told] = [0, start]
  const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
  let seed = first
  for (; performance.now() < start + ms; seed = (seed + 1) >>> 0) {
    try {
      steps += run(seed, folder)
    } catch (cause) {
      console.error(cause)
      process.exitCode = 1
      break
    }
    if (performance.now() < told + REPORT_EVERY_MS) continue
    told = performance.now()
    report()
  }
  report()

  function report(): void {
    const seconds = (performance.now() - start) / 1000
    console.log(`seeds ${first} to ${seed}: ${steps} steps, ${Math.round(steps / seconds)} a second`)
  }
}
