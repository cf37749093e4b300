/**
 * Publisher: performs one roll-up: follows its query at the regional agent, reads what the global table holds of this
 * region, and writes the difference while the lease stands, one transaction at a time. What is stored is read again at the
 * start of a term as writer, once more soon after, in the interval of the full compare, and after any write without an answer.
 * Decides nothing of what to write (rollup.ts) nor of who may (lease.ts).
 */
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import { after, earliest, elapsed, type Instant, type Millis, millis, NEVER, type Prng } from '@patina/base'
import type { Client } from '@patina/client'
import { Alarm } from './alarm.ts'
import type { EvidenceSource } from './evidence.ts'
import { EvidenceSeeker } from './evidence-seeker.ts'
import type { Batch, Hold, Rollup } from './rollup.ts'
import { RollupFault } from './rollup-rows.ts'
import { readStatement } from './rollup-statements.ts'

export interface PublisherOptions {
  readonly rollup: Rollup
  readonly region: string
  readonly regional: Pick<Client, 'subscribe' | 'isReady'>
  readonly global: Pick<Client, 'query' | 'execute'>
  /** Of the roll-up's guard. */
  readonly holdMs: Millis
  /** Do hosts that have gone explain what the guard holds? */
  readonly evidence: Pick<EvidenceSource, 'learn' | 'observe' | 'seek' | 'accept'>
  readonly fullCompareMs: Millis
  /** How long a write may take that begins now; undefined: it must not begin. */
  readonly writeMs: () => Millis | undefined
  readonly now: () => Instant
  readonly prng: Prng
  readonly tell: (event: PublisherEvent) => void
}

export type PublisherEvent =
  | { readonly kind: 'wrote'; readonly batch: Batch; readonly changed: boolean; readonly ms: Millis }
  | { readonly kind: 'compared'; readonly rows: number }
  | { readonly kind: 'hold'; readonly hold: Hold }
  /** So many hosts have gone, and what is lacking with them; it is not held. */
  | { readonly kind: 'explained'; readonly lost: number }
  /** It may have become fit for the lease, or unfit. */
  | { readonly kind: 'fitness' }
  | { readonly kind: 'failed'; readonly of: 'regional' | 'global' | 'rollup'; readonly cause: unknown }

/** Between two looks whether the regional agent is ready. */
const READY_POLL_MS = 250
const READY_MS = 2_000
/** What the last writer sent may still be on its way when a term begins. */
const RECHECK_MS = millis(5_000)
/** While it is held: another aggregator may have been released. */
const HELD_COMPARE_MS = millis(5_000)
const BACKOFF_MS_FIRST = 200
const BACKOFF_MS_MAX = 30_000

export class Publisher {
  readonly rollup: Rollup
  readonly #options: PublisherOptions
  #comparedAt: Instant = NEVER
  #recheckAt: Instant = NEVER
  #wasWriter = false
  #wasFit = false
  #toldHold: Hold['kind'] = 'none'
  readonly #seeker: EvidenceSeeker
  #notBefore: Instant | undefined
  #failures = 0
  readonly #alarm: Alarm
  #trouble: string | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.rollup = options.rollup
    this.#alarm = new Alarm(options.now)
    const { rollup, evidence: source, holdMs, now, tell } = options
    this.#seeker = new EvidenceSeeker({ rollup, source, holdMs, now, tell })
  }

  /** Why it is not followed, for people. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** As it was told last, while evidence is sought: a claim that is given up comes back only after seconds. */
  get isFit(): boolean {
    return this.rollup.isFit || (this.#seeker.isSeeking && this.#wasFit)
  }

  /** Resolves when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follow(signal), this.#publish(signal)])
  }

  /** The lease may have changed. */
  look(): void {
    this.#alarm.ring()
  }

  /** Lets through what the guard holds. False where it holds nothing. */
  release(): boolean {
    const released = this.rollup.release(this.#options.now())
    this.#tellJudgement()
    this.look()
    return released
  }

  /**
   * Each result is asked for by one request, after the agent has said that it is ready: what it holds is then at least as new as
   * what the agent has caught up with. A stream that is taken up again where it broke may be one of an agent that has begun anew.
   */
  async #follow(signal: AbortSignal): Promise<void> {
    const { regional, now, tell } = this.#options
    const { query } = this.rollup.spec
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#untilReady(signal)
        const options = { attemptsMax: 0, integers: 'bigint', blobs: 'bytes', signal } as const
        for await (const event of regional.subscribe([query, []], options).batches()) {
          this.rollup.apply(event, now())
          if (event.kind === 'eoq') {
            failures = 0
            this.#trouble = undefined
          }
          if (event.kind !== 'row') this.#alarm.bringForward(this.rollup.nextAt())
        }
      } catch (cause) {
        if (signal.aborted) return
        this.rollup.lostStream()
        this.#trouble = (cause as Error).message
        this.#tellJudgement()
        tell({ kind: 'failed', of: cause instanceof RollupFault ? 'rollup' : 'regional', cause })
      }
      await pause(this.#backoffMs(failures), signal)
    }
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const { regional } = this.#options
    for (;;) {
      const asks = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)])
      if (await regional.isReady({ signal: asks })) return
      this.#trouble = 'the regional agent is not ready: it has not joined, or has not caught up'
      await sleep(READY_POLL_MS, undefined, { signal })
    }
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const { now } = this.#options
    while (!signal.aborted) {
      if (this.#notBefore === undefined || now() >= this.#notBefore) await this.#turn(signal)
      await this.#alarm.wait(this.#nextAt(), signal)
    }
  }

  /** Without a result there is nothing to do, though its time may have come: its end will ring. */
  #nextAt(): Instant {
    if (this.#notBefore !== undefined) return this.#notBefore
    if (!this.rollup.isComplete) return NEVER
    return earliest(earliest(this.rollup.nextAt(), this.#compareAt()), this.#seeker.nextAt())
  }

  /** One look at everything. A failure is followed by a pause. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { tell } = this.#options
    try {
      // Where the loop was late, lines that belong to the same change may lie unread beside the timer that is due.
      await immediate()
      this.#noteTerm()
      if (this.#isCompareDue()) await this.#compare(signal)
      if (this.rollup.isDue(this.#options.now())) this.rollup.judge(this.#options.now())
      // Before the word that it is held.
      await this.#seeker.seek(signal)
      this.#tellJudgement()
      await this.#write(signal)
      await this.#seeker.observe(signal)
      if (!this.#wasWriter) this.rollup.forgetStored()
      this.#failures = 0
      this.#notBefore = undefined
    } catch (cause) {
      if (signal.aborted) return
      // Nobody knows whether a write without an answer was done.
      this.rollup.forgetStored()
      this.#failures += 1
      this.#notBefore = after(this.#options.now(), millis(this.#backoffMs(this.#failures)))
      tell({ kind: 'failed', of: 'global', cause })
    }
  }

  /** Others write while this one does not: what it knew of the table is old. */
  #noteTerm(): void {
    const isWriter = this.#options.writeMs() !== undefined
    if (isWriter !== this.#wasWriter) {
      this.rollup.forgetStored()
      this.#recheckAt = isWriter ? after(this.#options.now(), RECHECK_MS) : NEVER
    }
    this.#wasWriter = isWriter
  }

  #isCompareDue(): boolean {
    const { rollup } = this
    if (!rollup.isComplete) return false
    // The guard wants to know what it compares with, whoever writes.
    if (!rollup.isFit && rollup.hold.kind === 'none') return true
    if (this.#options.now() >= this.#compareAt()) return true
    return this.#wasWriter && !rollup.isStoredKnown
  }

  #compareAt(): Instant {
    if (this.#comparedAt === NEVER) return NEVER
    const isHeld = this.rollup.hold.kind === 'held'
    const interval = isHeld ? HELD_COMPARE_MS : this.#options.fullCompareMs
    return earliest(this.#recheckAt, after(this.#comparedAt, interval))
  }

  async #compare(signal: AbortSignal): Promise<void> {
    const { global, region, now, tell } = this.#options
    const { rollup } = this
    const columns = rollup.columns ?? []
    const [sql, params] = readStatement(rollup.spec, region, columns)
    const rows = await global.query(sql, params, { integers: 'bigint', blobs: 'bytes', signal }).all()
    // A new result may have begun meanwhile, with other columns.
    if (!rollup.isComplete || rollup.columns !== columns) return
    if (now() >= this.#recheckAt) this.#recheckAt = NEVER
    this.#comparedAt = now()
    rollup.adoptStored(rows, now())
    tell({ kind: 'compared', rows: rows.length })
    rollup.judge(now())
  }

  #tellJudgement(): void {
    const { tell } = this.#options
    const { hold, isFit } = this.rollup
    if (hold.kind !== this.#toldHold) tell({ kind: 'hold', hold })
    this.#toldHold = hold.kind
    const isNews = isFit !== this.#wasFit
    this.#wasFit = isFit
    if (isNews) tell({ kind: 'fitness' })
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { global, now, tell } = this.#options
    for (;;) {
      // Before each: the loop may have stood still since the last.
      const writeMs = this.#options.writeMs()
      const batch = writeMs === undefined ? undefined : this.rollup.nextBatch()
      if (writeMs === undefined || batch === undefined) return
      const began = now()
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(writeMs)])
      const { version } = await global.execute(batch.statements, { signal: deadline })
      this.rollup.wrote(batch)
      tell({ kind: 'wrote', batch, changed: version !== null, ms: elapsed(began, now()) })
    }
  }

  #backoffMs(failures: number): number {
    const grown = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * 2 ** Math.min(failures, 16))
    return grown / 2 + this.#options.prng.below(grown / 2)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
