/**
 * `patina agent`: runs one member until SIGTERM or SIGINT, or until its storage fails. With `--supervise` this process is the
 * parent that starts it again (supervisor.ts); `--supervised` is what it gives to the member, and nobody else.
 */
import { type Command, parseArguments, UsageError } from '@patina/program'
import type { Agent } from '../compose.ts'
import { CONFIG_PATH_DEFAULT, loadConfig } from '../config.ts'
import type { Config } from '../effective-config.ts'
import { type End, firstSignal } from '../shutdown.ts'
import { dumpFolder } from '../stall-dump.ts'
import type { UnderSupervision } from '../supervisor.ts'

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
    if (!parsed.flag('supervise')) return runAgent(config, restartsOf(parsed.text('supervised')))
    const [{ supervise }, { createLog }] = await Promise.all([
      import('../supervisor.ts'),
      import('@patina/program/log'),
    ])
    return supervise({
      module: MAIN,
      args: ['--config', path],
      dumpFolder: dumpFolder(config.db.path),
      log: createLog(config.log),
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

/** `restarts`: by the supervisor, where there is one. */
async function runAgent(config: Config, restarts: number | undefined): Promise<number> {
  // The whole agent is loaded here and not above, so that the other commands start fast.
  const [{ startAgent }, { createLog }] = await Promise.all([
    import('../compose.ts'),
    import('@patina/program/log'),
  ])
  const log = createLog(config.log)
  // A signal during the start is obeyed when the start is done, which has its own deadline.
  const signal = firstSignal()
  const { supervision, orphaned } = restarts === undefined ? ALONE : await underSupervision(config)
  let running: Agent | undefined
  process.on('SIGHUP', () => {
    running?.reloadSchema()
    running?.reloadKeys()
  })
  for (;;) {
    running = await startAgent(config, log, restarts)
    supervision?.say('ready')
    const end = await Promise.race([endOf(running), signal, orphaned])
    if (end.kind === 'renewed') {
      log.warn({ actor: end.actor }, 'begins anew under another actor')
      await running.stop()
      continue
    }
    supervision?.say('ending')
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
