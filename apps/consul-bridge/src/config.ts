/** The bridge's configuration: `/etc/patina/consul.toml`, `PATINA_CONSUL__…` in the environment. */
import { err, type Millis, millis, ok, type Result } from '@patina/base'
import {
  ConfigError,
  type KeySpec,
  LOG_KEYS,
  parseConfigText,
  quoteValue,
  readConfigText,
  type SocketAddress,
} from '@patina/program'
import type { CredentialPaths } from './credentials.ts'

export const CONFIG_PATH_DEFAULT = '/etc/patina/consul.toml'

export interface Config {
  readonly node: string | undefined
  readonly consul: {
    readonly address: URL
    readonly credentials: CredentialPaths
    readonly timeoutMs: Millis
  }
  readonly patina: { readonly address: SocketAddress; readonly tokenFile: string | undefined }
  readonly pollMs: Millis
  readonly fullCompareMs: Millis
  readonly guard: { readonly maxShrink: number; readonly holdMs: Millis }
  readonly deregisterOnExit: boolean
  readonly listen: SocketAddress
  readonly log: { readonly level: string; readonly format: 'plaintext' | 'json' }
}

/** Every key; docs/consul-migration.md is held to it. */
export const CONFIG_KEYS: readonly KeySpec[] = [
  {
    name: 'node',
    kind: 'text',
    meaning: "name of this host in the tables; default: its Consul agent's node name",
  },
  {
    name: 'consul.address',
    kind: 'checked',
    check: checkUrl,
    fallback: 'http://127.0.0.1:8500',
    meaning: "HTTP API of the host's Consul agent, http or https",
  },
  { name: 'consul.token_file', kind: 'path', meaning: 'ACL token; read again when the file changes' },
  {
    name: 'consul.tls.ca_file',
    kind: 'path',
    meaning: "certificates that sign Consul's; default: those of Node",
  },
  {
    name: 'consul.tls.cert_file',
    kind: 'path',
    meaning: 'client certificate; read again when the file changes',
  },
  { name: 'consul.tls.key_file', kind: 'path', meaning: 'its private key' },
  {
    name: 'consul.tls.server_name',
    kind: 'text',
    meaning: "name that Consul's certificate has, as server.dc1.consul; default: that of the address",
  },
  {
    name: 'consul.poll_ms',
    kind: 'integer',
    fallback: 1_000,
    min: 50,
    max: 60_000,
    meaning: 'pause between two looks',
  },
  {
    name: 'consul.timeout_ms',
    kind: 'integer',
    fallback: 5_000,
    min: 100,
    max: 60_000,
    meaning: 'an answer of Consul',
  },
  {
    name: 'patina.api_addr',
    kind: 'address',
    fallback: '127.0.0.1:8080',
    meaning: "HTTP API of the host's Patina agent",
  },
  {
    name: 'patina.token_file',
    kind: 'path',
    meaning: 'bearer token with scopes read and write; read again when the file changes',
  },
  {
    name: 'full_compare_secs',
    kind: 'integer',
    fallback: 900,
    min: 1,
    max: 86_400,
    meaning: 'between two looks at what the tables really say',
  },
  {
    name: 'guard.max_shrink',
    kind: 'number',
    fallback: 0.5,
    min: 0,
    max: 1,
    meaning:
      'share of the rows that may go at once; with fewer than 6 rows all but one. No row left is always held',
  },
  {
    name: 'guard.hold_secs',
    kind: 'integer',
    fallback: 30,
    min: 0,
    max: 86_400,
    meaning: 'how long more is held',
  },
  {
    name: 'deregister_on_exit',
    kind: 'flag',
    fallback: false,
    meaning: 'delete the rows of this node when the bridge is stopped in order',
  },
  { name: 'listen', kind: 'address', fallback: '127.0.0.1:9180', meaning: '/metrics, /healthz, /readyz' },
  ...LOG_KEYS,
]

/** Throws ConfigError. Without a file all defaults hold. */
export function loadConfig(path: string | undefined, environment: NodeJS.ProcessEnv): Config {
  return parseConfig(path === undefined ? '' : readConfigText(path), path ?? CONFIG_PATH_DEFAULT, environment)
}

/** Of a text that was read from `path`. */
export function parseConfig(text: string, path: string, environment: NodeJS.ProcessEnv): Config {
  const table = { keys: CONFIG_KEYS, environmentPrefix: 'PATINA_CONSUL' }
  const values = parseConfigText(text, path, environment, table)
  const get = <T>(name: string): T => values.get(name)?.value as T
  const config: Config = {
    node: get('node'),
    consul: {
      address: get('consul.address'),
      timeoutMs: millis(get('consul.timeout_ms')),
      credentials: {
        tokenFile: get('consul.token_file'),
        caFile: get('consul.tls.ca_file'),
        certFile: get('consul.tls.cert_file'),
        keyFile: get('consul.tls.key_file'),
        serverName: get('consul.tls.server_name'),
      },
    },
    patina: { address: get('patina.api_addr'), tokenFile: get('patina.token_file') },
    pollMs: millis(get('consul.poll_ms')),
    fullCompareMs: millis(1_000 * get<number>('full_compare_secs')),
    guard: { maxShrink: get('guard.max_shrink'), holdMs: millis(1_000 * get<number>('guard.hold_secs')) },
    deregisterOnExit: get('deregister_on_exit'),
    listen: get('listen'),
    log: { level: get('log.level'), format: get('log.format') },
  }
  const problem = conflict(config)
  if (problem !== undefined) throw new ConfigError([`${path}: ${problem}`])
  return config
}

/** What each key alone cannot show. */
function conflict({ consul: { address, credentials } }: Config): string | undefined {
  const { caFile, certFile, keyFile } = credentials
  if ((certFile === undefined) !== (keyFile === undefined))
    return 'consul.tls.cert_file and consul.tls.key_file belong together; name both files or none'
  const tls = caFile ?? certFile
  if (address.protocol === 'http:' && tls !== undefined)
    return 'consul.tls is given and consul.address is http; write https, usually with port 8501'
  return undefined
}

function checkUrl(raw: unknown): Result<URL, string> {
  const url = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === undefined || !isHttp)
    return err(`must be http://host:port or https://host:port, not ${quoteValue(raw)}`)
  return url.pathname === '/' ? ok(url) : err(`must have no path, not ${quoteValue(url.pathname)}`)
}
