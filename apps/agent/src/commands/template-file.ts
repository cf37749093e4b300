/**
 * The configuration of `patina template`: settings for all templates, and a table for each, which may have its own. Paths are
 * relative to the file. Everything is checked before anything runs; an error says file and key.
 */
import { resolve } from 'node:path'
import { err, type Millis, millis, ok, type Result } from '@patina/base'
import {
  ConfigError,
  isTextList,
  type KeySpec,
  nearestName,
  parseConfigText,
  quoteValue,
  readConfigText,
  type SocketAddress,
} from '@patina/program'
import {
  isSignal,
  parseDuration,
  splitWords,
  TEMPLATE_DEFAULTS,
  type TemplateJob,
  type TemplateSettings,
} from '@patina/templating'

export interface TemplateFile {
  readonly jobs: readonly TemplateJob[]
  readonly metricsAddress: SocketAddress | undefined
  readonly readyWaitMs: Millis | undefined
}

/** The settings with one of them changed, or what completes `KEY …`. */
export type Change = (settings: TemplateSettings, raw: unknown) => Result<TemplateSettings, string>

/** A setting: what its value must be, in words and as a reader that gives undefined for anything else. */
function setting<T>(
  must: string,
  read: (raw: unknown) => T | undefined,
  put: (settings: TemplateSettings, value: T) => Partial<TemplateSettings>,
): Change {
  return (settings, raw) => {
    const value = read(raw)
    if (value === undefined) return err(`must be ${must}, not ${quoteValue(raw)}`)
    return ok({ ...settings, ...put(settings, value) })
  }
}

/** By key, as the file names them; the command line has some of them as options. */
export const SETTINGS: Readonly<Record<string, Change>> = {
  wait: setting('QUIET or QUIET:CEILING, as "50ms:1s"', readWait, (_, wait) => ({ wait })),
  guard: setting('true or false', readFlag, (settings, on) => ({
    guard: on ? (settings.guard ?? TEMPLATE_DEFAULTS.guard) : undefined,
  })),
  max_shrink: setting('a share from 0 to 1', readShare, ({ guard }, maxShrink) => ({
    guard: guard && { ...guard, maxShrink },
  })),
  guard_hold: setting('a time, as "5m", or "forever"', readHold, ({ guard }, holdMs) => ({
    guard: guard && { ...guard, holdMs },
  })),
  command_timeout: setting('a time, as "30s"', readTime, (_, commandTimeoutMs) => ({ commandTimeoutMs })),
  kill_signal: setting('the name of a signal, as "SIGTERM"', readSignal, (_, killSignal) => ({ killSignal })),
  environment: setting('a table of texts', readTexts, (_, environment) => ({ environment })),
  perms: setting('three octal digits, as "0640"', readMode, (_, mode) => ({ mode })),
  backup: setting('true or false', readFlag, (_, backup) => ({ backup })),
  render_timeout: setting('a time, as "2s"', readTime, (_, renderTimeoutMs) => ({ renderTimeoutMs })),
  output_bytes_max: setting('a whole number above 0', readCount, (_, outputBytesMax) => ({ outputBytesMax })),
  values: setting('a table', readTable, (_, values) => ({ values })),
}

/** Throws ConfigError. */
export function loadTemplateFile(path: string, environment: NodeJS.ProcessEnv): TemplateFile {
  return parseTemplateFile(readConfigText(path), path, environment)
}

/** `loadTemplateFile` on a text that was read from `path`. */
export function parseTemplateFile(text: string, path: string, environment: NodeJS.ProcessEnv): TemplateFile {
  const effective = parseConfigText(text, path, environment, {
    keys: KEYS,
    environmentPrefix: 'PATINA_TEMPLATE',
  })
  let settings = TEMPLATE_DEFAULTS
  const problems: string[] = []
  for (const [key, change] of Object.entries(SETTINGS)) {
    const given = effective.get(key)
    if (given === undefined) continue
    const changed = change(settings, given.value)
    if (changed.ok) settings = changed.value
    else problems.push(`${given.source}: ${key} ${changed.error}`)
  }
  const tables = (effective.get('template')?.value ?? []) as Tables
  const jobs = tables.tables.map((table, i) =>
    jobOf(table, settings, tables.folder, `${path}: template ${i + 1}`),
  )
  problems.push(...jobs.flatMap((job) => (job.ok ? [] : job.error)))
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    jobs: jobs.flatMap((job) => (job.ok ? [job.value] : [])),
    metricsAddress: effective.get('metrics_addr')?.value as SocketAddress | undefined,
    readyWaitMs: effective.get('ready_wait')?.value as Millis | undefined,
  }
}

type Table = Readonly<Record<string, unknown>>

interface Tables {
  readonly folder: string
  readonly tables: readonly Table[]
}

const KEYS: readonly KeySpec[] = [
  ...Object.keys(SETTINGS).map(
    (name): KeySpec => ({
      name,
      kind: 'checked',
      check: ok,
      meaning: 'for templates that do not say otherwise',
    }),
  ),
  { name: 'metrics_addr', kind: 'address', meaning: 'a listener for /metrics and /status' },
  {
    name: 'ready_wait',
    kind: 'checked',
    check: checkWait,
    meaning: 'how long an agent may take to catch up',
  },
  { name: 'template', kind: 'checked', required: true, check: checkTables, meaning: '[[template]] tables' },
]

function checkWait(raw: unknown): Result<Millis, string> {
  const wait = typeof raw === 'string' ? parseDuration(raw) : undefined
  return wait === undefined ? err(`must be a time, as "30s", not ${quoteValue(raw)}`) : ok(wait)
}

function checkTables(raw: unknown, folder: string): Result<Tables, string> {
  const tables = Array.isArray(raw) && raw.every((each) => readTable(each) !== undefined)
  return tables ? ok({ folder, tables: raw as Table[] }) : err('must be tables: [[template]]')
}

const OWN_KEYS = ['source', 'destination', 'command']

/** One table; every problem of it. */
function jobOf(
  table: Table,
  common: TemplateSettings,
  folder: string,
  where: string,
): Result<TemplateJob, readonly string[]> {
  const problems: string[] = []
  let settings = common
  for (const [key, raw] of Object.entries(table)) {
    const change = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
    const changed = change?.(settings, raw)
    if (changed?.ok) settings = changed.value
    else if (changed !== undefined) problems.push(`${where}: ${key} ${changed.error}`)
    else if (!OWN_KEYS.includes(key)) problems.push(`${where}: ${unknownKey(key)}`)
  }
  const [source, destination] = [table.source, table.destination]
  if (typeof source !== 'string' || source === '') problems.push(`${where}: source must be a path`)
  if (typeof destination !== 'string' || destination === '')
    problems.push(`${where}: destination must be a path`)
  const command = commandOf(table.command)
  if (!command.ok) problems.push(`${where}: command ${command.error}`)
  if (problems.length > 0 || !command.ok) return err(problems)
  return ok({
    ...settings,
    source: resolve(folder, source as string),
    destination: resolve(folder, destination as string),
    command: command.value,
  })
}

function commandOf(raw: unknown): Result<readonly string[], string> {
  if (raw === undefined) return ok([])
  if (typeof raw === 'string') return splitWords(raw)
  return isTextList(raw) ? ok(raw) : err('must be a text or a list of texts')
}

function unknownKey(key: string): string {
  const near = nearestName(key, [...OWN_KEYS, ...Object.keys(SETTINGS)])
  return `unknown key ${key}${near === undefined ? '' : `; did you mean ${near}?`}`
}

function readWait(raw: unknown): TemplateSettings['wait'] | undefined {
  if (typeof raw !== 'string') return undefined
  const [quiet, ceiling, ...more] = raw.split(':')
  const quietMs = parseDuration(quiet ?? '')
  // As consul-template: without a ceiling four times the quiet.
  const ceilingMs = ceiling === undefined ? millis(4 * (quietMs ?? 0)) : parseDuration(ceiling)
  if (quietMs === undefined || ceilingMs === undefined || more.length > 0) return undefined
  return ceilingMs >= quietMs ? { quietMs, ceilingMs } : undefined
}

function readFlag(raw: unknown): boolean | undefined {
  return typeof raw === 'boolean' ? raw : undefined
}

function readShare(raw: unknown): number | undefined {
  return typeof raw === 'number' && raw >= 0 && raw <= 1 ? raw : undefined
}

function readTime(raw: unknown): ReturnType<typeof parseDuration> {
  const time = typeof raw === 'string' ? parseDuration(raw) : undefined
  return time === 0 ? undefined : time
}

function readHold(raw: unknown): ReturnType<typeof parseDuration> {
  return raw === 'forever' ? millis(Number.POSITIVE_INFINITY) : readTime(raw)
}

function readSignal(raw: unknown): string | undefined {
  return typeof raw === 'string' && isSignal(raw) ? raw : undefined
}

function readMode(raw: unknown): number | undefined {
  return typeof raw === 'string' && /^0?[0-7]{3}$/.test(raw) ? Number.parseInt(raw, 8) : undefined
}

function readCount(raw: unknown): number | undefined {
  return typeof raw === 'number' && Number.isSafeInteger(raw) && raw > 0 ? raw : undefined
}

function readTable(raw: unknown): Table | undefined {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...(raw as Table) } : undefined
}

function readTexts(raw: unknown): { readonly [name: string]: string } | undefined {
  const table = readTable(raw)
  const texts = table !== undefined && Object.values(table).every((value) => typeof value === 'string')
  return texts ? (table as { readonly [name: string]: string }) : undefined
}
