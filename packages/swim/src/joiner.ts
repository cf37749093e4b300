/**
 * Joiner: finds the cluster, and finds it again. It asks the seeds until an active member has their address, at first by
 * datagram, then also by stream; while nobody is known, also where an earlier process met members. From the first three
 * who answer it takes their whole view. It never gives up: a seed may be restarted long after us.
 */
import type { Instant, PeerAddress, Prng } from '@patina/base'
import type { Deadlines } from './deadlines.ts'
import type { MemberRecord } from './member.ts'
import type { Members } from './members.ts'
import type { Outbox } from './outbox.ts'
import type { PushPull } from './push-pull.ts'
import type { Seeds } from './seeds.ts'
import type { Timer } from './timer.ts'

/** Views of those who answered first; one may be as new as we are. */
const VIEWS = 3
/** Remembered addresses: kept, and tried in one attempt. */
const REMEMBERED_MAX = 256
const REMEMBERED_PER_ATTEMPT = 3
/** From this attempt on by stream, too: somebody may drop datagrams. */
const STREAM_ATTEMPT = 2

export interface JoinerParts {
  readonly members: Members
  readonly outbox: Outbox
  readonly deadlines: Deadlines<Timer>
  readonly prng: Prng
  readonly seeds: Seeds
  readonly pushPull: PushPull
}

export class Joiner {
  readonly #parts: JoinerParts
  #remembered: readonly PeerAddress[] = []
  #views = 0
  /** The chain of attempts that counts. */
  #chain = 0
  #attempts = 0

  constructor(parts: JoinerParts) {
    this.#parts = parts
  }

  join(seeds: readonly PeerAddress[], remembered: readonly PeerAddress[], now: Instant): void {
    this.#parts.seeds.add(seeds)
    const own = this.#parts.outbox.self().address
    const all = new Set([...this.#remembered, ...remembered].filter((address) => address !== own))
    this.#remembered = [...all].slice(0, REMEMBERED_MAX)
    this.#views = VIEWS
    this.#chain += 1
    this.#attempts = 0
    this.attempt(this.#chain, now)
  }

  /** One look for whoever is missing. `chain`: of a newer join, older attempts are stale. */
  attempt(chain: number, now: Instant): void {
    if (chain !== this.#chain) return
    const { seeds, members, outbox, deadlines, prng } = this.#parts
    const missing = seeds.missing(members)
    const isAlone = members.active().length === 0
    const met = isAlone ? prng.sample(this.#remembered, REMEMBERED_PER_ATTEMPT) : []
    this.#attempts = missing.length + met.length > 0 ? this.#attempts + 1 : 0
    for (const address of new Set([...missing, ...met])) {
      outbox.announceTo(address, 'datagram')
      if (this.#attempts >= STREAM_ATTEMPT) outbox.announceTo(address, 'stream')
    }
    const pause = seeds.nextPauseMs(missing.length + met.length > 0, prng)
    deadlines.set((now + pause) as Instant, { kind: 'rejoin', attempt: this.#chain })
  }

  hasFoundSeeds(): boolean {
    return this.#parts.seeds.missing(this.#parts.members).length === 0
  }

  /** Somebody answered an announce. */
  answered(sender: MemberRecord): void {
    if (this.#views === 0) return
    this.#views -= 1
    this.#parts.pushPull.begin(sender)
  }
}
