/**
 * The program `patina`: finds the command, prints help and version, and turns every refusal into one sentence on stderr
 * and its exit code: 0 done, 1 failed, 2 usage, 3 cannot reach the agent.
 */
import { ApiError, ConnectionError, HistoryGoneError, ProtocolError } from '@patina/client'
import { ConfigError } from '../config.ts'
import { StartRefusal, UsageError } from '../refusal.ts'
import { VERSION } from '../version.ts'
import { agentCommand } from './agent.ts'
import { backupCommand, restoreCommand, verifyCommand } from './backup.ts'
import { clusterCommand } from './cluster.ts'
import type { Command, CommandIo } from './command.ts'
import { execCommand } from './exec.ts'
import { queryCommand } from './query.ts'
import { schemaCommand } from './schema.ts'
import { storeCommand } from './store.ts'
import { tlsCommand } from './tls.ts'
import { watchCommand } from './watch.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  agent: agentCommand,
  query: queryCommand,
  exec: execCommand,
  watch: watchCommand,
  cluster: clusterCommand,
  schema: schemaCommand,
  store: storeCommand,
  backup: backupCommand,
  restore: restoreCommand,
  verify: verifyCommand,
  tls: tlsCommand,
}

/** Runs one command line (without node and script); resolves to the exit code and never rejects for a refusal. */
export async function runProgram(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name = '', ...rest] = argv
  if (name === '--version' || name === '-V') {
    io.out(`patina ${VERSION}\n`)
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(help())
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    io.err(`${name === '' ? 'a command is missing' : `unknown command ${name}`}\n\n${help()}`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`patina ${command.usage}\n\n${command.meaning}\n\n${SHARED_HELP}`)
    return 0
  }
  try {
    return await command.run(rest, io)
  } catch (cause) {
    const code = exitCodeOf(cause)
    if (code === undefined) throw cause
    io.err(`${sentenceOf(cause as Error)}\n`)
    if (code === 2) io.err(`usage: patina ${command.usage}\n`)
    return code
  }
}

function exitCodeOf(cause: unknown): number | undefined {
  if (cause instanceof UsageError) return 2
  // An answer that broke off has at least begun.
  if (cause instanceof ConnectionError) return cause.kind === 'broken' ? 1 : 3
  return FAILURES.some((kind) => cause instanceof kind) ? 1 : undefined
}

const FAILURES = [ApiError, ProtocolError, HistoryGoneError, StartRefusal, ConfigError]

function sentenceOf(cause: Error): string {
  if (cause instanceof ApiError && cause.status === 401)
    return 'the agent wants a token: set PATINA_TOKEN or give --token-file'
  return cause.message
}

const SHARED_HELP = `options of every command:
  --config, -c FILE   configuration (default /etc/patina/config.toml)
  --api-addr IP:PORT  the agent to talk to (default: the first api.bind_addr)
  --token-file FILE   bearer token; else PATINA_TOKEN, else the configuration
  --json              results as JSON
exit codes: 0 done, 1 failed, 2 usage, 3 cannot reach the agent
`

function help(): string {
  const lines = Object.values(COMMANDS).map(({ usage, meaning }) => `  patina ${usage}\n      ${meaning}\n`)
  return `patina: SQLite on every host, replicated\n\n${lines.join('')}  patina --version\n\n${SHARED_HELP}`
}
