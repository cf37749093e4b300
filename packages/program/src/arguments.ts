/**
 * The command line as values: options of a command by node:util's parseArgs, the ones that every command shares, and
 * usage errors as sentences.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './refusal.ts'

/** `text`: takes a value · `texts`: may be repeated · `flag`. */
export type OptionKind = 'text' | 'texts' | 'flag'
export type OptionSpecs = { readonly [name: string]: OptionKind }

export interface ParsedArguments {
  readonly positionals: readonly string[]
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
}

/** Accepted by every command that talks to an agent. */
export const SHARED_OPTIONS: OptionSpecs = {
  config: 'text',
  'api-addr': 'text',
  'token-file': 'text',
  json: 'flag',
  help: 'flag',
}

const SHORT: Readonly<Record<string, string>> = { config: 'c', help: 'h' }

/** Throws UsageError. */
export function parseArguments(argv: readonly string[], specs: OptionSpecs): ParsedArguments {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, kind] of Object.entries(specs)) {
    const short = SHORT[name]
    options[name] = {
      type: kind === 'flag' ? 'boolean' : 'string',
      multiple: kind === 'texts',
      ...(short === undefined ? {} : { short }),
    }
  }
  let parsed: { readonly values: Record<string, unknown>; readonly positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new UsageError((cause as Error).message.split('\n')[0])
  }
  const { values, positionals } = parsed
  return {
    positionals,
    text: (name) => values[name] as string | undefined,
    texts: (name) => (values[name] as string[] | undefined) ?? [],
    flag: (name) => values[name] === true,
  }
}

/** The same for a command that takes options alone. Throws UsageError. */
export function parseOptions(argv: readonly string[], specs: OptionSpecs): ParsedArguments {
  const parsed = parseArguments(argv, specs)
  if (parsed.positionals.length > 0) throw new UsageError(`unexpected: ${parsed.positionals.join(' ')}`)
  return parsed
}

/** A whole number of seconds, or undefined where the option is absent. Throws UsageError. */
export function secondsOption(parsed: ParsedArguments, name: string): number | undefined {
  return numberOption(parsed, name, 'whole number of seconds')
}

/** The same for `what`, in words. */
export function numberOption(parsed: ParsedArguments, name: string, what: string): number | undefined {
  const text = parsed.text(name)
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} takes a ${what}, not ${text}`)
  return Number(text)
}

/** The one positional argument of a command. Throws UsageError. */
export function onlyPositional(parsed: ParsedArguments, what: string): string {
  const [first, ...more] = parsed.positionals
  if (first === undefined) throw new UsageError(`${what} is missing`)
  if (more.length > 0) throw new UsageError(`one ${what} is expected; quote it, it has spaces`)
  return first
}
