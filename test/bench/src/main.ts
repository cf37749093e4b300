/**
 * `pnpm bench [name …] [--json] [--save]`: runs the named benchmarks, or all, one after the other; prints what each
 * measured, what the design wants, and by how much its ratios differ from baseline.json. `--save` makes this run the
 * baseline. Other flags (`--large`, `--apart`, `--minutes N`, `--apps N`) are read by the benchmarks themselves.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Baseline, compare, entryOf, type RatioChange } from './baseline.ts'
import { type Host, hostLine, hostNow } from './host.ts'
import { changesOf, tableOf } from './report.ts'
import { type Bench, type Sample, type Summary, summarize } from './sample.ts'

const FOLDER = new URL('../', import.meta.url)
const BASELINE = new URL('baseline.json', FOLDER)
const SUFFIX = '.bench.ts'

interface Outcome {
  readonly bench: string
  readonly before: Host
  readonly loadAfter: number
  readonly repetitions: number
  readonly summaries: readonly Summary[]
  readonly changes: readonly RatioChange[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    apart: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    apps: { type: 'string' },
  },
})
const known = readdirSync(FOLDER)
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
const unknown = positionals.find((name) => !known.includes(name))
if (unknown !== undefined) {
  console.error(`no benchmark is named ${unknown}; there are ${known.join(', ')}`)
  process.exit(1)
}

const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline
const saved: { [bench: string]: Baseline[string] } = { ...baseline }
for (const name of positionals.length > 0 ? positionals : known) {
  const outcome = await measure(name)
  console.log(values.json ? JSON.stringify(outcome) : textOf(outcome))
  const day = new Date().toISOString().slice(0, 10)
  saved[name] = entryOf(outcome.summaries, day, hostLine(outcome.before))
}
if (values.save) writeFileSync(BASELINE, `${JSON.stringify(saved, null, 2)}\n`)

async function measure(name: string): Promise<Outcome> {
  const { bench } = (await import(new URL(`${name}${SUFFIX}`, FOLDER).href)) as { readonly bench: Bench }
  const before = hostNow()
  const repetitions: (readonly Sample[])[] = []
  for (let repetition = 0; repetition <= bench.repetitions; repetition += 1) {
    process.stderr.write(`${name}: ${repetition === 0 ? 'warming up' : `repetition ${repetition}`}\n`)
    const samples = await bench.repeat(repetition)
    if (repetition > 0) repetitions.push(samples)
  }
  const summaries = summarize(repetitions)
  return {
    bench: name,
    before,
    loadAfter: hostNow().load,
    repetitions: bench.repetitions,
    summaries,
    changes: compare(summaries, baseline[name]),
  }
}

function textOf({ bench, before, loadAfter, repetitions, summaries, changes }: Outcome): string {
  const parts = [
    `\n## ${bench}: ${repetitions} repetitions; load ${before.load} before, ${loadAfter} after`,
    hostLine(before),
    tableOf(summaries),
  ]
  if (changes.length > 0) parts.push(changesOf(changes))
  return `${parts.join('\n\n')}\n`
}
