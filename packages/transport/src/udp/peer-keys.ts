/**
 * PeerKeys: with which key each peer was heard last, so that a rotation may reach the hosts in any order. Whoever still
 * seals with another key of ours than the first is answered with that one, because it may not have ours yet. Now and then the
 * first key is tried again: two that only answer each other would stay with the old key for ever. Pure.
 */
import type { PeerAddress } from '@patina/base'

/** After this, one packet and those until the peer's next go out under the first key. */
const RETRY_MS = 30_000
/** Peers remembered; the least recently heard goes first, and is met with the first key. */
const PEERS_MAX = 16_384

export class PeerKeys {
  readonly #keys = new Map<PeerAddress, { readonly keyId: number; readonly since: number }>()
  #first: number

  constructor(first: number) {
    this.#first = first
  }

  /** Another first key: what peers used until now says nothing about it. */
  rotated(first: number): void {
    this.#first = first
    this.#keys.clear()
  }

  /** An authentic packet came. Only exceptions are kept. */
  heard(from: PeerAddress, keyId: number, nowMs: number): void {
    const known = this.#keys.get(from)
    if (keyId === this.#first) {
      if (known !== undefined) this.#keys.delete(from)
      return
    }
    if (known?.keyId === keyId) return
    this.#keys.set(from, { keyId, since: nowMs })
    if (this.#keys.size <= PEERS_MAX) return
    const oldest = this.#keys.keys().next()
    if (!oldest.done) this.#keys.delete(oldest.value)
  }

  /** The key for the next packet to this peer. */
  keyFor(to: PeerAddress, nowMs: number): number {
    const known = this.#keys.get(to)
    if (known === undefined) return this.#first
    if (nowMs - known.since < RETRY_MS) return known.keyId
    this.#keys.delete(to)
    return this.#first
  }
}
