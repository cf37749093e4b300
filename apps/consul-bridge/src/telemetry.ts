/** What the bridge tells of itself: metrics (docs/consul-migration.md lists them), status, log lines of its turns. */
import { RareLog } from '@patina/program'
import { ProgramMetrics } from '@patina/program/metrics'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
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
  readonly #metrics = new ProgramMetrics('patina_consul')
  readonly #log: TelemetryOptions['log']
  readonly #rare: RareLog
  readonly #up = this.#metrics.gauge('up', '1 while the last turn reached it: consul, patina', ['of'])
  readonly #failures = this.#metrics.counter('failures', 'turns that failed, by whose side and why', [
    'of',
    'trouble',
  ])
  readonly #turns = this.#metrics.counter('turns', 'looks at Consul')
  readonly #transactions = this.#metrics.counter('transactions', 'transactions sent to the agent')
  readonly #rows = this.#metrics.counter('rows_written', 'rows written or deleted', ['table', 'change'])
  readonly #held = this.#metrics.gauge('held_deletions', 'deletions that wait, by why: guard, filtered', [
    'why',
  ])
  readonly #lastGood = this.#metrics.gauge('last_success_timestamp_seconds', 'when the last turn ended well')
  readonly #seconds = this.#metrics.histogram('turn_seconds', 'a turn: Consul read, compared, written')
  #health: Health = 'starting'
  #message = ''

  constructor({ log, version, stored, expiries, clock }: TelemetryOptions) {
    this.#log = log
    this.#rare = new RareLog(log, clock)
    this.#metrics.gauge('build_info', 'the running version', ['version']).set({ version }, 1)
    this.#metrics.gauge('rows', 'rows of this node in the table', ['table'], (self) => {
      for (const [table, { size }] of Object.entries(stored() ?? {})) self.set({ table }, size)
    })
    this.#metrics.gauge(
      'certificate_expiry_seconds',
      'when certificates end, Unix time: own, ca, consul',
      ['of'],
      (self) => {
        for (const [of, ms] of expiries()) self.set({ of }, ms / 1_000)
      },
    )
  }

  get registry(): Registry {
    return this.#metrics.registry
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
