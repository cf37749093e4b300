/** `patina agent`: runs one member until SIGTERM or SIGINT, or until its storage fails. */
import { parseArguments } from '../arguments.ts'
import type { Agent } from '../compose.ts'
import { CONFIG_PATH_DEFAULT, loadConfig } from '../config.ts'
import { UsageError } from '../refusal.ts'
import { type End, firstSignal } from '../shutdown.ts'
import type { Command } from './command.ts'

const OPTIONS = { config: 'text', help: 'flag' } as const

export const agentCommand: Command = {
  usage: 'agent [--config FILE]',
  meaning: 'run a member',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    if (parsed.positionals.length > 0) throw new UsageError('agent takes no arguments')
    const { config } = loadConfig(parsed.text('config') ?? CONFIG_PATH_DEFAULT, io.environment)
    // The whole agent is loaded here and not above, so that the other commands start fast.
    const [{ startAgent }, { createLog }] = await Promise.all([import('../compose.ts'), import('../log.ts')])
    const log = createLog(config.log)
    // A signal during the start is obeyed when the start is done, which has its own deadline.
    const signal = firstSignal()
    let running: Agent | undefined
    process.on('SIGHUP', () => {
      running?.reloadSchema()
      running?.reloadKeys()
    })
    const agent = await startAgent(config, log)
    running = agent
    const failure = agent.failed.then((reason): End => ({ kind: 'failed', reason }))
    const end = await Promise.race([signal, failure])
    if (end.kind === 'signal') log.info({ signal: end.signal }, 'stopping')
    else log.fatal({ reason: end.reason }, 'the agent must stop')
    await agent.stop()
    log.info('stopped')
    return end.kind === 'signal' ? 0 : 1
  },
}
