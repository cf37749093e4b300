/**
 * `pnpm sim`: runs scenarios in virtual time and prints what came of them. Exit code 1 where a criterion is broken that
 * is not known to be, 2 where the command line or a scenario's file is wrong.
 */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { parseArguments, type SimArguments, UsageError } from './arguments.ts'
import { finderOf, huntMutants } from './mutants.ts'
import { type Overrides, override, replayLine } from './overrides.ts'
import { ownScenario } from './own-scenario.ts'
import { figureLines, outcomeOf, summary, writeReport } from './report.ts'
import { type RunResult, runScenario } from './run.ts'
import { readScenario, type Scenario, scenarioIds } from './scenario.ts'
import { shrink } from './shrink.ts'
import { ScenarioError } from './table.ts'

const MINUTE_MS = 60_000
const SHRINK_RUNS_MAX = 200
const SHRINK_SEEDS = 3
const FRESH_SEED_MAX = 2 ** 31

try {
  const argv = process.argv.slice(2)
  process.exitCode = argv.includes('--mutants') ? await findMutants(argv) : main(parseArguments(argv))
} catch (cause) {
  if (!(cause instanceof UsageError || cause instanceof ScenarioError)) throw cause
  console.error(cause.message)
  process.exitCode = 2
}

function main(args: SimArguments): number {
  if (args.list) {
    for (const { id, title } of scenariosOf(args.machine)) console.log(`${id.padEnd(6)} ${title}`)
    return 0
  }
  if (args.minutes !== undefined) return runFor(args, args.minutes * MINUTE_MS)
  const scenario = args.scenario === undefined ? ownScenario(args) : readScenario(args.scenario)
  const seeds = args.seed === undefined ? Array.from({ length: args.seeds }, (_, i) => i + 1) : [args.seed]
  let [runs, failed] = [0, 0]
  for (const seed of seeds) {
    if (failed > 0 && args.untilFailure) break
    runs += 1
    if (!run(scenario, seed, args, seeds.length === 1)) failed += 1
  }
  if (seeds.length > 1) console.log(`${runs} runs, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function findMutants(argv: readonly string[]): Promise<number> {
  if (argv.length > 1) throw new UsageError('pnpm sim --mutants stands alone')
  const areAllFound = await huntMutants(({ mutant, isFound, seconds }) =>
    console.log(
      `${isFound ? 'found' : 'LIVES'} ${seconds.toFixed(1).padStart(6)} s  ${mutant.title} (${finderOf(mutant)})`,
    ),
  )
  return areAllFound ? 0 : 1
}

function scenariosOf(machine: SimArguments['machine']): Scenario[] {
  return scenarioIds()
    .map(readScenario)
    .filter((scenario) => scenario.machine === machine)
}

/** Fresh seeds, each scenario in turn, until the time is over. Those that no push runs are run by name only. */
function runFor(args: SimArguments, forMs: number): number {
  const scenarios =
    args.scenario === undefined
      ? scenariosOf(args.machine).filter(({ ci }) => ci.seeds > 0)
      : [readScenario(args.scenario)]
  const first = args.seed ?? randomInt(FRESH_SEED_MAX)
  const end = performance.now() + forMs
  let runs = 0
  let failed = 0
  for (let turn = 0; performance.now() < end; turn += 1)
    for (const scenario of scenarios) {
      if (performance.now() >= end) break
      runs += 1
      if (!run(scenario, first + turn, args, false)) failed += 1
    }
  console.log(
    `${runs} runs of ${scenarios.length} scenarios from seed ${first}, ${failed} failed, commit ${commit()}`,
  )
  return failed === 0 ? 0 : 1
}

/** Whether all criteria hold but those that are known not to. */
function run(file: Scenario, seed: number, args: SimArguments, isAlone: boolean): boolean {
  const scenario = override(file, args.overrides)
  const started = performance.now()
  const result = runScenario(scenario, seed, args.trace ? printEvent : undefined)
  const { broken } = outcomeOf(scenario, result)
  for (const line of summary(scenario, result, args.overrides)) console.log(line)
  if (isAlone) {
    for (const line of figureLines(result)) console.log(line)
    console.log(`  ${result.events} events in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  }
  if (args.report !== undefined)
    for (const path of writeReport(args.report, scenario, result)) console.log(`      ${path}`)
  if (broken.length > 0 && args.shrink)
    console.log(`      smaller: ${shrunk(file, seed, args.overrides, result)}`)
  return broken.length === 0
}

function shrunk(file: Scenario, seed: number, overrides: Overrides, result: RunResult): string {
  const figures = outcomeOf(file, result).broken.map(({ criterion }) => criterion.figure)
  const smaller = shrink(
    { seed, overrides },
    {
      scenario: file,
      runsMax: SHRINK_RUNS_MAX,
      seedsPerAttempt: SHRINK_SEEDS,
      fails: (attempt) => {
        const scenario = override(file, attempt.overrides)
        const { broken } = outcomeOf(scenario, runScenario(scenario, attempt.seed))
        return broken.some(({ criterion, got }) => got !== undefined && figures.includes(criterion.figure))
      },
    },
  )
  return replayLine(file, smaller.seed, smaller.overrides)
}

function printEvent(atMs: number, node: number, what: string, detail: string): void {
  console.log(`${atMs.toFixed(3).padStart(12)} n${String(node).padEnd(4)} ${what.padEnd(12)} ${detail}`)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
