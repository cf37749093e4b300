/**
 * Knowledge: which versions of which actors somebody holds durably, and what is needed to fill the rest. The words
 * that the store, `sync` and the ports between them share. Durable truth is the store's; everybody else has a copy.
 */
import type { ActorId } from './actor.ts'
import type { Hlc } from './hlc.ts'
import type { Range, RangeSet } from './range-set.ts'
import type { Seq, Version } from './version.ts'

/** A version of which some row changes have arrived and wait for the rest. */
export interface PartialVersion {
  readonly version: Version
  readonly seqs: readonly Range<Seq>[]
  readonly lastSeq: Seq
}

/** What is held of one actor. Plain data, so that it crosses process borders as it is. */
export interface ActorKnowledge {
  readonly actor: ActorId
  /** Held: applied, or known cleared with its winners. Sorted, disjoint, non-adjacent. */
  readonly have: readonly Range<Version>[]
  readonly partials: readonly PartialVersion[]
  /** Highest version known of, held or not; 0 = none. */
  readonly head: Version | 0
  /** Timestamp of the head, 0 where it is not known. */
  readonly headTs: Hlc
  /** Given up by an operator, and not held: nobody misses them. Sorted, disjoint, non-adjacent. Absent: none. */
  readonly lost?: readonly Range<Version>[]
}

/** What a node remembers of forks, across its restarts: docs/adr/0038. */
export interface RememberedForks {
  /** Actors that have forked, as far as it has heard. */
  readonly forks: readonly ActorId[]
  /** Members that have answered for what is held as cleared, since the last of the forks was heard of. */
  readonly answered: readonly ActorId[]
}

/** One thing to ask a peer for: whole versions of an actor, or the missing seqs of one. */
export type Need =
  | { readonly kind: 'versions'; readonly actor: ActorId; readonly versions: readonly Range<Version>[] }
  | {
      readonly kind: 'seqs'
      readonly actor: ActorId
      readonly version: Version
      readonly seqs: readonly Range<Seq>[]
    }

/** Ranges of versions per actor: a basis, or cleared versions. */
export type VersionsByActor = ReadonlyMap<ActorId, RangeSet<Version>>

/** The same as plain data for messages and ports. */
export interface ActorVersions {
  readonly actor: ActorId
  readonly versions: readonly Range<Version>[]
}

/** What a store answers to needs: entries as they lie in its log, and cleared versions that rest on `basis`. */
export interface ServedBatch {
  readonly changesets: readonly Uint8Array[]
  readonly cleared: readonly ActorVersions[]
  /** The server's `have` when it read the answer; empty where nothing is cleared. */
  readonly basis: readonly ActorVersions[]
  /** Part of the needs that did not fit into the budget. */
  readonly rest: readonly Need[]
}

/** What became of one changeset that was handed to a store. */
export type ApplyOutcome =
  | { readonly kind: 'applied' }
  /** Known by its header; nothing was read or written. */
  | { readonly kind: 'duplicate' }
  /** A chunk of a version whose other chunks are not here yet; stored, applied when complete. */
  | { readonly kind: 'buffered' }
  /** Checksum right, payload not understood: kept, held and served on, reported. */
  | { readonly kind: 'quarantined'; readonly reason: string }
  /** Not a changeset, or damaged: nothing was recorded, so that the good copy still gets in. */
  | { readonly kind: 'dropped'; readonly reason: string }

export interface ApplyReport {
  /** One for each changeset, in order of input. */
  readonly outcomes: readonly ApplyOutcome[]
  /** The whole knowledge of each actor of whom something changed; replaces what the reader of this report knew. */
  readonly knowledge: readonly ActorKnowledge[]
}

/** A local request that changed something, durable under the store's rules: what may now leave the host. */
export interface LocalCommit {
  readonly version: Version
  readonly ts: Hlc
  /** All chunks of the version, in seq order. */
  readonly changesets: readonly Uint8Array[]
  /** What decides how soon it is sent: some row of it was deleted · the tables of its rows, folded. Where known. */
  readonly deletes?: boolean
  readonly tables?: readonly string[]
}

/** What a peer shows of a version of our own actor, compared with what was written here (docs/adr/0020). */
export type OwnCheck =
  /** The same one: all up to it are confirmed. */
  | 'same'
  /** Another one under the same number: a fork. */
  | 'other'
  /** It was never written here: an old disk, or somebody else writes as this actor. */
  | 'beyond'
  /** It left the log so long ago that nobody knows. */
  | 'unknown'
