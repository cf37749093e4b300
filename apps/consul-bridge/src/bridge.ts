/**
 * Bridge: keeps Patina's tables saying what the host's Consul agent says. One turn reads Consul, compares with what is
 * stored, and writes the difference in one transaction, or nothing. Failures change nothing: neither what is stored nor
 * what is believed of it. Deletions need more than an answer without the row: a token that still reads the agent, and
 * the guard. Turns do not overlap; a turn that failed is followed by a pause that grows and is never the same on two hosts.
 */
import { elapsed, err, type Instant, type Millis, ok, type Prng, type Result } from '@patina/base'
import { ApiError, type Client, ConnectionError, ProtocolError } from '@patina/client'
import { Guard, type Measures } from '@patina/templating/guard'
import type { ConsulClient, ConsulFailure, Reading } from './consul-client.ts'
import { applyDiff, type Diff, diffStates, isEmpty, type StoredState, withoutDeletions } from './diff.ts'
import { checkTables, deleteAll, readStored, writeDiff } from './patina-tables.ts'

export interface BridgeOptions {
  readonly consul: Pick<ConsulClient, 'readAgent' | 'nodeName'>
  readonly patina: Client
  /** Absent: the name that Consul's agent has. */
  readonly node?: string | undefined
  readonly pollMs: Millis
  readonly fullCompareMs: Millis
  readonly guard: { readonly maxShrink: number; readonly holdMs: Millis }
  readonly now: () => Instant
  /** Unix ms. */
  readonly wallMs: () => number
  readonly prng: Prng
}

export type Turn =
  | { readonly kind: 'same' }
  /** `version`: null where the tables said so already. */
  | {
      readonly kind: 'written'
      readonly diff: Diff
      readonly version: number | null
      readonly held: Held | undefined
    }
  | { readonly kind: 'held'; readonly held: Held }
  | {
      readonly kind: 'failed'
      readonly of: 'consul' | 'patina'
      readonly trouble: string
      readonly message: string
    }

/** Deletions that wait. `filtered`: Consul says that its token hides rows, which ends with the token alone. */
export interface Held {
  readonly deletions: number
  readonly why: 'guard' | 'filtered'
}

export const BACKOFF_MS_MAX = 30_000
/** A table with fewer rows may lose all but one at once: with few rows each is a large share. */
export const GUARDED_ROWS_MIN = 6

export class Bridge {
  readonly #options: BridgeOptions
  #node: string | undefined
  #tablesChecked = false
  /** What the tables say of this node; undefined where that is not known. */
  #stored: StoredState | undefined
  #comparedAt: Instant | undefined
  #guard: Guard | undefined
  /** At the last look. */
  #isHolding = false
  #failures = 0

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#node = options.node
  }

  get node(): string | undefined {
    return this.#node
  }

  get stored(): StoredState | undefined {
    return this.#stored
  }

  /** Never throws for what Consul or the agent does; StartRefusal where the tables are not there. */
  async turn(signal?: AbortSignal): Promise<Turn> {
    const turn = await this.#attempt(signal)
    this.#failures = turn.kind === 'failed' ? this.#failures + 1 : 0
    // Nobody knows whether a write without an answer was done.
    if (turn.kind === 'failed' && turn.of === 'patina') this.#stored = undefined
    return turn
  }

  /** Until the next turn. */
  pauseMs(): number {
    const { pollMs, prng } = this.#options
    if (this.#failures === 0) return pollMs
    const grown = Math.min(BACKOFF_MS_MAX, pollMs * 2 ** Math.min(this.#failures, 16))
    return grown / 2 + prng.below(Math.ceil(grown / 2))
  }

  /** Deletes all rows that are the bridge's. Throws the client's errors. */
  async deregister(signal?: AbortSignal): Promise<void> {
    if (this.#node !== undefined) await deleteAll(this.#options.patina, this.#node, signal)
    this.#stored = undefined
  }

  async #attempt(signal: AbortSignal | undefined): Promise<Turn> {
    const { consul } = this.#options
    if (this.#node === undefined) {
      const name = await consul.nodeName(signal)
      if (!name.ok) return failedConsul(name.error)
      this.#node = name.value
    }
    const reading = await consul.readAgent(signal)
    if (!reading.ok) return failedConsul(reading.error)
    try {
      const stored = await this.#knownRows(this.#node, signal)
      return await this.#publish(this.#node, reading.value, stored, signal)
    } catch (cause) {
      return failedPatina(cause)
    }
  }

  /** From memory, or from the table where that is due. */
  async #knownRows(node: string, signal: AbortSignal | undefined): Promise<StoredState> {
    const { patina, now, fullCompareMs } = this.#options
    const isDue = this.#comparedAt === undefined || elapsed(this.#comparedAt, now()) >= fullCompareMs
    if (this.#stored !== undefined && !isDue) return this.#stored
    if (!this.#tablesChecked) await checkTables(patina, signal)
    this.#tablesChecked = true
    this.#stored = await readStored(patina, node, signal)
    this.#comparedAt = now()
    // From the first time on the guard remembers more than the tables tell.
    this.#guard ??= this.#makeGuard(this.#stored)
    return this.#stored
  }

  async #publish(
    node: string,
    reading: Reading,
    stored: StoredState,
    signal: AbortSignal | undefined,
  ): Promise<Turn> {
    const { patina, wallMs, now } = this.#options
    const diff = diffStates(reading, stored)
    const deletions = diff.services.gone.length + diff.checks.gone.length
    const measures = measuresOf(reading, stored, this.#isHolding)
    const judged = await this.#judge(deletions, reading, measures, signal)
    if (!judged.ok) return judged.error
    const held = judged.value
    const write = held === undefined ? diff : withoutDeletions(diff)
    if (!isEmpty(write)) {
      const version = await writeDiff(patina, node, write, wallMs(), signal)
      this.#stored = applyDiff(stored, write)
      if (held === undefined) this.#guard?.accept(measures, now())
      return { kind: 'written', diff: write, version, held }
    }
    if (held !== undefined) return { kind: 'held', held }
    this.#guard?.accept(measures, now())
    return { kind: 'same' }
  }

  /** Whether deletions must wait; a failed turn where Consul does not say any more who it is. */
  async #judge(
    deletions: number,
    reading: Reading,
    measures: Measures,
    signal: AbortSignal | undefined,
  ): Promise<Result<Held | undefined, Turn>> {
    const verdict = this.#guard?.judge(measures, this.#options.now())
    this.#isHolding = verdict?.kind === 'held'
    if (deletions === 0) return ok(undefined)
    if (reading.filtered) return ok({ deletions, why: 'filtered' })
    const self = await this.#options.consul.nodeName(signal)
    if (!self.ok) return err(failedConsul(self.error))
    return ok(verdict?.kind === 'held' ? { deletions, why: 'guard' } : undefined)
  }

  #makeGuard(stored: StoredState): Guard {
    const { maxShrink, holdMs } = this.#options.guard
    // Compared is with what is stored: a window would only keep what has been let through.
    const known = [
      ['services', stored.services.size],
      ['checks', stored.checks.size],
    ] as const
    return new Guard({ maxShrink, holdMs, windowMs: holdMs }, new Map(known))
  }
}

/**
 * While something is held, whatever is still less than before is held: a Consul that starts anew is filled one service after
 * the other, and half of them are no reason to delete the rest.
 */
function measuresOf(reading: Reading, stored: StoredState, isHolding: boolean): Measures {
  const maxShrinkOf = (before: number): number | undefined => {
    if (isHolding) return 0
    return before < GUARDED_ROWS_MIN ? 1 : undefined
  }
  return new Map(
    (['services', 'checks'] as const).map((table) => [
      table,
      { size: reading[table].size, maxShrink: maxShrinkOf(stored[table].size) },
    ]),
  )
}

function failedConsul({ kind, message }: ConsulFailure): Turn {
  return { kind: 'failed', of: 'consul', trouble: kind, message }
}

function failedPatina(cause: unknown): Turn {
  if (cause instanceof ApiError)
    return { kind: 'failed', of: 'patina', trouble: 'refused', message: cause.message }
  if (cause instanceof ConnectionError || cause instanceof ProtocolError)
    return { kind: 'failed', of: 'patina', trouble: 'unreachable', message: cause.message }
  throw cause
}
