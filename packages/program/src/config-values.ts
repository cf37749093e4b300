/**
 * One configuration value: does it have the kind and bounds of its key, and what does it become? Also reads the text of
 * an environment override as the kind wants it. Says what is wrong in words that complete `key …`.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { assert, err, ok, type Result, unreachable } from '@patina/base'
import { parse } from 'smol-toml'

/** What a value must look like. Addresses are `ip:port`; paths are relative to the configuration file. */
export type KeyKind =
  | 'text'
  | 'flag'
  | 'integer'
  | 'number'
  | 'path'
  | 'path-list'
  | 'text-list'
  | 'text-map'
  | 'address'
  | 'address-list'
  | 'checked'

/** One key of a program's configuration: the table of them is what files, overrides and documents are held to. */
export interface KeySpec {
  readonly name: string
  readonly kind: KeyKind
  /** Where the key is absent; undefined: optional without a value. */
  readonly fallback?: unknown
  readonly required?: true
  readonly choices?: readonly string[]
  readonly pattern?: RegExp
  readonly min?: number
  readonly max?: number
  /** For `checked`: the value as the program uses it, or what completes `key …`, of the key or of several below it. */
  readonly check?: (raw: unknown, folder: string) => Result<unknown, string | readonly KeyProblem[]>
  /** A second name of the same key. */
  readonly alias?: string
  /** Never shown by `config show` or a log. */
  readonly secret?: true
  readonly meaning: string
}

/** A problem below a key of kind `checked`: `0.query` in an array of tables. */
export interface KeyProblem {
  readonly key: string
  readonly problem: string
}

/** `ip:port`, port 0 where the system may choose. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** Checks `raw` against the key; relative paths become absolute below `folder`. The error completes `key …`. */
export function checkValue(
  spec: KeySpec,
  raw: unknown,
  folder: string,
): Result<unknown, string | readonly KeyProblem[]> {
  switch (spec.kind) {
    case 'text':
      return checkText(spec, raw)
    case 'flag':
      return typeof raw === 'boolean' ? ok(raw) : expected('true or false', raw)
    case 'integer':
      return checkInteger(spec, raw)
    case 'number':
      return checkNumber(spec, raw)
    case 'path':
      return typeof raw === 'string' && raw !== '' ? ok(resolve(folder, raw)) : expected('a path', raw)
    case 'path-list':
      return isTextList(raw) ? ok(raw.map((path) => resolve(folder, path))) : expected('a list of paths', raw)
    case 'text-list':
      return isTextList(raw) ? ok(raw) : expected('a list of texts', raw)
    case 'text-map':
      return isTextMap(raw) ? ok({ ...raw }) : expected('a table of texts', raw)
    case 'address':
      return typeof raw === 'string' ? checkAddress(raw) : expected('an address ip:port', raw)
    case 'address-list':
      return checkAddressList(raw)
    case 'checked':
      assert(spec.check !== undefined, `key ${spec.name} names its check`)
      return spec.check(raw, folder)
    default:
      return unreachable(spec.kind)
  }
}

/** The text of an environment variable as a value: as it stands for texts, else as TOML reads it. */
export function valueFromText(spec: KeySpec, text: string): unknown {
  if (spec.kind === 'text' || spec.kind === 'path' || spec.kind === 'address') return text
  try {
    return parse(`value = ${text}`).value
  } catch {
    return text
  }
}

export function parseSocketAddress(text: string): SocketAddress | undefined {
  const at = text.lastIndexOf(':')
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1')
  const port = text.slice(at + 1)
  if (at < 1 || isIP(host) === 0 || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) return undefined
  return { host, port: Number(port) }
}

export function formatSocketAddress({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function checkText(spec: KeySpec, raw: unknown): Result<string, string> {
  if (typeof raw !== 'string') return expected('a text', raw)
  if (spec.choices !== undefined && !spec.choices.includes(raw))
    return err(`must be one of ${spec.choices.join(', ')}, not ${quoteValue(raw)}`)
  if (spec.pattern !== undefined && !spec.pattern.test(raw))
    return err(`must match ${spec.pattern.source}, not ${quoteValue(raw)}`)
  return ok(raw)
}

function checkInteger(spec: KeySpec, raw: unknown): Result<number, string> {
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return expected('a whole number', raw)
  const [min, max] = [spec.min ?? 0, spec.max ?? Number.MAX_SAFE_INTEGER]
  return raw >= min && raw <= max ? ok(raw) : err(`must be from ${min} to ${max}, not ${raw}`)
}

function checkNumber(spec: KeySpec, raw: unknown): Result<number, string> {
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return expected('a number', raw)
  const [min, max] = [spec.min ?? 0, spec.max ?? Number.MAX_VALUE]
  return raw >= min && raw <= max ? ok(raw) : err(`must be from ${min} to ${max}, not ${raw}`)
}

function checkAddress(raw: string): Result<SocketAddress, string> {
  const address = parseSocketAddress(raw)
  return address === undefined ? err(`must be an address ip:port, not ${quoteValue(raw)}`) : ok(address)
}

function checkAddressList(raw: unknown): Result<SocketAddress[], string> {
  const texts = typeof raw === 'string' ? [raw] : raw
  if (!isTextList(texts) || texts.length === 0) return expected('an address ip:port or a list of them', raw)
  const addresses: SocketAddress[] = []
  for (const text of texts) {
    const address = checkAddress(text)
    if (!address.ok) return address
    addresses.push(address.value)
  }
  return ok(addresses)
}

export function isTextList(raw: unknown): raw is string[] {
  return Array.isArray(raw) && raw.every((item) => typeof item === 'string')
}

function isTextMap(raw: unknown): raw is Record<string, string> {
  return (
    typeof raw === 'object' &&
    raw !== null &&
    !Array.isArray(raw) &&
    Object.values(raw).every((v) => typeof v === 'string')
  )
}

function expected(what: string, raw: unknown): { readonly ok: false; readonly error: string } {
  return err(`must be ${what}, not ${quoteValue(raw)}`)
}

/** A value in an error message, short. */
export function quoteValue(raw: unknown): string {
  const text =
    JSON.stringify(raw, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
