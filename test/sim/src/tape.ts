/**
 * Tape: what some nodes sent for a while, to be sent again later: old news from somebody who slept, or from an attacker
 * who got past the replay window of the seal. Bounded; it keeps the first packets.
 */
import type { FleetEvent } from './fleet-event.ts'

interface Recorded {
  readonly from: number
  readonly to: number
  readonly event: FleetEvent
}

const RECORDED_MAX = 20_000

export class Tape {
  readonly #recorded: Recorded[] = []
  readonly #until = new Map<number, number>()

  /** Records what these nodes send, up to this time. */
  record(nodes: Iterable<number>, untilMs: number): void {
    for (const node of nodes) this.#until.set(node, untilMs)
  }

  sent(recorded: Recorded, nowMs: number): void {
    if ((this.#until.get(recorded.from) ?? 0) > nowMs && this.#recorded.length < RECORDED_MAX)
      this.#recorded.push(recorded)
  }

  of(nodes: ReadonlySet<number>): readonly Recorded[] {
    return this.#recorded.filter(({ from }) => nodes.has(from))
  }
}
