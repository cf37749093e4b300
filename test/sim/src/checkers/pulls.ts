/**
 * Pulls: what members tell beyond gossip reaches who asks for it. It makes the details, so that it knows what the answer
 * must be, asks for them, and counts the answers that are right, and how long they took.
 */
import type { DetailsOutcome } from '@patina/swim'
import { Distribution } from '../distribution.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'

interface Asked {
  readonly of: Host
  readonly atMs: number
}

export class PullChecker {
  readonly #fleet: Fleet
  readonly #details = new Map<Host, Uint8Array>()
  readonly #asked = new Map<number, Asked>()
  readonly #foundMs: number[] = []
  readonly #wrong: string[] = []
  #lastToken = 0

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    fleet.watch({ pulled: (_, token, outcome) => this.#judge(token, outcome) })
  }

  /** The host tells so many bytes that nobody has told before. */
  describe(host: Host, bytes: number): void {
    const { prng } = this.#fleet.world
    const details = Uint8Array.from({ length: bytes }, () => prng.below(256))
    this.#details.set(host, details)
    const { metadata } = this.#fleet.viewOfNextStart(host)
    this.#fleet.feed(host, { kind: 'set-metadata', metadata, details })
  }

  ask(host: Host, of: Host): void {
    this.#lastToken += 1
    this.#asked.set(this.#lastToken, { of, atMs: this.#fleet.world.now })
    this.#fleet.feed(host, { kind: 'pull-details', actor: of.actor, token: this.#lastToken })
  }

  /** `pulls_wrong`: those that brought something else than what was told last, and those that brought nothing. */
  figures(): [string, number][] {
    if (this.#lastToken === 0) return []
    const found = new Distribution(this.#foundMs)
    return [
      ['pulls', this.#lastToken],
      ['pulls_wrong', this.#wrong.length + this.#asked.size],
      ['pulls.p50_ms', found.percentile(50)],
      ['pulls.p99_ms', found.percentile(99)],
      ['pulls.max_ms', found.max()],
    ]
  }

  #judge(token: number, outcome: DetailsOutcome): void {
    const asked = this.#asked.get(token)
    if (asked === undefined) return
    this.#asked.delete(token)
    const told = this.#details.get(asked.of)
    const isRight =
      outcome.kind === 'found' && told !== undefined && Buffer.compare(outcome.details, told) === 0
    if (isRight) this.#foundMs.push(this.#fleet.world.now - asked.atMs)
    else this.#wrong.push(outcome.kind)
  }
}
