/** Arguments: what the command line asks for, checked. A mistake is a UsageError with a sentence that says what to write. */
import { parseArgs } from 'node:util'
import { FAULT_NAMES, type FaultName, type Overrides } from './overrides.ts'

export class UsageError extends Error {}

export interface SimArguments {
  /** Whose scenarios: membership alone, or composed nodes with their stores. */
  readonly machine: 'swim' | 'node'
  /** Undefined: an own scenario from `kill`, `loss` and so on; or, with `minutes`, all there are. */
  readonly scenario: string | undefined
  /** `few` or `many`, with the seed of each run, or one of them as `few-7`. */
  readonly plan: string | undefined
  /** All runs of test/sim/regressions.toml. */
  readonly regressions: boolean
  readonly overrides: Overrides
  readonly kill: { readonly share: number } | { readonly count: number }
  readonly how: 'process' | 'power'
  readonly latency: 'local' | 'world'
  readonly seed: number | undefined
  readonly seeds: number
  readonly minutes: number | undefined
  /** Folder for reports. */
  readonly report: string | undefined
  readonly trace: boolean
  readonly shrink: boolean
  readonly list: boolean
  readonly untilFailure: boolean
}

export const USAGE = `pnpm sim swim [options]: membership alone
pnpm sim node [options]: composed nodes with their stores

  --scenario ID     one of test/sim/scenarios; --list shows them
  --plan few|many   of nodes with stores: a plan drawn from the seed, for 3 to 10 nodes or for 50; few-7: that one
  --regressions     of nodes with stores: every run that has found a fault
  --nodes N         size of the fleet (1000)
  --kill 1%|N       without --scenario: how many crash (1%)
  --how HOW         power: without a word (default) · process: connections break
  --loss 10%        share of datagrams lost
  --latency WHERE   local: 1-5 ms (default) · world: real regions
  --seconds N       virtual time after the start
  --seed S          one run with this seed
  --seeds N         so many runs, with the seeds from --seed (1) on
  --until-failure   stops at the first seed that fails
  --minutes N       fresh seeds until the time is over, of one scenario or of all in turn
  --drop-steps 1,2  leaves out steps of the scenario, counted from 0
  --without a,b     leaves out faults: ${FAULT_NAMES.join(', ')}
  --ci              the smaller fleet that each push runs
  --report DIR      writes a JSON and an SVG file for each run
  --trace           prints every event
  --shrink          looks for a smaller run that fails, too
  --list            shows the scenarios

pnpm sim --mutants: makes known-bad changes in a copy of the sources, and tells whether a scenario finds each`

const MACHINES = ['swim', 'node'] as const
const SEEDS_MAX = 1_000_000

export function parseArguments(args: readonly string[]): SimArguments {
  const { values, positionals } = parse(args)
  const machine = MACHINES.find((one) => one === positionals[0])
  if (machine === undefined || positionals.length !== 1) throw new UsageError(USAGE)
  if (
    machine === 'node' &&
    values.scenario === undefined &&
    values.plan === undefined &&
    values.minutes === undefined &&
    values.regressions !== true &&
    values.list !== true
  )
    throw new UsageError('pnpm sim node needs --scenario, --plan, --regressions, --minutes or --list')
  if (machine === 'swim' && (values.plan !== undefined || values.regressions === true))
    throw new UsageError('plans and regressions are of nodes with stores: pnpm sim node')
  return {
    machine,
    scenario: values.scenario,
    plan: values.plan,
    regressions: values.regressions ?? false,
    overrides: {
      ...(values.ci === true ? { ci: true } : {}),
      ...optional('nodes', values.nodes, whole),
      ...optional('seconds', values.seconds, whole),
      ...optional('loss', values.loss, share),
      ...optional('dropSteps', values['drop-steps'], places),
      ...optional('without', values.without, faultNames),
    },
    kill: killed(values.kill ?? '1%'),
    how: oneOf('--how', values.how ?? 'power', ['process', 'power']),
    latency: oneOf('--latency', values.latency ?? 'local', ['local', 'world']),
    seed: values.seed === undefined ? undefined : whole('--seed', values.seed),
    seeds: values.seeds === undefined ? 1 : Math.min(SEEDS_MAX, whole('--seeds', values.seeds)),
    minutes: values.minutes === undefined ? undefined : positive('--minutes', values.minutes),
    report: values.report,
    trace: values.trace ?? false,
    shrink: values.shrink ?? false,
    list: values.list ?? false,
    untilFailure: values['until-failure'] ?? false,
  }
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<typeof CONFIG>> {
  try {
    return parseArgs({ ...CONFIG, args: [...args] })
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${USAGE}`)
  }
}

const CONFIG = {
  allowPositionals: true,
  options: {
    scenario: { type: 'string' },
    plan: { type: 'string' },
    regressions: { type: 'boolean' },
    nodes: { type: 'string' },
    kill: { type: 'string' },
    how: { type: 'string' },
    loss: { type: 'string' },
    latency: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    'drop-steps': { type: 'string' },
    without: { type: 'string' },
    report: { type: 'string' },
    trace: { type: 'boolean' },
    shrink: { type: 'boolean' },
    list: { type: 'boolean' },
    'until-failure': { type: 'boolean' },
    ci: { type: 'boolean' },
  },
} as const

function optional<K extends string, T>(
  key: K,
  text: string | undefined,
  read: (name: string, text: string) => T,
): { [key in K]?: T } {
  return text === undefined ? {} : ({ [key]: read(`--${key}`, text) } as { [key in K]?: T })
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '')
    throw new UsageError(`${name} must be a whole number, not "${text}"`)
  return value
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new UsageError(`${name} must be a number above 0, not "${text}"`)
  return value
}

function share(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text)
  const value = Number(match?.[1]) / 100
  if (!(value >= 0 && value <= 1)) throw new UsageError(`${name} must be a share like 10%, not "${text}"`)
  return value
}

function killed(text: string): SimArguments['kill'] {
  return text.endsWith('%') ? { share: share('--kill', text) } : { count: whole('--kill', text) }
}

function places(name: string, text: string): number[] {
  return text.split(',').map((part) => whole(name, part))
}

function faultNames(name: string, text: string): FaultName[] {
  return text.split(',').map((part) => oneOf(name, part, FAULT_NAMES))
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text)
  if (choice === undefined)
    throw new UsageError(`${name} must be one of ${choices.join(', ')}, not "${text}"`)
  return choice
}
