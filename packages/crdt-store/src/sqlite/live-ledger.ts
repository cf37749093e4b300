/**
 * LiveLedger: the cells and lives that versions lose in a transaction, summed up per loser, so that each loser's
 * counter is written once. Written at the end, when the log rows of the transaction's own versions are there too.
 */
import type { Hlc, Version } from '@patina/base'
import type { ActorOrdinal, Stamp } from '../core/row-clock.ts'
import type { ChangesetLog } from './log.ts'

export interface ClearedVersion extends Stamp {
  readonly ts: Hlc
}

export class LiveLedger {
  readonly #losses = new Map<ActorOrdinal, Map<Version, number>>()

  lose(stamps: readonly Stamp[]): void {
    for (const { actor, version } of stamps) this.#add(actor, version, 1)
  }

  /** Takes over the losses of a request that stands. */
  addAll(other: LiveLedger): void {
    for (const [actor, versions] of other.#losses)
      for (const [version, count] of versions) this.#add(actor, version, count)
  }

  /** Lowers the counters; returns the versions that are cleared now, and when each was written. */
  writeTo(log: ChangesetLog): ClearedVersion[] {
    const cleared: ClearedVersion[] = []
    for (const [actor, versions] of this.#losses)
      for (const [version, count] of versions) {
        const ts = log.lowerLive({ actor, version }, count)
        if (ts !== undefined) cleared.push({ actor, version, ts })
      }
    return cleared
  }

  #add(actor: ActorOrdinal, version: Version, count: number): void {
    let versions = this.#losses.get(actor)
    if (versions === undefined) {
      versions = new Map()
      this.#losses.set(actor, versions)
    }
    versions.set(version, (versions.get(version) ?? 0) + count)
  }
}
