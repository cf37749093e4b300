/**
 * `patina agent`: runs one member until SIGTERM or SIGINT, or until its storage fails. With `--supervise` this process is the
 * parent that starts it again (supervisor.ts); `--supervised` is what it gives to the member, and nobody else.
 */
import { type Command, parseArguments, UsageError } from '@patina/program'
import type { Logger } from 'pino'
import type { Agent } from '../compose.ts'
import { CONFIG_PATH_DEFAULT, loadConfig } from '../config.ts'
import type { Config } from '../effective-config.ts'
import { type End, firstSignal } from '../shutdown.ts'
import { dumpFolder } from '../stall-dump.ts'
import type { UnderSupervision } from '../supervisor.ts'
import { SystemdNotify } from '../systemd-notify.ts'

const OPTIONS = { config: 'text', supervise: 'flag', supervised: 'text', help: 'flag' } as const

/** The program, from source and when built. */
const MAIN = new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url)

/** Beyond the time for requests under way, what the rest of an end in order takes at most. */
const END_MS = 15_000

export const agentCommand: Command = {
  usage: 'agent [--config FILE] [--supervise]',
  meaning: 'run a member',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    if (parsed.positionals.length > 0) throw new UsageError('agent takes no arguments')
    const path = parsed.text('config') ?? CONFIG_PATH_DEFAULT
    const { config } = loadConfig(path, io.environment)
    const { createLog } = await import('@patina/program/log')
    const log = createLog(config.log)
    const restarts = restartsOf(parsed.text('supervised'))
    // Systemd knows the supervisor as the service, and not the agent below it.
    const systemd = restarts === undefined ? notifierOf(io.environment, log) : undefined
    const reread = (): Config => loadConfig(path, io.environment).config
    if (!parsed.flag('supervise')) return runAgent(config, log, { restarts, systemd, reread })
    const { supervise } = await import('../supervisor.ts')
    return supervise({
      module: MAIN,
      args: ['--config', path],
      dumpFolder: dumpFolder(config.db.path),
      log,
      systemd,
    })
  },
}

/** Undefined: there is no supervisor. */
function restartsOf(supervised: string | undefined): number | undefined {
  if (supervised === undefined) return undefined
  if (!/^\d{1,9}$/.test(supervised) || process.send === undefined)
    throw new UsageError('--supervised is what --supervise gives to the agent that it starts')
  return Number(supervised)
}

function notifierOf(environment: NodeJS.ProcessEnv, log: Logger): SystemdNotify {
  const warn = (reason: string): void => log.warn({ reason }, 'systemd could not be told')
  return new SystemdNotify({ environment, pid: process.pid, warn })
}

interface AroundTheAgent {
  /** By the supervisor, where there is one. */
  readonly restarts: number | undefined
  /** Where there is no supervisor. */
  readonly systemd: SystemdNotify | undefined
  /** The configuration as it stands in its file now; throws where it has a fault. */
  readonly reread: () => Config
}

/** What may change while the agent runs; a configuration with a fault changes nothing. */
function reloadBudgets(agent: Agent, reread: () => Config, log: Logger): void {
  try {
    agent.reloadBudgets(reread())
  } catch (cause) {
    log.error({ reason: (cause as Error).message }, 'the configuration stays as it is')
  }
}

async function runAgent(
  config: Config,
  log: Logger,
  { restarts, systemd, reread }: AroundTheAgent,
): Promise<number> {
  // The whole agent is loaded here and not above, so that the other commands start fast.
  const { startAgent } = await import('../compose.ts')
  // A signal during the start is obeyed when the start is done, which has its own deadline.
  const signal = firstSignal()
  const { supervision, orphaned } = restarts === undefined ? ALONE : await underSupervision(config)
  let running: Agent | undefined
  process.on('SIGHUP', () => {
    if (running === undefined) return
    running.reloadSchema()
    running.reloadKeys()
    reloadBudgets(running, reread, log)
  })
  for (;;) {
    running = await startAgent(config, log, restarts)
    supervision?.say('ready')
    systemd?.ready()
    const end = await Promise.race([endOf(running), signal, orphaned])
    if (end.kind === 'renewed') {
      log.warn({ actor: end.actor }, 'begins anew under another actor')
      await running.stop()
      continue
    }
    supervision?.say('ending')
    systemd?.stopping()
    if (end.kind === 'signal') log.info({ signal: end.signal }, 'stopping')
    else log.fatal({ reason: end.reason }, 'the agent must stop')
    await running.stop()
    log.info('stopped')
    return end.kind === 'signal' ? 0 : 1
  }
}

function endOf(agent: Agent): Promise<End> {
  return Promise.race([
    agent.failed.then((reason): End => ({ kind: 'failed', reason })),
    agent.renewed.then((actor): End => ({ kind: 'renewed', actor })),
  ])
}

const ALONE = { supervision: undefined, orphaned: new Promise<never>(() => {}) }

async function underSupervision(
  config: Config,
): Promise<{ readonly supervision: UnderSupervision; readonly orphaned: Promise<End> }> {
  const { UnderSupervision } = await import('../supervisor.ts')
  const { promise: orphaned, resolve } = Promise.withResolvers<End>()
  const gone: End = { kind: 'failed', reason: 'its supervisor is gone' }
  const supervision = new UnderSupervision(config.limits.drainMs + END_MS, () => resolve(gone))
  return { supervision, orphaned }
}
