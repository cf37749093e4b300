/** The commands of `patina-aggregator`. */
import { readFileSync } from 'node:fs'
import {
  type Command,
  type CommandIo,
  fetchTrusting,
  formatSocketAddress,
  numberOption,
  onlyPositional,
  type ParsedArguments,
  type Program,
  parseArguments,
  parseOptions,
  readTlsFiles,
  readTokenFile,
  stopSignal,
  UsageError,
} from '@patina/program'
import { callAggregator } from './call.ts'
import { agentOf, runAggregator } from './compose.ts'
import { CONFIG_PATH_DEFAULT, type Config, loadConfig } from './config.ts'
import {
  type HostLimits,
  likelyEntries,
  type MostThatFits,
  mostThatFits,
  PLAN_DEFAULTS,
  planTiers,
  type TierPlan,
} from './plan.ts'
import type { RegionRoute } from './route.ts'
import { VERSION } from './version.ts'

const OPTIONS = { config: 'text', help: 'flag' } as const
const JSON_OPTIONS = { ...OPTIONS, json: 'flag' } as const
const ROUTE_OPTIONS = { ...JSON_OPTIONS, from: 'text', instances: 'text' } as const
const PLAN_OPTIONS = {
  help: 'flag',
  json: 'flag',
  instances: 'text',
  apps: 'text',
  regions: 'text',
  entries: 'text',
  changes: 'text',
  counting: 'text',
  'host-disk': 'text',
  'host-memory': 'text',
  'host-mbit': 'text',
} as const

const SCHEMA = new URL('../schema/app-regions.sql', import.meta.url)

const runCommand: Command = {
  usage: 'run [--config FILE]',
  meaning: 'publish what the region has, until SIGTERM or SIGINT',
  examples: ['patina-aggregator run --config /etc/patina/aggregator.toml'],
  options: OPTIONS,
  async run(argv, io) {
    const config = configOf(parseOptions(argv, OPTIONS), io)
    const { createLog } = await import('@patina/program/log')
    await runAggregator(config, createLog(config.log), stopSignal(io))
    return 0
  },
}

const routeCommand: Command = {
  usage: 'route APP [--from REGION] [--instances REGION] [--config FILE] [--json]',
  meaning: 'the live regions of an app, the nearest first; with --instances its instances in one of them',
  examples: ['patina-aggregator route web --from nrt', 'patina-aggregator route web --instances syd --json'],
  options: ROUTE_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, ROUTE_OPTIONS)
    const app = encodeURIComponent(onlyPositional(parsed, 'an app'))
    const config = configOf(parsed, io)
    const [from, region] = [parsed.text('from') ?? config.region, parsed.text('instances')]
    const query = region === undefined ? { from } : { region }
    const path = `/v1/route/${app}${region === undefined ? '' : '/instances'}?${new URLSearchParams(query)}`
    const answer = await call(config, 'GET', path)
    if (parsed.flag('json')) io.out(`${JSON.stringify(answer)}\n`)
    else if (region === undefined) io.out((answer.regions as RegionRoute[]).map(routeLine).join(''))
    else io.out((answer.instances as object[]).map((one) => `${JSON.stringify(one)}\n`).join(''))
    return 0
  },
}

const releaseCommand: Command = {
  usage: 'release ROLLUP [--config FILE] [--json]',
  meaning: 'let through what the guard holds, at this aggregator; exit code 1 where it holds nothing',
  examples: ['patina-aggregator release app_regions'],
  options: JSON_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, JSON_OPTIONS)
    const rollup = onlyPositional(parsed, 'a roll-up')
    const answer = await call(configOf(parsed, io), 'POST', `/v1/release/${encodeURIComponent(rollup)}`)
    const released = answer.released === true
    if (parsed.flag('json')) io.out(`${JSON.stringify(answer)}\n`)
    else io.err(`${rollup} ${released ? 'is released' : 'is not held'}\n`)
    return released ? 0 : 1
  },
}

const statusCommand: Command = {
  usage: 'status [--config FILE] [--json]',
  meaning: 'role, roll-ups and what is held, of the aggregator that runs; exit code 1 where it is not well',
  examples: ['patina-aggregator status --json'],
  options: JSON_OPTIONS,
  async run(argv, io) {
    const parsed = parseOptions(argv, JSON_OPTIONS)
    const status = await call(configOf(parsed, io), 'GET', '/v1/status')
    io.out(`${JSON.stringify(status, null, parsed.flag('json') ? 0 : 2)}\n`)
    return status.health === 'well' ? 0 : 1
  },
}

const checkCommand: Command = {
  usage: 'check [--config FILE]',
  meaning: 'is the configuration right, do both agents answer, and do queries and tables fit each other?',
  examples: ['patina-aggregator check --config aggregator.toml'],
  options: OPTIONS,
  async run(argv, io) {
    const config = configOf(parseOptions(argv, OPTIONS), io)
    const failed = (message: string): void => io.err(`${message}\n`)
    const { checkTiers } = await import('./check.ts')
    const { facts, problems } = await checkTiers(
      config,
      agentOf(config.regional, failed),
      agentOf(config.global, failed),
    )
    for (const fact of facts) io.out(`${fact}\n`)
    for (const problem of problems) io.err(`${problem}\n`)
    return problems.length === 0 ? 0 : 1
  },
}

const planCommand: Command = {
  usage:
    'plan [--instances N] [--apps N] [--regions N] [--entries N] [--changes PER_SEC] [--counting PERCENT] [--host-disk MB] [--host-memory MB] [--host-mbit N] [--json]',
  meaning:
    'bytes, rates and memory of each tier for a fleet of that size, and with --host-… how large it may be; entries: rows of the global table, counting: changes of a hundred that change one',
  examples: [
    'patina-aggregator plan --instances 1000000 --apps 100000 --regions 30',
    'patina-aggregator plan --host-disk 10000 --host-memory 2000 --host-mbit 10',
  ],
  options: PLAN_OPTIONS,
  async run(argv, io) {
    const parsed = parseOptions(argv, PLAN_OPTIONS)
    const count = (name: keyof typeof PLAN_DEFAULTS): number => {
      const given = numberOption(parsed, name, 'whole number') ?? PLAN_DEFAULTS[name]
      if (given < 1) throw new UsageError(`--${name} is at least 1`)
      return given
    }
    const fleet = {
      instances: count('instances'),
      apps: count('apps'),
      regions: count('regions'),
      changes: count('changes'),
      counting: count('counting'),
    }
    const known = numberOption(parsed, 'entries', 'whole number')
    const entries = known ?? likelyEntries(fleet)
    const plan = planTiers({ ...fleet, entries })
    const limits = hostLimits(parsed)
    const entriesOf =
      known === undefined
        ? likelyEntries
        : ({ apps }: { readonly apps: number }) => (known * apps) / fleet.apps
    const isLimited = Object.values(limits).some((limit) => limit !== undefined)
    const most = isLimited ? mostThatFits(fleet, entriesOf, limits) : null
    if (parsed.flag('json')) io.out(`${JSON.stringify({ ...plan, most })}\n`)
    else io.out(planText(plan) + (most === null ? '' : mostText(most)))
    return 0
  },
}

const schemaCommand: Command = {
  usage: 'schema',
  meaning: 'the global table and view that the examples use, as SQL for db.schema_paths of the global agents',
  examples: ['patina-aggregator schema > /etc/patina/global/app-regions.sql'],
  options: { help: 'flag' },
  async run(argv, io) {
    parseOptions(argv, { help: 'flag' })
    io.out(readFileSync(SCHEMA, 'utf8'))
    return 0
  },
}

export const PATINA_AGGREGATOR: Program = {
  name: 'patina-aggregator',
  meaning: 'which regions have which apps, in the global cluster',
  version: VERSION,
  commands: {
    run: runCommand,
    route: routeCommand,
    release: releaseCommand,
    status: statusCommand,
    check: checkCommand,
    plan: planCommand,
    schema: schemaCommand,
  },
  sharedHelp: `--config, -c FILE   configuration (default ${CONFIG_PATH_DEFAULT})
exit codes: 0 done, 1 failed, 2 usage, 3 cannot reach the aggregator or an agent
`,
}

function configOf(parsed: ParsedArguments, { environment }: CommandIo): Config {
  return loadConfig(parsed.text('config') ?? CONFIG_PATH_DEFAULT, environment)
}

async function call(
  { listen, advertise, tokenFile, tls }: Config,
  method: 'GET' | 'POST',
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  // The certificate is for the address that others use.
  const address = tls.certFile === undefined ? `http://${formatSocketAddress(listen)}` : advertise
  const { ca } = readTlsFiles(tls)
  const fetch = fetchTrusting(() => ca)
  return await callAggregator({ address, token: readTokenFile(tokenFile), method, path }, fetch)
}

function routeLine({ region, distance_ms, app, ...columns }: RegionRoute): string {
  const distance = distance_ms === null ? 'unknown distance' : `${distance_ms} ms`
  const others = Object.entries(columns).map(([name, value]) => `${value} ${name}`)
  return `${region}  ${[distance, ...others].join('  ')}\n`
}

/** An agent of each tier and an aggregator share it. */
function hostLimits(parsed: ParsedArguments): HostLimits {
  const [diskMb, memoryMb, mbit] = (['host-disk', 'host-memory', 'host-mbit'] as const).map((name) =>
    numberOption(parsed, name, 'whole number'),
  )
  return { diskMb, memoryMb, wireKbPerSec: mbit === undefined ? undefined : (1_000 * mbit) / 8 }
}

const LIMIT_NAMES = { diskMb: 'disk', memoryMb: 'memory', wireKbPerSec: 'traffic' } as const

function mostText({ times, instances, apps, limit }: MostThatFits): string {
  const number = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en-US')
  if (times === 0) return 'a host with an agent of each tier and an aggregator needs more than that\n'
  const carried = `${number(times)} times that: ${number(instances)} instances of ${number(apps)} apps`
  if (limit === null) return `such hosts carry ${carried}, and more\n`
  return `such hosts carry ${carried}; ${LIMIT_NAMES[limit]} is used up first\n`
}

function planText({ tiers, aggregatorMb, lagSeconds, share }: TierPlan): string {
  const cells = (first: string, others: readonly string[]): string =>
    `${first.padEnd(18)}${others.map((cell) => cell.padStart(12)).join('')}\n`
  const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`
  const lines = tiers.map(({ tier, rows, diskMb, changesPerSec, wireKbPerSec, memoryMb }) =>
    cells(tier, [rows, diskMb.written, diskMb.changed, changesPerSec, wireKbPerSec, memoryMb].map(number)),
  )
  return [
    cells('on each member', ['rows', 'disk MB', 'later', 'changes/s', 'kB/s', 'agent MB']),
    ...lines,
    'later: when each row has been changed; shares are of that\n',
    `an aggregator has ${number(aggregatorMb)} MB; a change of an instance is published after some ${Number(lagSeconds.toPrecision(2))} s\n`,
    `global of flat: ${percent(share.bytes)} of the disk, ${percent(share.changes)} of the changes, ${percent(share.wire)} of the traffic\n`,
  ].join('')
}
