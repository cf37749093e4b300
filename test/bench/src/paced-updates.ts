/**
 * PacedUpdates: one-row updates at a fixed rate, whether or not earlier ones are answered, and the time from the moment
 * when each was sent until a subscription shows it. An update that a later one of the same row has overtaken in one event is
 * shown by that event.
 */
import { setTimeout as wait } from 'node:timers/promises'

export interface PacedOptions {
  readonly perSecond: number
  readonly seconds: number
  /** Updates of the first so many seconds are not counted. */
  readonly warmUpSeconds: number
  /** A row is named by its index; `moment` rises by 1 with each update. */
  readonly pick: () => number
  readonly update: (row: number, moment: number) => Promise<unknown>
  /** How long the last events are waited for. */
  readonly deadlineMs: number
}

export interface PacedOutcome {
  /** From sent to shown, of each counted update. */
  readonly shownMs: readonly number[]
  /** From sent to answered. */
  readonly answeredMs: readonly number[]
  readonly refused: number
  /** Counted updates that were answered and never shown. */
  readonly lost: number
}

interface Sent {
  readonly moment: number
  readonly at: number
  readonly isCounted: boolean
}

const TICK_MS = 2

export class PacedUpdates {
  readonly #waiting = new Map<number, Sent[]>()
  readonly #shownMs: number[] = []

  /** A subscription shows that row as of that moment. */
  shown(row: number, moment: number): void {
    const now = performance.now()
    const sent = this.#waiting.get(row) ?? []
    const later = sent.filter((update) => update.moment > moment)
    for (const { at, isCounted, moment: own } of sent)
      if (own <= moment && isCounted) this.#shownMs.push(now - at)
    if (later.length > 0) this.#waiting.set(row, later)
    else this.#waiting.delete(row)
  }

  async run(options: PacedOptions): Promise<PacedOutcome> {
    const { perSecond, seconds, warmUpSeconds, pick, update, deadlineMs } = options
    const answeredMs: number[] = []
    let refused = 0
    const underWay = new Set<Promise<void>>()
    const total = perSecond * (seconds + warmUpSeconds)
    const start = performance.now()
    for (let moment = 1; moment <= total; moment += 1) {
      const due = start + (moment * 1_000) / perSecond
      while (performance.now() < due) await wait(TICK_MS)
      const [row, at] = [pick(), performance.now()]
      const isCounted = moment > perSecond * warmUpSeconds
      const sent: Sent = { moment, at, isCounted }
      this.#waiting.set(row, [...(this.#waiting.get(row) ?? []), sent])
      const answered = update(row, moment).then(
        () => void (isCounted && answeredMs.push(performance.now() - at)),
        () => {
          refused += 1
          this.#forget(row, sent)
        },
      )
      underWay.add(answered)
      void answered.then(() => underWay.delete(answered))
    }
    await Promise.all(underWay)
    const deadline = performance.now() + deadlineMs
    while (this.#waiting.size > 0 && performance.now() < deadline) await wait(TICK_MS)
    const lost = [...this.#waiting.values()].flat().filter(({ isCounted }) => isCounted).length
    return { shownMs: this.#shownMs, answeredMs, refused, lost }
  }

  #forget(row: number, sent: Sent): void {
    const rest = (this.#waiting.get(row) ?? []).filter((update) => update !== sent)
    if (rest.length > 0) this.#waiting.set(row, rest)
    else this.#waiting.delete(row)
  }
}
