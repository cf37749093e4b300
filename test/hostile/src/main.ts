/**
 * Hostile statements for as long as one likes: `--minutes N` runs fresh seeds, `--seed S` one of them again. What gets through
 * is printed with the line that runs its seed again.
 */
import { parseArgs } from 'node:util'
import { attack } from './world.ts'

const REPORT_EVERY_MS = 10_000

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
if (values.seed === undefined) await runFor(Number(values.minutes ?? 1) * 60_000)
else console.log(await attack(Number(values.seed), 1))

async function runFor(ms: number): Promise<void> {
  const start = performance.now()
  let [statements, told] = [0, start]
  const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
  let seed = first
  for (; performance.now() < start + ms; seed = (seed + 1) >>> 0) {
    try {
      statements += (await attack(seed)).statements
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
    console.log(
      `seeds ${first} to ${seed}: ${statements} statements, ${Math.round(statements / seconds)} a second`,
    )
  }
}
