/**
 * Seeds: the addresses to join by, and when to try them again. A seed is asked until an active member has its address,
 * then again as soon as none has: so a cluster that started in two halves, or lost its seed, finds together.
 * Pauses grow from `rejoinMsMin` to `rejoinMsMax` with jitter, so that a fleet does not ask in step.
 */
import type { PeerAddress, Prng } from '@patina/base'
import type { SwimConfig } from './config.ts'
import type { Members } from './members.ts'

export class Seeds {
  readonly #config: SwimConfig
  readonly #own: PeerAddress
  /** At most `seedsMax`; never our own address. */
  readonly #addresses = new Set<PeerAddress>()
  #pauseMs: number

  constructor(config: SwimConfig, own: PeerAddress) {
    this.#config = config
    this.#own = own
    this.#pauseMs = config.rejoinMsMin
  }

  /** Adds addresses up to the bound and starts again with the shortest pause. */
  add(addresses: readonly PeerAddress[]): void {
    for (const address of addresses)
      if (address !== this.#own && this.#addresses.size < this.#config.seedsMax) this.#addresses.add(address)
    this.#pauseMs = this.#config.rejoinMsMin
  }

  /** Seeds where we know of nobody that is up. */
  missing(members: Members): PeerAddress[] {
    return [...this.#addresses].filter((address) => members.at(address) === undefined)
  }

  /** The pause before the next look, in ms: doubled while somebody is missing, the shortest else. */
  nextPauseMs(someMissing: boolean, prng: Prng): number {
    const pause = someMissing ? this.#pauseMs : this.#config.rejoinMsMin
    this.#pauseMs = someMissing ? Math.min(this.#config.rejoinMsMax, 2 * pause) : this.#config.rejoinMsMin
    return pause + prng.below(Math.ceil(pause / 4))
  }
}
