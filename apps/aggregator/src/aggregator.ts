/**
 * Aggregator: the parts of one region's aggregator as they act on each other: publishers tell whether they are fit, the lease
 * tells them when they may write. Also the answers that its HTTP API gives; it knows neither sockets nor configuration files.
 */
import type { Instant } from '@patina/base'
import type { Client } from '@patina/client'
import { type InstanceFeeds, localInstances } from './instance-feeds.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { Instance, Peers } from './peers.ts'
import type { Publisher } from './publisher.ts'
import { type Distances, measuredDistances, orderRoutes, type RegionRoute, type RouteRow } from './route.ts'
import type { Telemetry } from './telemetry.ts'

export interface AggregatorParts {
  readonly region: string
  readonly name: string
  readonly version: string
  readonly global: Pick<Client, 'query'>
  readonly publishers: readonly Publisher[]
  readonly lease: LeaseKeeper
  readonly telemetry: Telemetry
  readonly peers: Pick<Peers, 'distances'>
  readonly feeds: InstanceFeeds
  readonly routeTable: string
  readonly configuredDistances: ReadonlyMap<string, number>
  readonly now: () => Instant
}

/** How long what another region measured is believed. */
const DISTANCES_MS = 30_000
/** Regions whose distances are kept. */
const DISTANCES_MAX = 256
/** Regions of an app. */
const ROUTES_MAX = 1_000

export class Aggregator {
  readonly #parts: AggregatorParts
  readonly #distances = new Map<string, { readonly at: Instant; readonly distances: Distances }>()

  constructor(parts: AggregatorParts) {
    this.#parts = parts
  }

  get telemetry(): Telemetry {
    return this.#parts.telemetry
  }

  get region(): string {
    return this.#parts.region
  }

  async run(signal: AbortSignal): Promise<void> {
    const { lease, publishers, feeds } = this.#parts
    await Promise.all([lease.run(signal), ...publishers.map((publisher) => publisher.run(signal))])
    feeds.close()
  }

  status(): object {
    const { region, name, version, lease, telemetry, publishers, now } = this.#parts
    return {
      health: telemetry.health,
      version,
      region,
      name,
      role: lease.role(),
      region_ready: lease.isRegionReady,
      aggregators: lease.aggregators,
      rollups: publishers.map((publisher) => statusOf(publisher, now())),
    }
  }

  /** What is held is let through. Undefined: there is no such roll-up. */
  release(rollup: string): boolean | undefined {
    return this.#parts.publishers.find((publisher) => publisher.rollup.spec.into === rollup)?.release()
  }

  /** Distances from this region. */
  distances(): Distances {
    return measuredDistances(this.#parts.lease.members, this.#parts.region)
  }

  /** The live regions of an app, the nearest to `from` first. Throws the client's errors. */
  async route(app: string, from: string): Promise<readonly RegionRoute[]> {
    const { global, routeTable, configuredDistances } = this.#parts
    const sql = `SELECT * FROM "${routeTable}" WHERE app = ?`
    const [rows, distances] = await Promise.all([
      global.query<RouteRow>(sql, [app], { as: 'objects' }).all(ROUTES_MAX),
      this.#distancesFrom(from),
    ])
    return orderRoutes(rows, from, distances, configuredDistances)
  }

  /** The instances of an app in a region. Throws PeerFailure, FeedsExhausted and the client's errors. */
  async instances(app: string, region: string): Promise<readonly Instance[]> {
    return await this.#parts.feeds.get(region, app)
  }

  watchInstances(
    app: string,
    region: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Instance[], never> {
    return this.#parts.feeds.watch(region, app, signal)
  }

  /** Its own, or what an aggregator there says; empty where none answers: the configured ones are left. */
  async #distancesFrom(region: string): Promise<Distances> {
    const { peers, now } = this.#parts
    if (region === this.#parts.region) return this.distances()
    const known = this.#distances.get(region)
    if (known !== undefined && now() - known.at < DISTANCES_MS) return known.distances
    const distances = await peers.distances(region).catch(() => new Map())
    this.#distances.delete(region)
    this.#distances.set(region, { at: now(), distances })
    const oldest = this.#distances.keys().next()
    if (this.#distances.size > DISTANCES_MAX && !oldest.done) this.#distances.delete(oldest.value)
    return distances
  }
}

/** Where the instances of an app are told: here, or by the aggregators of that region. */
export function instanceSource(
  own: {
    readonly region: string
    readonly regional: Pick<Client, 'subscribe'>
    readonly query: string | undefined
  },
  peers: Pick<Peers, 'instances'>,
): (region: string, app: string, signal: AbortSignal) => AsyncIterable<readonly Instance[]> {
  return (region, app, signal) => {
    if (region !== own.region) return peers.instances(region, app, signal)
    if (own.query === undefined) throw new InstancesUnknown('instances.query is not configured here')
    return localInstances(own.regional, own.query, app, signal)
  }
}

/** This aggregator is not told how to find instances. */
export class InstancesUnknown extends Error {}

function statusOf({ rollup, trouble }: Publisher, now: Instant): object {
  const { hold } = rollup
  return {
    into: rollup.spec.into,
    rows: rollup.rows,
    unfit_rows: rollup.unfitRows,
    followed: rollup.isComplete,
    trouble: trouble ?? null,
    held:
      hold.kind === 'none'
        ? null
        : {
            shrunk: hold.shrunk,
            since_ms: Math.round(now - hold.since),
            ends_in_ms: Math.round(hold.until - now),
          },
  }
}
