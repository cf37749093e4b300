/**
 * The configuration of a program: TOML file, then environment (`PATINA__DB__PATH`), checked against the program's table
 * of keys. Lists every problem at once, each with file, line, key and the nearest known name. Keeps the source of each
 * value. What keys mean together is the program's to check.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { checkValue, type KeySpec, valueFromText } from './config-values.ts'
import { nearestName } from './nearest-name.ts'
import { keyLines, lineOf } from './toml-lines.ts'

/** What a program's configuration may hold, and the prefix of its environment variables: `PATINA` for `PATINA__DB__PATH`. */
export interface ConfigTable {
  readonly keys: readonly KeySpec[]
  readonly environmentPrefix: string
}

/** A value and where it comes from: `default`, `file:line` or the environment variable. */
export interface EffectiveValue {
  readonly value: unknown
  readonly source: string
}

interface GivenValue extends EffectiveValue {
  /** Of a key below it: the nearest that the file has. */
  readonly sourceBelow: (key: string) => string
}

/** By key, in the order of the table; keys without a value are left out. */
export type EffectiveValues = ReadonlyMap<string, EffectiveValue>

/** The configuration cannot be used. Nothing was started; each problem says what to change. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** The text of the configuration file. Throws ConfigError. */
export function readConfigText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError([`cannot read the configuration file ${path}: ${(cause as Error).message}`])
  }
}

/** The values of a text that was read from `path`, with overrides from `environment`. Throws ConfigError. */
export function parseConfigText(
  text: string,
  path: string,
  environment: NodeJS.ProcessEnv,
  table: ConfigTable,
): EffectiveValues {
  const problems: string[] = []
  const given = new Map<string, GivenValue>()
  collectFromFile(text, path, table.keys, given, problems)
  collectFromEnvironment(environment, table, given, problems)
  const effective = checkAll(given, table.keys, path, problems)
  if (problems.length > 0) throw new ConfigError(inOrderOfLine(problems))
  return effective
}

function collectFromFile(
  text: string,
  path: string,
  keys: readonly KeySpec[],
  given: Map<string, GivenValue>,
  problems: string[],
): void {
  let table: Record<string, unknown>
  try {
    table = parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    // Alone: a text that is not TOML holds no keys, and that they are missing is no second problem.
    const what = (cause.message.split('\n')[0] as string).trim()
    throw new ConfigError([`${path}:${cause.line}: not TOML: ${what}`])
  }
  const lines = keyLines(text)
  const visit = (name: string, value: unknown): void => {
    const spec = specOf(keys, name)
    const sourceOf = (key: string): string => `${path}:${lineOf(lines, key) ?? 1}`
    const where = sourceOf(Array.isArray(value) && !lines.has(name) ? `${name}.0` : name)
    const sourceBelow = (key: string): string => sourceOf(`${name}.${key}`)
    if (spec !== undefined) {
      if (given.has(spec.name)) problems.push(`${where}: ${name} is given twice, as ${spec.name} too`)
      else given.set(spec.name, { value, source: where, sourceBelow })
    } else if (isTable(value) && isPrefix(keys, name)) {
      for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner)
    } else problems.push(`${where}: ${unknownKey(keys, name)}`)
  }
  for (const [key, value] of Object.entries(table)) visit(key, value)
}

function collectFromEnvironment(
  environment: NodeJS.ProcessEnv,
  { keys, environmentPrefix }: ConfigTable,
  given: Map<string, GivenValue>,
  problems: string[],
): void {
  const prefix = `${environmentPrefix}__`
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || text === undefined) continue
    const name = variable.slice(prefix.length).toLowerCase().replaceAll('__', '.')
    // Shells cannot name variables with a dash, so `_` stands for it.
    const spec = keys.find((key) => key.name.replaceAll('-', '_') === name.replaceAll('-', '_'))
    if (spec === undefined) problems.push(`environment ${variable}: ${unknownKey(keys, name)}`)
    else {
      const source = `environment ${variable}`
      given.set(spec.name, { value: valueFromText(spec, text), source, sourceBelow: () => source })
    }
  }
}

function checkAll(
  given: ReadonlyMap<string, GivenValue>,
  keys: readonly KeySpec[],
  path: string,
  problems: string[],
): Map<string, EffectiveValue> {
  const folder = dirname(resolve(path))
  const effective = new Map<string, EffectiveValue>()
  for (const spec of keys) {
    const entry = given.get(spec.name) ?? {
      value: spec.fallback,
      source: 'default',
      sourceBelow: () => 'default',
    }
    if (entry.value === undefined) {
      if (spec.required) problems.push(`${path}: ${spec.name} is missing: ${spec.meaning}`)
      continue
    }
    const checked = checkValue(spec, entry.value, folder)
    if (checked.ok) effective.set(spec.name, { value: checked.value, source: entry.source })
    else if (typeof checked.error === 'string')
      problems.push(`${entry.source}: ${spec.name} ${checked.error}`)
    else
      for (const { key, problem } of checked.error)
        problems.push(`${entry.sourceBelow(key)}: ${spec.name}.${key} ${problem}`)
  }
  return effective
}

/** Problems of the file from top to bottom, those without a line last. */
function inOrderOfLine(problems: readonly string[]): string[] {
  const lineIn = (problem: string): number => Number(/^[^:]*:(\d+): /.exec(problem)?.[1] ?? Infinity)
  return problems.toSorted((a, b) => (lineIn(a) === lineIn(b) ? 0 : lineIn(a) - lineIn(b)))
}

function specOf(keys: readonly KeySpec[], name: string): KeySpec | undefined {
  return keys.find((spec) => spec.name === name || spec.alias === name)
}

function isPrefix(keys: readonly KeySpec[], name: string): boolean {
  return keys.some((spec) => spec.name.startsWith(`${name}.`) || spec.alias?.startsWith(`${name}.`))
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Array.prototype
}

function unknownKey(keys: readonly KeySpec[], name: string): string {
  const near = nearestName(
    name,
    keys.map((spec) => spec.name),
  )
  return `unknown key ${name}${near === undefined ? '' : `; did you mean ${near}?`}`
}
