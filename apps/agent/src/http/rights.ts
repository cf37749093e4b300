/**
 * Who may call: the endpoint name and the Host header first, then bearer tokens with scopes. Tokens are compared by
 * their SHA-256 in constant time; the original's single token has all scopes. A web page in somebody's browser has no
 * way in, because a name that was bound to this address (DNS rebinding) is not an accepted Host.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { MiddlewareHandler } from 'hono'
import type { Config } from '../effective-config.ts'
import type { Scope } from '../token-entries.ts'
import { type Problem, refuseRequest } from './problem.ts'

type ApiConfig = Config['api']

/** 421 where the request is meant for another endpoint, or names a host that nobody configured. */
export function checkEndpoint(api: ApiConfig): MiddlewareHandler {
  const hosts = new Set([
    'localhost',
    hostname().toLowerCase(),
    ...api.hosts.map((host) => host.toLowerCase()),
  ])
  const isUnknown = (host: string | undefined): boolean =>
    host !== undefined && isIP(host) === 0 && !hosts.has(host)
  return async (c, next) => {
    const endpoint = c.req.header('x-corrosion-requested-endpoint-name')
    if (endpoint !== undefined && api.endpointName !== undefined && endpoint !== api.endpointName)
      return VISIBLE_ASCII.test(endpoint) ? c.body(null, 421) : refuseRequest(c, UNREADABLE_ENDPOINT)
    // The URL has taken in what counts more than the header: `:authority` of HTTP/2, a target with a host of HTTP/1.1.
    const unknown = [c.req.header('host'), AUTHORITY.exec(c.req.url)?.[1]].map(hostOf).find(isUnknown)
    if (unknown !== undefined)
      return refuseRequest(c, {
        status: 421,
        code: 'unknown-host',
        error: `this agent is not known as ${unknown.slice(0, 253)}; add the name to api.hosts`,
      })
    return next()
  }
}

const AUTHORITY = /^https?:\/\/([^/?#]*)/

const VISIBLE_ASCII = /^[\t\x20-\x7e]*$/

const UNREADABLE_ENDPOINT: Problem = {
  status: 400,
  code: 'invalid-endpoint-name',
  error: 'x-corrosion-requested-endpoint-name holds more than visible ASCII',
}

interface KnownToken {
  readonly digest: Buffer
  readonly scopes: readonly Scope[]
}

/** Tells the scopes of a presented token; undefined where it is none of ours. Looks at every token each time. */
export function tokenScopes(api: ApiConfig): (token: string) => readonly Scope[] | undefined {
  const known: KnownToken[] = api.tokens.map(({ sha256, scopes }) => ({
    digest: Buffer.from(sha256, 'hex'),
    scopes,
  }))
  if (api.bearerToken !== undefined)
    known.push({ digest: digestOf(api.bearerToken), scopes: ['read', 'write', 'admin'] })
  return (token) => {
    const presented = digestOf(token)
    let scopes: readonly Scope[] | undefined
    for (const entry of known) if (timingSafeEqual(entry.digest, presented)) scopes = entry.scopes
    return scopes
  }
}

/** 401 with an empty body without a known token, on every path, unknown ones too. */
export function checkToken(api: ApiConfig): MiddlewareHandler<{ Variables: { scopes: readonly Scope[] } }> {
  const open = api.tokens.length === 0 && api.bearerToken === undefined
  const scopesOf = tokenScopes(api)
  return async (c, next) => {
    const match = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')
    const scopes = open ? ALL_SCOPES : match === null ? undefined : scopesOf(match[1] as string)
    if (scopes === undefined) return c.body(null, 401, { 'www-authenticate': 'Bearer' })
    c.set('scopes', scopes)
    return next()
  }
}

/** 403 where the token is good for something else. `admin` includes the others. */
export function needScope(scope: Scope): MiddlewareHandler<{ Variables: { scopes: readonly Scope[] } }> {
  return async (c, next) => {
    const scopes = c.get('scopes')
    if (scopes.includes(scope) || scopes.includes('admin')) return next()
    return refuseRequest(c, { status: 403, code: 'forbidden', error: `this token has no scope "${scope}"` })
  }
}

const ALL_SCOPES: readonly Scope[] = ['read', 'write', 'admin']

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The host without port and brackets, lower case. */
function hostOf(header: string | undefined): string | undefined {
  return header
    ?.toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}
