/** Figures: gathers what the parts of one agent tell about themselves, for /metrics and /v1/status. Changes nothing. */
import { type ActorId, instant, millis } from '@patina/base'
import type { StoreStats } from '@patina/crdt-store'
import type { Node, NodeStatus, SchemaSkewView } from '@patina/node'
import type { SocketAddress } from '@patina/program'
import type { CertifiedStreams } from '@patina/transport'
import type { Certificates } from './certificates.ts'
import type { Config } from './effective-config.ts'
import type { LiveQueryChild } from './live-query-child.ts'
import type { Propagation } from './propagation.ts'
import type { ReadersChild } from './readers-child.ts'
import { type Missing, Readiness } from './readiness.ts'
import { type ChildStatus, statusJson } from './status.ts'
import type { StoreChild } from './store-child.ts'
import type { Telemetry } from './telemetry.ts'

/** A scrape waits for the store no longer; its last figures stand then. */
const STATS_MS = 1_000
/** After it, it is asked again. */
const SETTLE_MS = millis(60_000)
const MS_PER_SECOND = 1_000

export interface FigureParts {
  readonly config: Config
  readonly telemetry: Telemetry
  readonly propagation: Propagation
  readonly children: {
    readonly store: StoreChild
    readonly readers: ReadersChild
    readonly 'live-query': LiveQueryChild
  }
  /** undefined before it runs. */
  readonly node: () => Node | undefined
  /** undefined before the streams stand. */
  readonly streams: () => Pick<CertifiedStreams, 'traffic'> | undefined
  /** undefined before the streams stand, and in plaintext. */
  readonly certificates: () => Certificates | undefined
}

export class Figures {
  readonly #parts: FigureParts
  readonly #readiness: Readiness
  readonly #restarts = new Map<string, number>()

  constructor(parts: FigureParts) {
    this.#parts = parts
    const { children, config } = parts
    this.#readiness = new Readiness({
      node: () => this.#node(),
      hasSeeds: config.gossip.bootstrap.length > 0,
      settleLiveResults: () => children['live-query'].settle(SETTLE_MS),
      isRunning: {
        store: () => children.store.isRunning(),
        readers: () => children.readers.isRunning(),
        'live-query': () => children['live-query'].isRunning(),
      },
    })
  }

  childRestarted(role: string): void {
    this.#restarts.set(role, (this.#restarts.get(role) ?? 0) + 1)
    this.#parts.telemetry.childRestarted(role)
  }

  /** What readiness lacks. */
  missing(): readonly Missing[] {
    return this.#readiness.missing()
  }

  /** The node must run. */
  async status(own: {
    readonly actor: ActorId
    readonly apiAddresses: readonly SocketAddress[]
    readonly gossipAddress: string
    readonly node: Node
  }): Promise<object> {
    const store = await this.#storeStats()
    return statusJson({
      ...own,
      config: this.#parts.config,
      uptimeMs: performance.now(),
      missing: this.missing(),
      node: own.node.status(),
      knowledge: own.node.knowledge(),
      skew: own.node.schemaSkew() ?? NO_SKEW,
      lag: {
        oldestView: own.node.oldestView(instant(performance.now())),
        lag: own.node.lag(instant(performance.now())),
        delaysOf: (origin) => this.#parts.propagation.delaysOf(origin),
      },
      children: this.#children(),
      store,
    })
  }

  /** Makes the gauges of /metrics, and looks for readiness until the stop; call once. */
  watch(): void {
    const { telemetry, children } = this.#parts
    this.#readiness.watch()
    telemetry.watch({
      membersByState: () => {
        const { alive = 0, suspect = 0, down = 0, left = 0 } = this.#node() ?? {}
        return new Map([
          ['alive', alive + 1],
          ['suspect', suspect],
          ['down', down],
          ['left', left],
        ])
      },
      streams: () => this.#parts.streams()?.traffic() ?? new Map(),
      certificateExpiries: () => this.#parts.certificates()?.expiries() ?? new Map(),
      sessions: () => this.#node()?.sessionsOpen ?? 0,
      membership: () => this.#parts.node()?.membershipHealth() ?? NO_MEMBERSHIP,
      broadcast: () => {
        const { queuedBytes = {}, delayedBytes = 0, muted = [] } = this.#node()?.sync ?? {}
        return { queuedBytes: new Map(Object.entries(queuedBytes)), delayedBytes, muted: muted.length }
      },
      skew: () => this.#parts.node()?.schemaSkew() ?? NO_SKEW,
      oldestViewSeconds: () => this.#oldestViewSeconds(),
      versions: () => this.#node()?.sync ?? NO_VERSIONS,
      pendingByRole: () => new Map(Object.entries(children).map(([role, child]) => [role, child.pending()])),
      ready: () => this.missing().length === 0,
      store: () => this.#storeStats(),
    })
  }

  stop(): void {
    this.#readiness.stop()
  }

  #node(): NodeStatus | undefined {
    return this.#parts.node()?.status()
  }

  #oldestViewSeconds(): number {
    const oldest = this.#parts.node()?.oldestView(instant(performance.now()))
    return oldest === undefined ? 0 : (oldest.ageMs ?? Number.NaN) / MS_PER_SECOND
  }

  async #storeStats(): Promise<StoreStats | undefined> {
    const stats = await this.#parts.children.store.stats(STATS_MS)
    return stats.ok ? stats.value : undefined
  }

  #children(): { readonly [role: string]: ChildStatus } {
    return Object.fromEntries(
      Object.entries(this.#parts.children).map(([role, child]) => [
        role,
        {
          running: child.isRunning(),
          pending: child.pending(),
          restarts: this.#restarts.get(role) ?? 0,
        },
      ]),
    )
  }
}

/** Nobody has told anything. */
export const NO_SKEW: SchemaSkewView = { tables: [], same: 0, other: 0, unknown: 0, elsewhere: [] }

const NO_VERSIONS = { missing: 0, unobtainable: 0, lost: 0 } as const

/** Before the node machine runs. */
const NO_MEMBERSHIP = { localHealth: 0, unverified: 0, rumors: 0 } as const
