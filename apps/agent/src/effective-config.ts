/**
 * The effective configuration as the program uses it: fields instead of key names, milliseconds instead of seconds. Made
 * from checked values only.
 */
import type { EffectiveValues, SocketAddress } from '@patina/program'
import type { TokenEntry } from './token-entries.ts'

/** The effective configuration. All paths are absolute. */
export interface Config {
  readonly node: {
    readonly name: string
    readonly region: string
    readonly tags: Readonly<Record<string, string>>
  }
  readonly db: {
    readonly path: string
    readonly schemaPaths: readonly string[]
    readonly durability: 'full' | 'normal'
    readonly walBytesMax: number
  }
  readonly api: {
    readonly bindAddresses: readonly SocketAddress[]
    readonly bearerToken: string | undefined
    readonly tokens: readonly TokenEntry[]
    readonly allowUnauthenticated: boolean
    readonly corsOrigins: readonly string[]
    readonly hosts: readonly string[]
    readonly endpointName: string | undefined
  }
  readonly gossip: {
    readonly bindAddress: SocketAddress
    readonly externalAddress: SocketAddress | undefined
    readonly bootstrap: readonly string[]
    readonly clusterId: string
    readonly secretFile: string | undefined
    readonly allowedNetworks: readonly string[]
    readonly urgentTables: readonly string[]
    readonly broadcastBytesPerSecond: number
    readonly originBytesPerSecond: number
    readonly antiEntropyBytesPerSecond: number
    readonly antiEntropyPeerBytesPerSecond: number
    readonly plaintext: boolean
    readonly tls: TlsFiles | undefined
  }
  readonly adminSocket: string | undefined
  readonly log: { readonly level: string; readonly format: 'plaintext' | 'json' }
  readonly prometheusAddress: SocketAddress | undefined
  readonly limits: ConfigLimits
}

export interface TlsFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

export interface ConfigLimits {
  readonly bodyBytesMax: number
  readonly statementsMax: number
  readonly queryRowsMax: number
  readonly queryBytesMax: number
  readonly transactionsConcurrentMax: number
  readonly queriesConcurrentMax: number
  readonly othersConcurrentMax: number
  readonly transactionTimeoutMs: number
  readonly queryTimeoutMs: number
  readonly timeoutMsMax: number
  readonly clientStallMs: number
  readonly storeTimeoutMs: number
  readonly startTimeoutMs: number
  readonly drainMs: number
  /** Memory of a child process. */
  readonly processBytesMax: number
}

/** Fields from values by key; the table of keys has checked kinds and required keys. */
export function toConfig(effective: EffectiveValues): Config {
  const get = <T>(name: string): T => effective.get(name)?.value as T
  return {
    node: { name: get('node.name'), region: get('node.region'), tags: get('node.tags') },
    db: {
      path: get('db.path'),
      schemaPaths: get('db.schema_paths'),
      durability: get('db.durability'),
      walBytesMax: get('db.wal_limit'),
    },
    api: {
      bindAddresses: get('api.bind_addr'),
      bearerToken: get('api.authorization.bearer-token'),
      tokens: get('api.tokens'),
      allowUnauthenticated: get('api.allow_unauthenticated'),
      corsOrigins: get('api.cors_origins'),
      hosts: get('api.hosts'),
      endpointName: get('api.endpoint_name'),
    },
    gossip: {
      bindAddress: get('gossip.bind_addr'),
      externalAddress: get('gossip.external_addr'),
      bootstrap: get('gossip.bootstrap'),
      clusterId: get('gossip.cluster_id'),
      secretFile: get('gossip.secret_file'),
      allowedNetworks: get('gossip.allowed_networks'),
      urgentTables: get('gossip.urgent_tables'),
      broadcastBytesPerSecond: get('gossip.broadcast_bytes_per_sec'),
      originBytesPerSecond: get('gossip.origin_bytes_per_sec'),
      antiEntropyBytesPerSecond: get('gossip.anti_entropy_bytes_per_sec'),
      antiEntropyPeerBytesPerSecond: get('gossip.anti_entropy_peer_bytes_per_sec'),
      plaintext: get('gossip.plaintext'),
      tls: get<boolean>('gossip.plaintext')
        ? undefined
        : {
            caFile: get('gossip.tls.ca_file'),
            certFile: get('gossip.tls.cert_file'),
            keyFile: get('gossip.tls.key_file'),
          },
    },
    adminSocket: get('admin.uds_path'),
    log: { level: get('log.level'), format: get('log.format') },
    prometheusAddress: get('telemetry.prometheus.bind_addr'),
    limits: toLimits(get),
  }
}

function toLimits(get: <T>(name: string) => T): ConfigLimits {
  const count = (name: string): number => get<number>(`limits.${name}`)
  const secs = (name: string): number => 1_000 * count(name)
  return {
    bodyBytesMax: count('body_bytes_max'),
    statementsMax: count('statements_max'),
    queryRowsMax: count('query_rows_max'),
    queryBytesMax: count('query_bytes_max'),
    transactionsConcurrentMax: count('transactions_concurrent_max'),
    queriesConcurrentMax: count('queries_concurrent_max'),
    othersConcurrentMax: count('others_concurrent_max'),
    transactionTimeoutMs: secs('transaction_timeout_secs'),
    queryTimeoutMs: secs('query_timeout_secs'),
    timeoutMsMax: secs('timeout_secs_max'),
    clientStallMs: secs('client_stall_secs'),
    storeTimeoutMs: secs('store_timeout_secs'),
    startTimeoutMs: secs('start_timeout_secs'),
    drainMs: secs('drain_secs'),
    processBytesMax: count('process_bytes_max'),
  }
}
