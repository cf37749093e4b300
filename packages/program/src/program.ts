/**
 * A program of commands: finds the command, prints help and version, and turns every refusal into one sentence on stderr
 * and its exit code: 0 done, 1 failed, 2 usage, 3 cannot reach the agent.
 */
import { ApiError, ConnectionError, HistoryGoneError, ProtocolError } from '@patina/client'
import type { Command, CommandIo } from './command.ts'
import { ConfigError } from './config.ts'
import { StartRefusal, UsageError } from './refusal.ts'

export interface Program {
  /** As it is typed. */
  readonly name: string
  /** One line. */
  readonly meaning: string
  readonly version: string
  readonly commands: { readonly [name: string]: Command }
  /** The end of every help text: options that all commands share. */
  readonly sharedHelp: string
}

/** Runs one command line (without node and script); resolves to the exit code and never rejects for a refusal. */
export async function runProgram(program: Program, argv: readonly string[], io: CommandIo): Promise<number> {
  const [name = '', ...rest] = argv
  if (name === '--version' || name === '-V') {
    io.out(`${program.name} ${program.version}\n`)
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(help(program))
    return 0
  }
  const command = Object.hasOwn(program.commands, name) ? program.commands[name] : undefined
  if (command === undefined) {
    io.err(`${name === '' ? 'a command is missing' : `unknown command ${name}`}\n\n${help(program)}`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    const examples = (command.examples ?? []).map((line) => `  ${line}\n`)
    const more = examples.length === 0 ? '' : `${examples.join('')}\n`
    io.out(`${program.name} ${command.usage}\n\n${command.meaning}\n\n${more}${program.sharedHelp}`)
    return 0
  }
  try {
    return await command.run(rest, io)
  } catch (cause) {
    const code = exitCodeOf(cause)
    if (code === undefined) throw cause
    io.err(`${sentenceOf(cause as Error)}\n`)
    if (code === 2) io.err(`usage: ${program.name} ${command.usage}\n`)
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

function help({ name, meaning, commands, sharedHelp }: Program): string {
  const lines = Object.values(commands).map(
    (command) => `  ${name} ${command.usage}\n      ${command.meaning}\n`,
  )
  return `${name}: ${meaning}\n\n${lines.join('')}  ${name} --version\n\n${sharedHelp}`
}
