/**
 * Parcels: what swim wants delivered by a stream where none stands yet. Each waits for the session that is dialled for it,
 * for some seconds: swim asks again in its own time, and what it said then is older than what it would say now.
 * Bounded by addresses and by messages for each; it dials nothing itself.
 */
import type { ActorId, Instant, PeerAddress } from '@patina/base'

const ADDRESSES_MAX = 256
const MESSAGES_MAX = 16
/** As long as a dialled connection may take. */
const PATIENCE_MS = 5_000

interface Parcel {
  readonly actor: ActorId | undefined
  readonly until: Instant
  readonly messages: Uint8Array[]
}

export class Parcels {
  /** By the address that was dialled, oldest first. */
  readonly #byAddress = new Map<PeerAddress, Parcel>()

  /** `first`: a session is to be dialled. `dropped`: too much waits already. */
  put(
    to: PeerAddress,
    actor: ActorId | undefined,
    bytes: Uint8Array,
    now: Instant,
  ): 'first' | 'waiting' | 'dropped' {
    this.#forget(now)
    const known = this.#byAddress.get(to)
    if (known !== undefined) {
      if (known.messages.length >= MESSAGES_MAX) return 'dropped'
      known.messages.push(bytes)
      return 'waiting'
    }
    if (this.#byAddress.size >= ADDRESSES_MAX) return 'dropped'
    const until = (now + PATIENCE_MS) as Instant
    this.#byAddress.set(to, { actor, until, messages: [bytes] })
    return 'first'
  }

  /** A session stands: what waited for this member or for whoever is at this address. */
  opened(actor: ActorId, address: PeerAddress, now: Instant): readonly Uint8Array[] {
    this.#forget(now)
    const ready: Uint8Array[] = []
    for (const [to, parcel] of this.#byAddress) {
      const isForThem = parcel.actor === undefined ? to === address : parcel.actor === actor
      if (!isForThem) continue
      this.#byAddress.delete(to)
      ready.push(...parcel.messages)
    }
    return ready
  }

  #forget(now: Instant): void {
    for (const [address, { until }] of this.#byAddress) {
      if (until > now) return
      this.#byAddress.delete(address)
    }
  }
}
