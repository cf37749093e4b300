/**
 * Configuration: TOML file, then environment (`PATINA__DB__PATH`), checked against the table in config-keys.ts. Lists
 * every problem at once, each with file, line, key and the nearest known name. Keeps the source of each value.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { CONFIG_KEYS, type KeySpec } from './config-keys.ts'
import { checkValue, formatSocketAddress, valueFromText } from './config-values.ts'
import { type Config, type EffectiveValue, type TlsFiles, toConfig } from './effective-config.ts'
import { nearestName } from './nearest-name.ts'
import { keyLines, lineOf } from './toml-lines.ts'

export const CONFIG_PATH_DEFAULT = '/etc/patina/config.toml'

export interface LoadedConfig {
  readonly config: Config
  /** By key, in the order of the table; keys without a value are left out. */
  readonly effective: ReadonlyMap<string, EffectiveValue>
}

/** The configuration cannot be used. Nothing was started; each problem says what to change. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads and checks the file at `path` with overrides from `environment`. Throws ConfigError. */
export function loadConfig(path: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError([`cannot read the configuration file ${path}: ${(cause as Error).message}`])
  }
  return parseConfig(text, path, environment)
}

/** `loadConfig` on a text that was read from `path`. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): LoadedConfig {
  const problems: string[] = []
  const given = new Map<string, EffectiveValue>()
  collectFromFile(text, path, given, problems)
  collectFromEnvironment(environment, given, problems)
  const effective = checkAll(given, dirname(resolve(path)), path, problems)
  if (problems.length > 0) throw new ConfigError(inOrderOfLine(problems))
  const config = toConfig(effective)
  const clashes = conflicts(config, path)
  if (clashes.length > 0) throw new ConfigError(clashes)
  return { config, effective }
}

function collectFromFile(
  text: string,
  path: string,
  given: Map<string, EffectiveValue>,
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
    const spec = specOf(name)
    const where = `${path}:${lineOf(lines, name) ?? 1}`
    if (spec !== undefined) {
      if (given.has(spec.name)) problems.push(`${where}: ${name} is given twice, as ${spec.name} too`)
      else given.set(spec.name, { value, source: where })
    } else if (isTable(value) && isPrefix(name)) {
      for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner)
    } else problems.push(`${where}: ${unknownKey(name)}`)
  }
  for (const [key, value] of Object.entries(table)) visit(key, value)
}

function collectFromEnvironment(
  environment: NodeJS.ProcessEnv,
  given: Map<string, EffectiveValue>,
  problems: string[],
): void {
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('PATINA__') || text === undefined) continue
    const name = variable.slice('PATINA__'.length).toLowerCase().replaceAll('__', '.')
    // Shells cannot name variables with a dash, so `_` stands for it.
    const spec = CONFIG_KEYS.find((key) => key.name.replaceAll('-', '_') === name.replaceAll('-', '_'))
    if (spec === undefined) problems.push(`environment ${variable}: ${unknownKey(name)}`)
    else given.set(spec.name, { value: valueFromText(spec, text), source: `environment ${variable}` })
  }
}

function checkAll(
  given: ReadonlyMap<string, EffectiveValue>,
  folder: string,
  path: string,
  problems: string[],
): Map<string, EffectiveValue> {
  const effective = new Map<string, EffectiveValue>()
  for (const spec of CONFIG_KEYS) {
    const entry = given.get(spec.name) ?? { value: spec.fallback, source: 'default' }
    if (entry.value === undefined) {
      if (spec.required) problems.push(`${path}: ${spec.name} is missing: ${spec.meaning}`)
      continue
    }
    const checked = checkValue(spec, entry.value, folder)
    if (checked.ok) effective.set(spec.name, { value: checked.value, source: entry.source })
    else problems.push(`${entry.source}: ${spec.name} ${checked.error}`)
  }
  if (!effective.has('node.name')) effective.set('node.name', { value: hostname(), source: 'default' })
  return effective
}

/** What each key alone cannot show. */
function conflicts({ api, gossip }: Config, path: string): string[] {
  const problems: string[] = []
  if (!gossip.plaintext && gossip.secretFile === undefined)
    problems.push(`${path}: gossip.secret_file is missing; name a key file, or write gossip.plaintext = true`)
  const tlsKeys = { caFile: 'ca_file', certFile: 'cert_file', keyFile: 'key_file' } as const
  for (const [field, key] of Object.entries(tlsKeys))
    if (gossip.tls !== undefined && gossip.tls[field as keyof TlsFiles] === undefined)
      problems.push(`${path}: gossip.tls.${key} is missing; name the file, or write gossip.plaintext = true`)
  const unspecified = gossip.bindAddress.host === '0.0.0.0' || gossip.bindAddress.host === '::'
  if (unspecified && gossip.externalAddress === undefined)
    problems.push(
      `${path}: gossip.bind_addr listens on every address, so peers must be told one; add gossip.external_addr = "ip:port"`,
    )
  const beyond = api.bindAddresses.find(({ host }) => !isLoopback(host))
  const authenticated = api.bearerToken !== undefined || api.tokens.length > 0
  if (beyond !== undefined && !authenticated && !api.allowUnauthenticated)
    problems.push(
      `${path}: api.bind_addr ${formatSocketAddress(beyond)} is not loopback and there are no api.tokens; ` +
        'add a token, or write api.allow_unauthenticated = true',
    )
  return problems
}

export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host.startsWith('::ffff:127.')
}

/** Problems of the file from top to bottom, those without a line last. */
function inOrderOfLine(problems: readonly string[]): string[] {
  const lineIn = (problem: string): number => Number(/^[^:]*:(\d+): /.exec(problem)?.[1] ?? Infinity)
  return problems.toSorted((a, b) => (lineIn(a) === lineIn(b) ? 0 : lineIn(a) - lineIn(b)))
}

function specOf(name: string): KeySpec | undefined {
  return CONFIG_KEYS.find((spec) => spec.name === name || spec.alias === name)
}

function isPrefix(name: string): boolean {
  return CONFIG_KEYS.some((spec) => spec.name.startsWith(`${name}.`) || spec.alias?.startsWith(`${name}.`))
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Array.prototype
}

function unknownKey(name: string): string {
  const near = nearestName(
    name,
    CONFIG_KEYS.map((spec) => spec.name),
  )
  return `unknown key ${name}${near === undefined ? '' : `; did you mean ${near}?`}`
}
