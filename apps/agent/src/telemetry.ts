/**
 * What the agent tells about itself: its log and its metrics (prom-client). Every metric is declared here and described
 * in docs/metrics.md. Also owns the one place where monotonic time is turned into wall time for people.
 */
import type { StoreStats } from '@patina/crdt-store'
import type { NodeMetric } from '@patina/node'
import type { LaneTraffic } from '@patina/transport'
import type { Logger } from 'pino'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { registerStreamCounters } from './stream-counters.ts'

/** Unix ms of an instant of this process' monotonic clock. */
export function wallMsOf(instantMs: number): number {
  return Math.round(performance.timeOrigin + instantMs)
}

/** Read when somebody asks for the metrics. */
export interface Gauges {
  readonly membersByState: () => ReadonlyMap<string, number>
  readonly sessions: () => number
  /** What sessions have carried since the start, by lane; none before they stand. */
  readonly streams: () => ReadonlyMap<string, LaneTraffic>
  /** Seconds since 1970 by whose certificate it is; none in plaintext. */
  readonly certificateExpiries: () => ReadonlyMap<string, number>
  /** How membership itself does: Lifeguard's score, members not heard of yet, rumors that wait. */
  readonly membership: () => {
    readonly localHealth: number
    readonly unverified: number
    readonly rumors: number
  }
  /** Known of and not held; of these, held by nobody; and given up. */
  readonly versions: () => { readonly missing: number; readonly unobtainable: number; readonly lost: number }
  /** Of the views of live members; NaN where one has never been complete. */
  readonly oldestViewSeconds: () => number
  readonly skew: () => { readonly tables: readonly unknown[]; readonly other: number }
  readonly broadcast: () => {
    readonly queuedBytes: ReadonlyMap<string, number>
    readonly delayedBytes: number
    readonly muted: number
  }
  readonly pendingByRole: () => ReadonlyMap<string, number>
  readonly ready: () => boolean
  /** undefined where the store does not answer. */
  readonly store: () => Promise<StoreStats | undefined>
}

const NODE_METRICS: Readonly<Record<NodeMetric, string>> = {
  swim_malformed: 'membership messages that could not be decoded',
  swim_limited: 'membership messages and requests above the rate that one peer may have',
  swim_stream_dropped: 'membership messages for which no stream came up in time',
  sync_malformed: 'replication messages that could not be decoded',
  broadcast_sent: 'changesets sent to peers as they were committed',
  broadcast_received: 'changesets received as they were committed elsewhere',
  broadcast_duplicate: 'changesets dropped by their header: known already',
  broadcast_dropped: 'own changesets not sent to peers as they were committed: above the budget for too long',
  broadcast_refused:
    'changesets not taken as they were committed elsewhere: origin muted or above its budget',
  apply_dropped: 'changesets dropped because the queue for the store was full',
  sync_exchanges: 'knowledge exchanges begun with peers',
  sync_refused: 'comparisons and requests of peers that were told to come back later',
  sync_changesets_received: 'changesets received to fill gaps',
  sync_changesets_served: "changesets served to fill peers' gaps",
  sync_forks: 'actors found to have written two versions under one number',
}

const STORE_GAUGES = [
  { field: 'databaseBytes', name: 'database_bytes', help: 'size of the database file' },
  { field: 'walBytes', name: 'wal_bytes', help: 'size of its write-ahead log' },
  {
    field: 'quarantined',
    name: 'quarantined_versions',
    help: 'versions kept whose content is not understood',
  },
  { field: 'bufferedChunks', name: 'buffered_chunks', help: 'parts of versions that wait for the rest' },
  { field: 'misfits', name: 'misfits', help: 'values received that the schema here would not keep' },
] as const

export class Telemetry {
  readonly log: Logger
  readonly #registry = new Registry()
  readonly #node = new Map<NodeMetric, Counter>()
  readonly #requests: Counter<'route' | 'status'>
  readonly #requestSeconds: Histogram<'route'>
  readonly #lateSeconds: Histogram
  readonly #refused: Counter<'service' | 'reason'>
  readonly #restarts: Counter<'role'>
  readonly #snapshotsCut: Counter<'role'>
  readonly #commits: Counter
  readonly #outcomes: Counter<'outcome'>
  readonly #propagation: Histogram<'region' | 'lane'>

  /** `restarts`: by the supervisor. */
  constructor(log: Logger, version: string, restarts = 0) {
    this.log = log
    for (const [name, help] of Object.entries(NODE_METRICS))
      this.#node.set(name as NodeMetric, this.#counter(name, help))
    this.#requests = this.#counter('http_requests', 'HTTP requests answered', ['route', 'status'])
    this.#requestSeconds = new Histogram({
      name: 'patina_http_request_seconds',
      help: 'time to the first byte of an answer',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers: [this.#registry],
    })
    this.#lateSeconds = new Histogram({
      name: 'patina_deadline_late_seconds',
      help: 'how late deadlines of membership and replication are run',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2],
      registers: [this.#registry],
    })
    this.#refused = this.#counter('transport_refused', 'packets and connections refused', [
      'service',
      'reason',
    ])
    this.#restarts = this.#counter('child_restarts', 'child processes replaced', ['role'])
    this.#snapshotsCut = this.#counter(
      'snapshots_cut',
      'readers that held the write-ahead log and were cut',
      ['role'],
    )
    this.#commits = this.#counter('commits', 'versions committed by this member')
    this.#outcomes = this.#counter('changesets_applied', 'changesets handed to the store', ['outcome'])
    this.#propagation = new Histogram({
      name: 'patina_propagation_seconds',
      help: 'from the commit at its origin, by its clock, until a version was applied here',
      labelNames: ['region', 'lane'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60],
      registers: [this.#registry],
    })
    this.#gauge('build_info', 'version of the program; always 1', ['version']).set({ version }, 1)
    this.#gauge('restarts', 'starts of the agent by its supervisor after the first').set(restarts)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  exposition(): Promise<string> {
    return this.#registry.metrics()
  }

  count(metric: NodeMetric, by: number): void {
    this.#node.get(metric)?.inc(by)
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status: String(status) })
    this.#requestSeconds.observe({ route }, seconds)
  }

  deadlineLate(ms: number): void {
    this.#lateSeconds.observe(ms / 1_000)
  }

  refused(service: 'datagrams' | 'streams', reason: string): void {
    this.#refused.inc({ service, reason })
  }

  childRestarted(role: string): void {
    this.#restarts.inc({ role })
  }

  snapshotCut(role: string): void {
    this.#snapshotsCut.inc({ role })
  }

  committed(versions: number): void {
    this.#commits.inc(versions)
  }

  propagated(region: string, lane: string, seconds: number): void {
    this.#propagation.observe({ region, lane }, seconds)
  }

  applied(outcome: string): void {
    this.#outcomes.inc({ outcome })
  }

  /** Gauges are read at each exposition; call once. */
  watch(gauges: Gauges): void {
    this.#labelled('members', 'members by state, this one included', 'state', gauges.membersByState)
    this.#labelled('port_pending', 'calls under way at child processes', 'role', gauges.pendingByRole)
    this.#labelled(
      'certificate_expiry_seconds',
      'when certificates end: own, ca, and the first of the peers with a session',
      'of',
      gauges.certificateExpiries,
    )
    registerStreamCounters(this.#registry, gauges.streams)
    this.#read('sessions', 'open streams to peers', gauges.sessions)
    this.#read(
      'swim_local_health',
      'slowness of this member itself, 0 to 7',
      () => gauges.membership().localHealth,
    )
    this.#read(
      'swim_unverified_members',
      'members told of and not heard of',
      () => gauges.membership().unverified,
    )
    this.#read('swim_rumors', 'membership news that waits to be told', () => gauges.membership().rumors)
    this.#labelled(
      'apply_queue_bytes',
      'changesets that wait for the store',
      'lane',
      () => gauges.broadcast().queuedBytes,
    )
    this.#read(
      'broadcast_delayed_bytes',
      'own changesets that wait, above the budget of broadcast',
      () => gauges.broadcast().delayedBytes,
    )
    this.#read(
      'muted_origins',
      'members whose changes are not broadcast, as an operator said',
      () => gauges.broadcast().muted,
    )
    this.#read(
      'schema_tables_skewed',
      'tables that are not the same at all connected members',
      () => gauges.skew().tables.length,
    )
    this.#read(
      'schema_peers_other',
      'connected members whose tables are not those of this one',
      () => gauges.skew().other,
    )
    this.#read(
      'oldest_view_seconds',
      'age of the oldest view of a live member; NaN where one was never complete',
      gauges.oldestViewSeconds,
    )
    this.#read('versions_missing', 'versions known of and not held', () => gauges.versions().missing)
    this.#read(
      'sync_unobtainable_versions',
      'missing versions that no living member has had for a day',
      () => gauges.versions().unobtainable,
    )
    this.#read(
      'sync_lost_versions',
      'versions that operators have given up and that have not turned up',
      () => gauges.versions().lost,
    )
    this.#read('ready', '1 when joined, caught up and running', () => (gauges.ready() ? 1 : 0))
    this.#readStore(gauges.store)
  }

  /** One question to the store for all its gauges of one exposition; the last figures stay where it does not answer. */
  #readStore(read: Gauges['store']): void {
    let asked: ReturnType<Gauges['store']> | undefined
    const ask = (): ReturnType<Gauges['store']> => {
      asked ??= read().finally(() => {
        asked = undefined
      })
      return asked
    }
    for (const { field, name, help } of STORE_GAUGES) {
      const gauge: Gauge = new Gauge({
        name: `patina_${name}`,
        help,
        registers: [this.#registry],
        collect: async () => {
          const stats = await ask()
          if (stats !== undefined) gauge.set(stats[field])
        },
      })
    }
  }

  #read(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `patina_${name}`,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    })
  }

  #labelled(name: string, help: string, label: string, read: () => ReadonlyMap<string, number>): void {
    const gauge = new Gauge({
      name: `patina_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        gauge.reset()
        for (const [value, number] of read()) gauge.set({ [label]: value }, number)
      },
    })
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name: `patina_${name}_total`, help, labelNames, registers: [this.#registry] })
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name: `patina_${name}`, help, labelNames, registers: [this.#registry] })
  }
}
