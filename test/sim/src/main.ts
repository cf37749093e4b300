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
import { planOf } from './plan.ts'
import { readRegressions } from './regressions.ts'
import { figureLines, outcomeOf, summary, writeReport, writeSummary } from './report.ts'
import { type RunResult, runScenario } from './run.ts'
import { readScenario, type Scenario, scenarioIds } from './scenario.ts'
import { shrink } from './shrink.ts'
import { ScenarioError } from './table.ts'
import { JointRuns, togetherText } from './together.ts'

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
  if (args.regressions) return runRegressions()
  if (args.minutes !== undefined) return runFor(args, args.minutes * MINUTE_MS)
  const seeds = seedsOf(args)
  const joint = new JointRuns()
  let [runs, failed] = [0, 0]
  for (const seed of seeds) {
    if (failed > 0 && args.untilFailure) break
    runs += 1
    if (!run(scenarioOf(args, seed), seed, args, seeds.length === 1, joint)) failed += 1
  }
  if (seeds.length > 1) console.log(`${runs} runs, ${failed} failed`)
  return areKept(joint) && failed === 0 ? 0 : 1
}

/** What was judged over all seeds of each scenario. */
function areKept(joint: JointRuns): boolean {
  const verdicts = joint.verdicts()
  for (const { id, verdict } of verdicts) console.log(`${id.padEnd(5)} ${togetherText(verdict)}`)
  return verdicts.every(({ verdict }) => verdict.holds)
}

function seedsOf({ seed = 1, seeds }: SimArguments): number[] {
  return Array.from({ length: seeds }, (_, i) => seed + i)
}

/** A plan that is named by its size alone is drawn from the seed of the run. */
function scenarioOf(args: SimArguments, seed: number): Scenario {
  if (args.plan !== undefined) return planOf(/-\d+$/.test(args.plan) ? args.plan : `${args.plan}-${seed}`)
  return args.scenario === undefined ? ownScenario(args) : readScenario(args.scenario)
}

/** Each as its own line says. */
function runRegressions(): number {
  const regressions = readRegressions()
  const failed = regressions.filter(({ args, found }) => {
    console.log(`found once: ${found}`)
    return main(parseArguments(['node', ...args])) !== 0
  })
  console.log(`${regressions.length} regressions, ${failed.length} failed`)
  return failed.length === 0 ? 0 : 1
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
  const turn = turnOf(args)
  const first = args.seed ?? randomInt(FRESH_SEED_MAX)
  const end = performance.now() + forMs
  const failures: string[] = []
  const joint = new JointRuns()
  // Of what runs: others may land meanwhile.
  const rev = commit()
  let runs = 0
  for (let seed = first; performance.now() < end; seed += 1)
    for (const each of turn) {
      if (performance.now() >= end) break
      const scenario = scenarioOf({ ...args, ...each }, seed)
      runs += 1
      if (!run(scenario, seed, args, false, joint)) failures.push(replayLine(scenario, seed, args.overrides))
    }
  console.log(
    `${runs} runs, ${turn.length} in a turn, from seed ${first}, ${failures.length} failed, commit ${rev}`,
  )
  if (args.report !== undefined) writeSummary(args.report, { runs, firstSeed: first, failures, commit: rev })
  return areKept(joint) && failures.length === 0 ? 0 : 1
}

/** What is run in each turn: what the command line names; or each scenario, and between two of nodes a plan. */
function turnOf(args: SimArguments): Pick<SimArguments, 'scenario' | 'plan'>[] {
  if (args.scenario !== undefined || args.plan !== undefined) return [args]
  const scenarios = scenariosOf(args.machine).filter(({ ci }) => ci.seeds > 0)
  return scenarios.flatMap(({ id }, i) => {
    const plan = i === 0 ? 'many' : 'few'
    return args.machine === 'swim'
      ? [{ scenario: id, plan: undefined }]
      : [
          { scenario: id, plan: undefined },
          { scenario: undefined, plan },
        ]
  })
}

/** Whether all criteria hold but those that are known not to. */
function run(file: Scenario, seed: number, args: SimArguments, isAlone: boolean, joint: JointRuns): boolean {
  const scenario = override(file, args.overrides)
  const started = performance.now()
  const result = runScenario(scenario, seed, args.trace ? printEvent : undefined)
  joint.add(scenario, result.convergence)
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
