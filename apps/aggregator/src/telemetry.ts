/** What the aggregator tells of itself: metrics (docs/tiers.md lists them), status, and log lines of what happens. */
import { RareLog } from '@patina/program'
import { ProgramMetrics } from '@patina/program/metrics'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { Publisher, PublisherEvent } from './publisher.ts'

/** `failing`: a roll-up is not followed, or the members are out of sight · `held`: the guard holds a roll-up. */
export type Health = 'starting' | 'well' | 'held' | 'failing'

export interface TelemetryOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly version: string
  readonly publishers: readonly Publisher[]
  readonly lease: Pick<LeaseKeeper, 'role' | 'members' | 'isRegionReady'>
  readonly feeds: { readonly size: number }
  /** Connections to peers. */
  readonly sessions: { readonly size: number }
  /** When they end, in milliseconds since 1970, by whose they are. */
  readonly certificates: () => ReadonlyMap<string, number>
  /** Monotonic milliseconds. */
  readonly clock: () => number
}

const ROLES = ['writes', 'waits', 'yields'] as const

export class Telemetry {
  readonly #metrics = new ProgramMetrics('patina_aggregator')
  readonly #options: TelemetryOptions
  readonly #rare: RareLog
  readonly #rows = this.#metrics.counter('rows_written', 'rows sent to the global table', [
    'rollup',
    'change',
  ])
  readonly #transactions = this.#metrics.counter('transactions', 'transactions sent to the global agent', [
    'rollup',
    'effect',
  ])
  readonly #compares = this.#metrics.counter('full_compares', 'looks at all rows of this region', ['rollup'])
  readonly #explained = this.#metrics.counter(
    'explained',
    'shrinkages that were not held, because hosts had gone',
    ['rollup'],
  )
  readonly #failures = this.#metrics.counter(
    'failures',
    'by what failed: regional, global, rollup, members, tag',
    ['of'],
  )
  readonly #seconds = this.#metrics.histogram('write_seconds', 'a transaction at the global agent')

  constructor(options: TelemetryOptions) {
    this.#options = options
    this.#rare = new RareLog(options.log, options.clock)
    const build = this.#metrics.gauge('build_info', 'the running version', ['version'])
    build.set({ version: options.version }, 1)
    this.#addGauges()
  }

  get registry(): Registry {
    return this.#metrics.registry
  }

  get health(): Health {
    const { publishers, lease } = this.#options
    if (publishers.some(({ rollup }) => rollup.hold.kind === 'held')) return 'held'
    if (publishers.some(({ trouble }) => trouble !== undefined)) return 'failing'
    if (publishers.some(({ rollup }) => !rollup.isFit) || lease.members.length === 0) return 'starting'
    return lease.isRegionReady ? 'well' : 'failing'
  }

  note(rollup: string, event: PublisherEvent): void {
    const { log } = this.#options
    if (event.kind === 'wrote') {
      const { written, gone } = event.batch.diff
      this.#rows.inc({ rollup, change: 'written' }, written.size)
      this.#rows.inc({ rollup, change: 'deleted' }, gone.size)
      this.#transactions.inc({ rollup, effect: event.changed ? 'changed' : 'same' })
      this.#seconds.observe(event.ms / 1_000)
      log.debug({ rollup, written: written.size, deleted: gone.size }, 'published')
    } else if (event.kind === 'compared') this.#compares.inc({ rollup })
    else if (event.kind === 'failed') this.noteFailure(event.of, event.cause, rollup)
    else if (event.kind === 'explained') {
      this.#explained.inc({ rollup })
      log.info({ rollup, hosts: event.lost }, 'not held: it shrinks with hosts that have gone')
    } else if (event.kind === 'hold') {
      if (event.hold.kind === 'held')
        log.warn({ rollup, shrunk: event.hold.shrunk }, 'held: it would shrink too much')
      else log.info({ rollup }, 'held no longer')
    }
  }

  noteFailure(of: string, cause: unknown, rollup = ''): void {
    this.#failures.inc({ of })
    const message = (cause as Error).message
    this.#rare.tell('warn', `${of} ${rollup}`, { of, ...(rollup === '' ? {} : { rollup }) }, message)
  }

  noteRole(role: string): void {
    this.#options.log.info({ role }, 'role')
  }

  #addGauges(): void {
    const { publishers, lease, feeds, sessions, certificates } = this.#options
    const each = (name: string, help: string, value: (publisher: Publisher) => number): void => {
      this.#metrics.gauge(name, help, ['rollup'], (self) => {
        for (const publisher of publishers) self.set({ rollup: publisher.rollup.spec.into }, value(publisher))
      })
    }
    each('rows', 'rows that the query of the roll-up has', ({ rollup }) => rollup.rows)
    each('held', '1 while the guard holds it', ({ rollup }) => (rollup.hold.kind === 'held' ? 1 : 0))
    each('followed', '1 while its live result is complete', ({ rollup }) => (rollup.isComplete ? 1 : 0))
    each('unfit_rows', 'rows without a key, or whose key another row has', ({ rollup }) => rollup.unfitRows)
    this.#metrics.gauge('role', 'writes, waits for its turn, or yields', ['role'], (self) => {
      for (const role of ROLES) self.set({ role }, role === lease.role() ? 1 : 0)
    })
    this.#metrics.gauge('region_ready', '1 while the regional agent is joined and caught up', [], (self) =>
      self.set(lease.isRegionReady ? 1 : 0),
    )
    this.#metrics.gauge('certificate_expiry_seconds', 'when certificates end, Unix time', ['of'], (self) => {
      for (const [of, ms] of certificates()) self.set({ of }, ms / 1_000)
    })
    this.#metrics.gauge('peer_connections', 'connections to aggregators of other regions', [], (self) =>
      self.set(sessions.size),
    )
    this.#metrics.gauge('feeds', 'apps whose instances are kept current', [], (self) => self.set(feeds.size))
  }
}
