/**
 * What `patina template` does: files rendered from live results of the agent, and a command after each change. It talks to
 * the agent by its HTTP API only. SIGHUP reads the configuration again and renders all; SIGUSR2 lets through what guards
 * hold; SIGTERM and Ctrl-C end it.
 */
import { once as onceEvent } from 'node:events'
import { resolve } from 'node:path'
import { type Millis, millis } from '@patina/base'
import { type Client, createClient } from '@patina/client'
import {
  type CommandIo,
  ConfigError,
  nodeFetch,
  type ParsedArguments,
  parseSocketAddress,
  type SocketAddress,
  stopSignal,
  UsageError,
} from '@patina/program'
import { createLog } from '@patina/program/log'
import {
  parseDuration,
  parseSpec,
  type SourceEvent,
  TEMPLATE_DEFAULTS,
  type TemplateEvent,
  type TemplateJob,
  TemplateSet,
  type TemplateSettings,
  WriteRefused,
} from '@patina/templating'
import type { Logger } from 'pino'
import { findTarget } from '../api-target.ts'
import { loadTemplateFile, SETTINGS } from './template-file.ts'
import { TemplateMetrics } from './template-metrics.ts'
import { eventJson, failureText, logEvent } from './template-report.ts'
import { agentSource, untilReady } from './template-source.ts'

interface Plan {
  readonly jobs: readonly TemplateJob[]
  readonly metricsAddress: SocketAddress | undefined
  readonly readyWaitMs: Millis
}

/** What a host that starts with its agent gives it to join and catch up; rows of before that would be few of many. */
const READY_WAIT_MS = millis(30_000)

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
    source: agentSource(
      () => connect(parsed, io.environment),
      oneForAll(() => ready()),
    ),
    mode: once || dry ? 'once' : 'live',
    environment,
    onEvent: (job, event) => {
      metrics.count(job, event)
      tell(event, job)
    },
    onSource: (event) => tell(event, undefined),
  })
  metrics.expect(plan.jobs)
  const signal = stopSignal(io)
  const ready = async (): Promise<void> => {
    const client = connect(parsed, io.environment)
    const limitMs = plan.readyWaitMs
    if (!(await untilReady({ client, limitMs, signal, patient: !once })))
      log.warn({ ms: limitMs }, 'the agent has not caught up; its rows are taken as they are')
  }
  try {
    if (dry) return await showAll(set, plan.jobs, { io, signal })
    if (once) return await renderAll(set, plan.jobs, { io, signal, ready, confirm: parsed.flag('confirm') })
    return await followAll({
      set,
      plan,
      metrics,
      log,
      signal,
      plans: () => planOf(parsed, io.environment),
    })
  } catch (cause) {
    // Who ends it knows why it did not come to its end.
    if (signal.aborted) return 1
    throw cause
  } finally {
    await set.close()
  }
}

/** Who waits while others do shares their wait. */
function oneForAll(wait: () => Promise<void>): () => Promise<void> {
  let waiting: Promise<void> | undefined
  return () => {
    waiting ??= wait().finally(() => {
      waiting = undefined
    })
    return waiting
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

interface Run {
  readonly io: CommandIo
  readonly signal: AbortSignal
}

/** Texts on stdout, nothing written. */
async function showAll(set: TemplateSet, jobs: readonly TemplateJob[], { io, signal }: Run): Promise<number> {
  let code = 0
  for (const job of jobs) {
    const text = await set.runner(job).renderOnly(signal)
    if (text === undefined) code = 1
    else io.out(text)
  }
  return code
}

interface Once extends Run {
  /** Waits for the agent to be ready, within bounds. */
  readonly ready: () => Promise<void>
  readonly confirm: boolean
}

/** Each in its turn; one that fails costs the exit code and no other. */
async function renderAll(
  set: TemplateSet,
  jobs: readonly TemplateJob[],
  { io, signal, ready, confirm }: Once,
): Promise<number> {
  await ready()
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

function isFileTrouble(cause: unknown): cause is Error {
  return cause instanceof WriteRefused || (cause instanceof Error && 'syscall' in cause)
}

interface Following {
  readonly set: TemplateSet
  readonly plan: Plan
  readonly metrics: TemplateMetrics
  readonly log: Logger
  readonly signal: AbortSignal
  /** The plan as configuration says now. */
  readonly plans: () => Plan
}

async function followAll({ set, plan, metrics, log, signal, plans }: Following): Promise<number> {
  const server = plan.metricsAddress === undefined ? undefined : await metrics.listen(plan.metricsAddress)
  // One after the other, however fast signals come.
  let applying = set.apply(plan.jobs)
  process.on('SIGHUP', () => {
    applying = applying.then(async () => {
      const next = signal.aborted ? undefined : replanned(plans, log)
      if (next === undefined) return
      metrics.expect(next.jobs)
      await set.apply(next.jobs)
    })
  })
  process.on('SIGUSR2', () => log.info({ templates: set.release() }, 'let through by SIGUSR2'))
  if (!signal.aborted) await onceEvent(signal, 'abort')
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
    if (!(cause instanceof ConfigError || cause instanceof UsageError)) throw cause
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
  return {
    jobs,
    metricsAddress: metricsAddressOf(parsed) ?? fromFile?.metricsAddress,
    readyWaitMs: readyWaitOf(parsed) ?? fromFile?.readyWaitMs ?? READY_WAIT_MS,
  }
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

function readyWaitOf(parsed: ParsedArguments): Millis | undefined {
  const given = parsed.text('ready-wait')
  const wait = given === undefined ? undefined : parseDuration(given)
  if (given !== undefined && wait === undefined)
    throw new UsageError(`--ready-wait takes a time, as 30s, not ${given}`)
  return wait
}
