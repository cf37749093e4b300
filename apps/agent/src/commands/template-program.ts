/**
 * What `patina template` does: files rendered from live results of the agent, and a command after each change. It talks to
 * the agent by its HTTP API only. SIGHUP reads the configuration again and renders all; SIGUSR2 lets through what guards
 * hold; SIGTERM and Ctrl-C end it.
 */
import { resolve } from 'node:path'
import { type Client, createClient } from '@patina/client'
import {
  type CommandIo,
  ConfigError,
  nodeFetch,
  type ParsedArguments,
  parseSocketAddress,
  type SocketAddress,
  UsageError,
} from '@patina/program'
import { createLog } from '@patina/program/log'
import {
  parseSpec,
  type SourceEvent,
  TEMPLATE_DEFAULTS,
  type TemplateEvent,
  type TemplateJob,
  TemplateSet,
  type TemplateSettings,
} from '@patina/templating'
import type { Logger } from 'pino'
import { findTarget } from '../api-target.ts'
import { loadTemplateFile, SETTINGS } from './template-file.ts'
import { TemplateMetrics } from './template-metrics.ts'
import { eventJson, failureText, logEvent } from './template-report.ts'
import { agentSource } from './template-source.ts'

interface Plan {
  readonly jobs: readonly TemplateJob[]
  readonly metricsAddress: SocketAddress | undefined
}

/** Templates of one process. */
const TEMPLATES_MAX = 256

/** Runs to the end; resolves to the exit code. Throws UsageError, ConfigError, StartRefusal, and what the client throws. */
export async function runTemplates(parsed: ParsedArguments, io: CommandIo): Promise<number> {
  const [once, dry] = [parsed.flag('once'), parsed.flag('dry')]
  if (parsed.flag('confirm') && !once)
    throw new UsageError('--confirm goes with --once; a running one gets SIGUSR2')
  const plan = planOf(parsed, io.environment)
  const log = createLog({ level: 'info', format: 'plaintext' }, (line) => io.err(line))
  const tell = teller(parsed.flag('json') && !dry, io, log)
  // Nobody but the agent is told the token.
  const { PATINA_TOKEN: _, ...environment } = io.environment
  const metrics = new TemplateMetrics(() => set.queries)
  const set = new TemplateSet({
    source: agentSource(() => connect(parsed, io.environment)),
    mode: once || dry ? 'once' : 'live',
    environment,
    onEvent: (job, event) => {
      metrics.count(job, event)
      tell(event, job)
    },
    onSource: (event) => tell(event, undefined),
  })
  metrics.expect(plan.jobs)
  try {
    if (dry) return await showAll(set, plan.jobs, io)
    if (once) return await renderAll(set, plan.jobs, { io, confirm: parsed.flag('confirm') })
    return await followAll({ set, plan, metrics, log, io, plans: () => planOf(parsed, io.environment) })
  } finally {
    await set.close()
  }
}

/** A client that takes no silence for an answer: nobody sits before it. */
function connect(parsed: ParsedArguments, environment: NodeJS.ProcessEnv): Client {
  const { base, token } = findTarget(parsed, environment)
  return createClient({ addresses: base, token, fetch: nodeFetch })
}

function teller(
  json: boolean,
  io: CommandIo,
  log: Logger,
): (event: TemplateEvent | SourceEvent, job: TemplateJob | undefined) => void {
  if (json) return (event, job) => io.out(`${eventJson(event, job)}\n`)
  return (event, job) => logEvent(log, event, job)
}

/** Texts on stdout, nothing written. */
async function showAll(set: TemplateSet, jobs: readonly TemplateJob[], io: CommandIo): Promise<number> {
  let code = 0
  for (const job of jobs) {
    const outcome = await set.runner(job).renderOnly(io.interrupted())
    if (outcome.kind === 'output') io.out(outcome.text)
    else code = 1
  }
  return code
}

interface Once {
  readonly io: CommandIo
  readonly confirm: boolean
}

/** Each in its turn; one that fails costs the exit code and no other. */
async function renderAll(
  set: TemplateSet,
  jobs: readonly TemplateJob[],
  { io, confirm }: Once,
): Promise<number> {
  const signal = io.interrupted()
  let code = 0
  for (const job of jobs) {
    try {
      if (!(await set.runner(job).once(signal, confirm))) code = 1
    } catch (cause) {
      if (!isFileTrouble(cause)) throw cause
      io.err(`${failureText({ message: cause.message, file: job.destination })}\n`)
      code = 1
    }
  }
  return code
}

function isFileTrouble(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause
}

interface Following {
  readonly set: TemplateSet
  readonly plan: Plan
  readonly metrics: TemplateMetrics
  readonly log: Logger
  readonly io: CommandIo
  /** The plan as configuration says now. */
  readonly plans: () => Plan
}

async function followAll({ set, plan, metrics, log, io, plans }: Following): Promise<number> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  io.interrupted().addEventListener('abort', () => end())
  process.once('SIGTERM', () => end())
  const server = plan.metricsAddress === undefined ? undefined : await metrics.listen(plan.metricsAddress)
  // One after the other, however fast signals come.
  let applying = set.apply(plan.jobs)
  process.on('SIGHUP', () => {
    applying = applying.then(async () => {
      const next = replanned(plans, log)
      if (next === undefined) return
      metrics.expect(next.jobs)
      await set.apply(next.jobs)
    })
  })
  process.on('SIGUSR2', () => log.info({ templates: set.release() }, 'let through by SIGUSR2'))
  await ended
  server?.closeAllConnections()
  server?.close()
  await applying
  return 0
}

/** Undefined where the configuration has an error: what runs goes on. */
function replanned(plans: () => Plan, log: Logger): Plan | undefined {
  try {
    return plans()
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    log.error({}, `the configuration stays as it was: ${cause.message}`)
    return undefined
  }
}

/** What is to be done, from the file and the command line. Throws UsageError, ConfigError. */
function planOf(parsed: ParsedArguments, environment: NodeJS.ProcessEnv): Plan {
  const settings = settingsOf(parsed)
  const file = parsed.text('templates')
  const fromFile = file === undefined ? undefined : loadTemplateFile(file, environment)
  const jobs = [...(fromFile?.jobs ?? []), ...parsed.positionals.map((spec) => jobOf(spec, settings))]
  if (jobs.length === 0)
    throw new UsageError('a template is missing: SOURCE:DESTINATION[:COMMAND], or --templates FILE')
  if (jobs.length > TEMPLATES_MAX) throw new UsageError(`at most ${TEMPLATES_MAX} templates in a process`)
  const destinations = jobs.map(({ destination }) => destination)
  const twice = destinations.find((destination, i) => destinations.indexOf(destination) !== i)
  if (twice !== undefined) throw new UsageError(`two templates write ${twice}`)
  return { jobs, metricsAddress: metricsAddressOf(parsed) ?? fromFile?.metricsAddress }
}

function jobOf(spec: string, settings: TemplateSettings): TemplateJob {
  const parts = parseSpec(spec)
  if (!parts.ok) throw new UsageError(parts.error)
  const { source, destination, command } = parts.value
  return { ...settings, source: resolve(source), destination: resolve(destination), command }
}

/** Option → key of the configuration file. */
const TEXT_OPTIONS = {
  wait: 'wait',
  'guard-hold': 'guard_hold',
  perms: 'perms',
  'command-timeout': 'command_timeout',
  'kill-signal': 'kill_signal',
} as const

function settingsOf(parsed: ParsedArguments): TemplateSettings {
  const given: [option: string, key: string, value: unknown][] = []
  for (const [option, key] of Object.entries(TEXT_OPTIONS)) {
    const text = parsed.text(option)
    if (text !== undefined) given.push([option, key, text])
  }
  const share = parsed.text('max-shrink')
  if (share !== undefined) given.push(['max-shrink', 'max_shrink', share === '' ? share : Number(share)])
  if (parsed.flag('backup')) given.push(['backup', 'backup', true])
  if (parsed.flag('no-guard')) given.push(['no-guard', 'guard', false])
  return given.reduce((settings, [option, key, value]) => {
    const changed = SETTINGS[key]?.(settings, value)
    if (changed?.ok) return changed.value
    throw new UsageError(`--${option} ${changed?.error}`)
  }, TEMPLATE_DEFAULTS)
}

function metricsAddressOf(parsed: ParsedArguments): SocketAddress | undefined {
  const given = parsed.text('metrics-addr')
  if (given === undefined) return undefined
  const address = parseSocketAddress(given)
  if (address === undefined) throw new UsageError(`--metrics-addr takes ip:port, not ${given}`)
  return address
}
