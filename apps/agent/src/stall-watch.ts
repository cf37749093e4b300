/**
 * StallWatch: asks a process again and again whether it still comes round, and says once when it does not: it gives no answer
 * at all (stopped, or stuck in the kernel), or its loop stands although nothing runs that has a deadline of its own. Ends
 * nothing itself. Silence is counted in asks and not in time: whoever was stopped together with the other has not asked.
 */
import type { Pulse, Watch } from '@patina/sqlite'

export interface StallLimits {
  /** The loop may stand so long, but for calls. */
  readonly loopMs: number
  /** Upkeep that nobody has asked for may take so long. */
  readonly upkeepMs: number
}

export interface Stall {
  readonly why: string
  /** The last answer; undefined where there is none. */
  readonly pulse: Pulse | undefined
}

/** A stalled process is found after five seconds, and is running again before ten have passed. */
export const LOOP_STANDS_MS = 5_000
const ASK_EVERY_MS = 1_000
/** Asks in a row without an answer, each with its second. */
const SILENT_MAX = 4
/** Before its first answer a process may be starting. Whoever has started it has a deadline for that, too. */
const SILENT_AT_START_MAX = 60

export class StallWatch {
  readonly #watch: Pick<Watch, 'pulse'>
  readonly #limits: StallLimits
  readonly #onStall: (stall: Stall) => void
  #timer: NodeJS.Timeout | undefined
  #silent = 0
  #silentMax = SILENT_AT_START_MAX
  #isOver = false

  constructor(watch: Pick<Watch, 'pulse'>, limits: StallLimits, onStall: (stall: Stall) => void) {
    this.#watch = watch
    this.#limits = limits
    this.#onStall = onStall
    this.#askIn(ASK_EVERY_MS)
  }

  stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #askIn(ms: number): void {
    this.#timer = setTimeout(() => void this.#ask(), ms)
    this.#timer.unref()
  }

  async #ask(): Promise<void> {
    const pulse = await this.#watch.pulse(ASK_EVERY_MS)
    if (this.#isOver) return
    const why = pulse === undefined ? this.#silence() : stallOf(pulse, this.#limits)
    if (pulse !== undefined) [this.#silent, this.#silentMax] = [0, SILENT_MAX]
    if (why === undefined) {
      // Silence has taken its second already.
      this.#askIn(pulse === undefined ? 0 : ASK_EVERY_MS)
      return
    }
    this.stop()
    this.#onStall({ why, pulse })
  }

  #silence(): string | undefined {
    this.#silent += 1
    return this.#silent < this.#silentMax ? undefined : `it gave no answer ${this.#silent} times`
  }
}

/** What is wrong with a process that answers. A call has a deadline, and who made it watches that. */
export function stallOf(pulse: Pulse, { loopMs, upkeepMs }: StallLimits): string | undefined {
  if (pulse.running === 'nothing' && pulse.loopLagMs > loopMs)
    return `its loop has not come round for ${pulse.loopLagMs} ms`
  if (pulse.running === 'upkeep' && pulse.forMs > upkeepMs) return `upkeep takes ${pulse.forMs} ms`
  return undefined
}
