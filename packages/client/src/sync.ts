/** What `/v1/sync/knowledge` and `/v1/sync/compare` answer: what an agent holds of each actor, and what it and a member lack of each other. */
import { ProtocolError } from './error.ts'

/** First and last version, or row change. */
export type Span = readonly [first: number, last: number]

export interface KnownActor {
  readonly actor: string
  /** The highest version known of; 0 where there is none. */
  readonly head: number
  /** When that was committed, by its origin's clock; null where only its number is known. */
  readonly head_ms: number | null
  /** How old the agent's view of it is; null where nothing proves it, as for one that is gone. */
  readonly age_ms: number | null
  readonly held: number
  readonly missing: number
  /** Nothing up to the head is missing. */
  readonly complete: boolean
  /** Missing versions below the head: how many ranges, and the newest of them; all where one actor was asked for. */
  readonly gap_count: number
  readonly gaps: readonly Span[]
  /** Versions that are given up and not held: how many, and their ranges as above. */
  readonly lost: number
  readonly lost_range_count: number
  readonly lost_ranges: readonly Span[]
  /** Versions of which some row changes wait for the rest; as above. */
  readonly partial_count: number
  readonly partials: readonly {
    readonly version: number
    readonly seqs: readonly Span[]
    readonly last_seq: number
  }[]
}

export interface SyncKnowledge {
  /** The agent's own. */
  readonly actor: string
  readonly actors: readonly KnownActor[]
  /** Connected members; settled: nothing has changed at the agent since it was found to have nothing for it. */
  readonly peers: readonly {
    readonly actor: string
    readonly settled: boolean
    readonly compared_ms_ago: number
  }[]
}

/** Versions of one actor that somebody lacks, wholly or in part. */
export interface LackedVersions {
  readonly actor: string
  readonly versions: number
  readonly ranges: readonly Span[]
}

export interface SyncComparison {
  readonly peer: string
  readonly equal: boolean
  /** The agent lacks them, and the peer has them. */
  readonly lacks: readonly LackedVersions[]
  /** The other way round. */
  readonly peer_lacks: readonly LackedVersions[]
  /** The agent knows them to be given up; the peer neither has them nor has heard of it. */
  readonly lost: readonly LackedVersions[]
  /** The other way round. */
  readonly peer_lost: readonly LackedVersions[]
}

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readSyncKnowledge(answer: unknown): SyncKnowledge {
  const knowledge = (answer ?? {}) as SyncKnowledge
  const { actor, actors, peers } = knowledge
  const isAnswer =
    typeof actor === 'string' &&
    Array.isArray(actors) &&
    actors.every(isKnownActor) &&
    Array.isArray(peers) &&
    peers.every((peer) => typeof peer?.actor === 'string' && typeof peer.settled === 'boolean')
  if (!isAnswer) throw new ProtocolError('the answer does not tell what is known')
  return knowledge
}

/** As above. */
export function readSyncComparison(answer: unknown): SyncComparison {
  const comparison = (answer ?? {}) as SyncComparison
  const { peer, equal, lacks, peer_lacks: peerLacks, lost, peer_lost: peerLost } = comparison
  const isAnswer =
    typeof peer === 'string' &&
    typeof equal === 'boolean' &&
    [lacks, peerLacks, lost, peerLost].every(isLacked)
  if (!isAnswer) throw new ProtocolError('the answer does not tell a comparison')
  return comparison
}

function isKnownActor(value: unknown): boolean {
  const known = (value ?? {}) as Partial<KnownActor>
  const { actor, head, held, missing, lost, complete, gaps, lost_ranges: lostRanges, partials } = known
  return (
    typeof actor === 'string' &&
    [head, held, missing, lost].every((count) => typeof count === 'number') &&
    typeof complete === 'boolean' &&
    isSpans(gaps) &&
    isSpans(lostRanges) &&
    Array.isArray(partials) &&
    partials.every((partial) => typeof partial?.version === 'number' && isSpans(partial.seqs))
  )
}

function isLacked(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (entry: Partial<LackedVersions> | null) =>
        typeof entry?.actor === 'string' && typeof entry.versions === 'number' && isSpans(entry.ranges),
    )
  )
}

function isSpans(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (span) => Array.isArray(span) && span.length === 2 && span.every((end) => typeof end === 'number'),
    )
  )
}
