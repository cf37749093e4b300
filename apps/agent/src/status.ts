/** GET /v1/status: one agent in figures, for people and for programs that watch many. Names and units are in docs/operations.md. */
import type { ActorId, ActorKnowledge } from '@patina/base'
import type { StoreStats } from '@patina/crdt-store'
import type { NodeStatus, SchemaSkewView } from '@patina/node'
import { formatSocketAddress, type SocketAddress } from '@patina/program'
import type { Config } from './effective-config.ts'
import { type LagParts, lagJson } from './lag-status.ts'
import type { Missing } from './readiness.ts'
import { VERSION } from './version.ts'

export interface ChildStatus {
  readonly running: boolean
  /** Calls under way. */
  readonly pending: number
  /** Since the agent started. */
  readonly restarts: number
}

export interface StatusParts {
  readonly config: Config
  readonly actor: ActorId
  readonly apiAddresses: readonly SocketAddress[]
  readonly gossipAddress: string
  readonly uptimeMs: number
  readonly missing: readonly Missing[]
  readonly node: NodeStatus
  readonly knowledge: readonly ActorKnowledge[]
  readonly skew: SchemaSkewView
  readonly lag: LagParts
  readonly children: { readonly [role: string]: ChildStatus }
  /** undefined where the store does not answer. */
  readonly store: StoreStats | undefined
}

export function statusJson(parts: StatusParts): object {
  const { config, actor, node, knowledge, skew, store } = parts
  const { sync } = node
  return {
    version: VERSION,
    node_version: process.version,
    actor,
    name: config.node.name,
    region: config.node.region,
    cluster_id: config.gossip.clusterId,
    api_addrs: parts.apiAddresses.map(formatSocketAddress),
    gossip_addr: parts.gossipAddress,
    uptime_ms: Math.round(parts.uptimeMs),
    ready: parts.missing.length === 0,
    missing: parts.missing,
    members: { alive: node.alive + 1, suspect: node.suspect, down: node.down, left: node.left },
    knowledge: {
      actors: knowledge.length,
      own_head: knowledge.find((held) => held.actor === actor)?.head ?? 0,
      versions_missing: sync.missing,
      versions_unobtainable: sync.unobtainable,
      versions_lost: sync.lost,
    },
    lag: lagJson(parts.lag),
    sync: {
      sessions: node.sessionsOpen,
      sessions_missing: node.sessionsMissing,
      changesets_in_flight: sync.inFlight,
      queued_bytes: Object.values(sync.queuedBytes).reduce((sum, bytes) => sum + bytes, 0),
      queues: sync.queuedBytes,
      broadcast_delayed_bytes: sync.delayedBytes,
      muted: sync.muted,
      asking: sync.asking,
      serving: sync.serving,
    },
    schema: { tables_skewed: skew.tables.length, peers_other: skew.other, peers_unknown: skew.unknown },
    store:
      store === undefined
        ? null
        : {
            durability: config.db.durability,
            database_bytes: store.databaseBytes,
            wal_bytes: store.walBytes,
            quarantined_versions: store.quarantined,
            buffered_chunks: store.bufferedChunks,
            misfits: store.misfits,
          },
    processes: parts.children,
  }
}
