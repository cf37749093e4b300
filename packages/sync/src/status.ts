/** Figures of replication at one node, for people and metrics; a value, made when asked for. */
import type { ActorId, Version } from '@patina/base'
import type { Urgency } from './intake.ts'

export interface SyncStatus {
  readonly sessions: number
  /** Versions known of and neither held nor given up. */
  readonly missing: number
  /** Of these, versions that nobody has any more, as far as this node knows. */
  readonly unobtainable: number
  /** Versions that operators have given up and that have not turned up. */
  readonly lost: number
  /** Changesets queued for the store or being applied. */
  readonly inFlight: number
  /** Bytes that wait for the store, by how soon they go. */
  readonly queuedBytes: Readonly<Record<Urgency, number>>
  /** Bytes of own changesets that wait because the origin, or the process, is above its budget. */
  readonly delayedBytes: number
  /** Origins whose changes are not broadcast. */
  readonly muted: readonly ActorId[]
  readonly asking: number
  readonly serving: number
  /** The highest own version that a peer has told of; above our own head the file is older than what peers saw of us. */
  readonly ownHeadTold: Version | 0
  /** The file's own head is confirmed, or there is nothing to confirm: local writes may begin. */
  readonly mayWrite: boolean
  /** Actors of which two contents stand, or stood, under one number. */
  readonly forks: number
  /** Since its start this node has heard all whom it could reach, and got what was missing; stays so, whatever comes later (catch-up.ts). */
  readonly caughtUp: boolean
}
