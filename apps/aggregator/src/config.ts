/** The aggregator's configuration: `/etc/patina/aggregator.toml`, `PATINA_AGGREGATOR__…` in the environment. */
import { isIP } from 'node:net'
import { err, type Millis, millis, ok, type Result } from '@patina/base'
import {
  ConfigError,
  formatSocketAddress,
  type KeySpec,
  LOG_KEYS,
  parseConfigText,
  quoteValue,
  readConfigText,
  type SocketAddress,
  type TlsPaths,
} from '@patina/program'
import { checkRollups, type RollupSpec } from './rollup-spec.ts'

export const CONFIG_PATH_DEFAULT = '/etc/patina/aggregator.toml'

export interface AgentAddress {
  readonly url: URL
  readonly tokenFile: string | undefined
}

export interface Config {
  readonly region: string
  readonly name: string
  readonly regional: AgentAddress
  readonly global: AgentAddress
  readonly rollups: readonly RollupSpec[]
  readonly fullCompareMs: Millis
  readonly guard: { readonly holdMs: Millis; readonly sizeMin: number }
  readonly routeTable: string
  readonly instancesQuery: string | undefined
  /** `nrt-syd`, names in order → milliseconds. */
  readonly distances: ReadonlyMap<string, number>
  readonly listen: SocketAddress
  /** Where other aggregators reach it. */
  readonly advertise: string
  readonly tokenFile: string | undefined
  readonly tls: TlsPaths
  readonly log: { readonly level: string; readonly format: 'plaintext' | 'json' }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/

/** Every key; docs/tiers.md is held to it. */
export const CONFIG_KEYS: readonly KeySpec[] = [
  {
    name: 'region',
    kind: 'text',
    required: true,
    pattern: NAME,
    meaning: '`node.region` of the agents of this region',
  },
  {
    name: 'name',
    kind: 'text',
    fallback: 'main',
    pattern: NAME,
    meaning: 'tells aggregators apart that use one global agent',
  },
  ...agentKeys('regional', "HTTP API of an agent of the region's cluster", 'read'),
  ...agentKeys('global', 'HTTP API of an agent of the global cluster', 'read and write'),
  {
    name: 'rollup',
    kind: 'checked',
    check: checkRollups,
    required: true,
    meaning: '[[rollup]]: into, query, key = ["app"], max_shrink = 0.5',
  },
  {
    name: 'full_compare_secs',
    kind: 'integer',
    fallback: 300,
    min: 1,
    max: 86_400,
    meaning: 'between two looks at what the global tables really say',
  },
  {
    name: 'guard.hold_secs',
    kind: 'integer',
    fallback: 300,
    min: 0,
    max: 86_400,
    meaning: 'how long a roll-up that shrinks by more than max_shrink is held',
  },
  {
    name: 'guard.min_size',
    kind: 'integer',
    fallback: 10,
    min: 0,
    max: 1_000_000,
    meaning: 'a count or a sum that was below this is not guarded',
  },
  {
    name: 'route.table',
    kind: 'text',
    fallback: 'live_app_regions',
    pattern: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
    meaning:
      'table or view of the global cluster with the columns app and region; `healthy` is minded where it is there',
  },
  {
    name: 'instances.query',
    kind: 'text',
    meaning: 'SELECT over the regional cluster with :app, the instances of an app that can be sent requests',
  },
  {
    name: 'distances',
    kind: 'checked',
    check: checkDistances,
    fallback: {},
    meaning: 'milliseconds between regions that no round trip is known of: { "nrt-syd" = 104 }',
  },
  { name: 'listen', kind: 'address', fallback: '127.0.0.1:9280', meaning: 'HTTP API of this program' },
  {
    name: 'advertise',
    kind: 'checked',
    check: (raw) => checkUrl(raw, ['http', 'https']),
    meaning: 'where other aggregators reach it, http:// or https://host:port; default: listen',
  },
  { name: 'token_file', kind: 'path', meaning: 'bearer token of /v1, the same for all aggregators' },
  {
    name: 'tls.cert_file',
    kind: 'path',
    meaning: 'certificate of the HTTP API, which is HTTPS with it; read again when the file changes',
  },
  { name: 'tls.key_file', kind: 'path', meaning: 'its private key' },
  {
    name: 'tls.ca_file',
    kind: 'path',
    meaning: "certificates that sign other aggregators'; default: those of Node",
  },
  {
    name: 'allow_unauthenticated',
    kind: 'flag',
    fallback: false,
    meaning: 'listen beyond loopback without a token',
  },
  ...LOG_KEYS,
]

/** Throws ConfigError. */
export function loadConfig(path: string, environment: NodeJS.ProcessEnv): Config {
  return parseConfig(readConfigText(path), path, environment)
}

/** Of a text that was read from `path`. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): Config {
  const table = { keys: CONFIG_KEYS, environmentPrefix: 'PATINA_AGGREGATOR' }
  const values = parseConfigText(text, path, environment, table)
  const get = <T>(name: string): T => values.get(name)?.value as T
  const agent = (tier: string): AgentAddress => ({
    url: get(`${tier}.api`),
    tokenFile: get(`${tier}.token_file`),
  })
  const listen = get<SocketAddress>('listen')
  const tls = {
    certFile: get<string | undefined>('tls.cert_file'),
    keyFile: get<string | undefined>('tls.key_file'),
    caFile: get<string | undefined>('tls.ca_file'),
  }
  const scheme = tls.certFile === undefined ? 'http' : 'https'
  const config: Config = {
    region: get('region'),
    name: get('name'),
    regional: agent('regional'),
    global: agent('global'),
    rollups: get('rollup'),
    fullCompareMs: millis(1_000 * get<number>('full_compare_secs')),
    guard: { holdMs: millis(1_000 * get<number>('guard.hold_secs')), sizeMin: get('guard.min_size') },
    routeTable: get('route.table'),
    instancesQuery: get('instances.query'),
    distances: get('distances'),
    listen,
    advertise: (get<URL | undefined>('advertise') ?? new URL(`${scheme}://${formatSocketAddress(listen)}`))
      .origin,
    tokenFile: get('token_file'),
    tls,
    log: { level: get('log.level'), format: get('log.format') },
  }
  const problem = conflict(config, get('allow_unauthenticated'))
  if (problem !== undefined) throw new ConfigError([`${path}: ${problem}`])
  return config
}

/** The pair as `distances` has it. */
export function pairOf(one: string, other: string): string {
  return [one, other].sort().join('-')
}

/** What each key alone cannot show. */
function conflict(
  { listen, advertise, tokenFile, tls, regional, global }: Config,
  allowOpen: boolean,
): string | undefined {
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined))
    return 'tls.cert_file and tls.key_file belong together; name both files or none'
  if (tls.certFile !== undefined && !advertise.startsWith('https:'))
    return `advertise is ${advertise}, and with tls.cert_file only https:// is answered`
  if (tokenFile === undefined && !allowOpen && !isLoopback(listen.host))
    return 'listen is beyond loopback and token_file is missing; name one, or write allow_unauthenticated = true'
  if (regional.url.href === global.url.href)
    return 'regional.api and global.api are the same agent; the two clusters are apart'
  return undefined
}

function agentKeys(tier: string, meaning: string, scopes: string): KeySpec[] {
  return [
    {
      name: `${tier}.api`,
      kind: 'checked',
      check: (raw) => checkUrl(raw, ['http']),
      required: true,
      meaning: `${meaning}, http://host:port`,
    },
    { name: `${tier}.token_file`, kind: 'path', meaning: `bearer token with scopes ${scopes}` },
  ]
}

function checkUrl(raw: unknown, schemes: readonly ('http' | 'https')[]): Result<URL, string> {
  const url = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : undefined
  const isKnown = schemes.some((scheme) => url?.protocol === `${scheme}:`)
  if (url === undefined || !isKnown || url.href !== `${url.origin}/`)
    return err(`must be ${schemes.join(':// or ')}://host:port, not ${quoteValue(raw)}`)
  return ok(url)
}

function checkDistances(raw: unknown): Result<ReadonlyMap<string, number>, string> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return err(`must be a table of milliseconds, not ${quoteValue(raw)}`)
  const distances = new Map<string, number>()
  for (const [pair, ms] of Object.entries(raw)) {
    const [one, other, ...more] = pair.split('-')
    if (!one || !other || more.length > 0)
      return err(`names a pair of regions as "nrt-syd", not ${quoteValue(pair)}`)
    if (typeof ms !== 'number' || !(ms >= 0)) return err(`has no milliseconds for ${pair}`)
    distances.set(pairOf(one, other), ms)
  }
  return ok(distances)
}

function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1'
}
