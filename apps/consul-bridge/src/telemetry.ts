/** What the bridge tells of itself: metrics (docs/consul-migration.md lists them), status, log lines of its turns. */

import { RareLog } from '@patina/program'
import type { Logger } from 'pino'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Held, Turn } from './bridge.ts'
import type { Expiries } from './consul-client.ts'
import type { StoredState } from './diff.ts'

/** `failing`: the last turn failed · `held`: deletions wait. */
export type Health = 'starting' | 'well' | 'held' | 'failing'

export interface TelemetryOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly version: string
  readonly stored: () => StoredState | undefined
  readonly expiries: () => Expiries
  /** Monotonic milliseconds. */
  readonly clock: () => number
}

export class Telemetry {
  readonly registry: Registry = new Registry()
  readonly #log: TelemetryOptions['log']
  readonly #rare: RareLog
  readonly #up = gauge('up', '1 while the last turn reached it: consul, patina', ['of'])
  readonly #failures = counter('failures', 'turns that failed, by whose side and why', ['of', 'trouble'])
  readonly #turns = counter('turns', 'looks at Consul')
  readonly #transactions = counter('transactions', 'transactions sent to the agent')
  readonly #rows = counter('rows_written', 'rows written or deleted', ['table', 'change'])
  readonly #held = gauge('held_deletions', 'deletions that wait, by why: guard, filtered', ['why'])
  readonly #lastGood = gauge('last_success_timestamp_seconds', 'when the last turn ended well')
  readonly #seconds = histogram('turn_seconds', 'a turn: Consul read, compared, written')
  #health: Health = 'starting'
  #message = ''

  constructor({ log, version, stored, expiries, clock }: TelemetryOptions) {
    this.#log = log
    this.#rare = new RareLog(log, clock)
    const build = gauge('build_info', 'the running version', ['version'])
    build.set({ version }, 1)
    const rows = gauge('rows', 'rows of this node in the table', ['table'], (self) => {
      for (const [table, { size }] of Object.entries(stored() ?? {})) self.set({ table }, size)
    })
    const certificates = gauge(
      'certificate_expiry_seconds',
      'when certificates end, Unix time: own, ca, consul',
      ['of'],
      (self) => {
        for (const [of, ms] of expiries()) self.set({ of }, ms / 1_000)
      },
    )
    const own = [this.#up, this.#failures, this.#turns, this.#transactions, this.#rows, this.#held]
    for (const metric of [...own, this.#lastGood, this.#seconds, build, rows, certificates])
      this.registry.registerMetric(metric)
  }

  get health(): Health {
    return this.#health
  }

  /** For people, where the bridge is not well. */
  get message(): string {
    return this.#message
  }

  note(turn: Turn, node: string | undefined, seconds: number): void {
    this.#turns.inc()
    this.#seconds.observe(seconds)
    if (turn.kind === 'failed') this.#noteFailure(turn)
    else this.#noteSuccess(turn, node)
  }

  #noteSuccess(turn: Exclude<Turn, { readonly kind: 'failed' }>, node: string | undefined): void {
    this.#up.set({ of: 'consul' }, 1)
    this.#up.set({ of: 'patina' }, 1)
    this.#lastGood.setToCurrentTime()
    if (turn.kind === 'written') this.#noteWritten(turn, node)
    this.#noteHeld(turn.kind === 'same' ? undefined : turn.held)
  }

  #noteFailure({ of, trouble, message }: Turn & { readonly kind: 'failed' }): void {
    this.#failures.inc({ of, trouble })
    this.#up.set({ of }, 0)
    this.#health = 'failing'
    this.#message = `${of}: ${message}`
    this.#rare.tell('warn', `${of} ${trouble}`, { of, trouble }, `nothing is imported: ${message}`)
  }

  #noteWritten({ diff, version }: Turn & { readonly kind: 'written' }, node: string | undefined): void {
    this.#transactions.inc()
    for (const [table, { written, gone }] of Object.entries(diff)) {
      this.#rows.inc({ table, change: 'written' }, written.length)
      this.#rows.inc({ table, change: 'deleted' }, gone.length)
    }
    const { services, checks } = diff
    const deleted = services.gone.length + checks.gone.length
    this.#log.info(
      { node, services: services.written.length, checks: checks.written.length, deleted, version },
      'imported',
    )
  }

  #noteHeld(held: Held | undefined): void {
    this.#held.reset()
    this.#health = held === undefined ? 'well' : 'held'
    this.#message = held === undefined ? '' : `${held.deletions} deletions are held (${held.why})`
    if (held === undefined) return
    this.#held.set({ why: held.why }, held.deletions)
    this.#rare.tell('warn', 'held', held, 'Consul lacks rows whose deletion is held')
  }
}

type Labels = readonly string[]

function gauge(name: string, help: string, labels: Labels = [], collect?: (self: Gauge) => void): Gauge {
  return new Gauge({
    name: `patina_consul_${name}`,
    help,
    labelNames: [...labels],
    registers: [],
    ...(collect === undefined
      ? {}
      : {
          collect(this: Gauge) {
            collect(this)
          },
        }),
  })
}

function counter(name: string, help: string, labels: Labels = []): Counter {
  return new Counter({ name: `patina_consul_${name}_total`, help, labelNames: [...labels], registers: [] })
}

function histogram(name: string, help: string): Histogram {
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
  return new Histogram({ name: `patina_consul_${name}`, help, buckets, registers: [] })
}
