/**
 * One configuration value: does it have the kind and bounds of its key, and what does it become? Also reads the text of
 * an environment override as the kind wants it. Says what is wrong in words that complete `key …`.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { err, ok, type Result, unreachable } from '@patina/base'
import { parse } from 'smol-toml'
import type { KeySpec } from './config-keys.ts'

/** `ip:port`, port 0 where the system may choose. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

export type Scope = 'read' | 'write' | 'admin'

/** A bearer token: only the digest of its text is in the configuration. */
export interface TokenEntry {
  readonly name: string
  readonly sha256: string
  readonly scopes: readonly Scope[]
}

const SCOPES: readonly string[] = ['read', 'write', 'admin']
const TOKEN_KEYS: readonly string[] = ['name', 'sha256', 'scopes']

/** Checks `raw` against the key; relative paths become absolute below `folder`. The error completes `key …`. */
export function checkValue(spec: KeySpec, raw: unknown, folder: string): Result<unknown, string> {
  switch (spec.kind) {
    case 'text':
      return checkText(spec, raw)
    case 'flag':
      return typeof raw === 'boolean' ? ok(raw) : expected('true or false', raw)
    case 'integer':
      return checkInteger(spec, raw)
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
    case 'token-list':
      return checkTokens(raw)
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
    return err(`must be one of ${spec.choices.join(', ')}, not ${quote(raw)}`)
  if (spec.pattern !== undefined && !spec.pattern.test(raw))
    return err(`must match ${spec.pattern.source}, not ${quote(raw)}`)
  return ok(raw)
}

function checkInteger(spec: KeySpec, raw: unknown): Result<number, string> {
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return expected('a whole number', raw)
  const [min, max] = [spec.min ?? 0, spec.max ?? Number.MAX_SAFE_INTEGER]
  return raw >= min && raw <= max ? ok(raw) : err(`must be from ${min} to ${max}, not ${raw}`)
}

function checkAddress(raw: string): Result<SocketAddress, string> {
  const address = parseSocketAddress(raw)
  return address === undefined ? err(`must be an address ip:port, not ${quote(raw)}`) : ok(address)
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

function checkTokens(raw: unknown): Result<TokenEntry[], string> {
  if (!Array.isArray(raw)) return expected('a list of { name, sha256, scopes }', raw)
  const tokens: TokenEntry[] = []
  for (const [index, entry] of raw.entries()) {
    const problem = tokenProblem(entry)
    if (problem !== undefined) return err(`entry ${index + 1}: ${problem}`)
    const { name, sha256, scopes } = entry as TokenEntry
    tokens.push({ name, sha256: sha256.toLowerCase(), scopes })
  }
  return ok(tokens)
}

function tokenProblem(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'must be { name, sha256, scopes }'
  const unknown = Object.keys(entry).find((key) => !TOKEN_KEYS.includes(key))
  if (unknown !== undefined) return `has an unknown key "${unknown}"; known are ${TOKEN_KEYS.join(', ')}`
  const { name, sha256, scopes } = entry as { name?: unknown; sha256?: unknown; scopes?: unknown }
  if (typeof name !== 'string' || name === '') return 'name must be a text'
  if (typeof sha256 !== 'string' || !/^[0-9a-fA-F]{64}$/.test(sha256)) return 'sha256 must be 64 hex digits'
  if (!isTextList(scopes) || scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope)))
    return `scopes must be a list of ${SCOPES.join(', ')}`
  return undefined
}

function isTextList(raw: unknown): raw is string[] {
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
  return err(`must be ${what}, not ${quote(raw)}`)
}

function quote(raw: unknown): string {
  const text =
    JSON.stringify(raw, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
