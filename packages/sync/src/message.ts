/** What two nodes say to each other about changesets. Owns the words; codec.ts owns the bytes, proto/sync.proto the wire. */
import type { ActorId, ActorKnowledge, ActorVersions, Hlc, Need, Prng, Version } from '@patina/base'
import type { Scope } from './buckets.ts'
import type { MuteRule } from './mutes.ts'

export type SyncMessage =
  | {
      readonly kind: 'changes'
      readonly mode: BroadcastMode
      /** To be applied before other fresh changesets. */
      readonly urgent?: boolean
      readonly changesets: readonly Uint8Array[]
    }
  | {
      readonly kind: 'digest'
      readonly exchange: ExchangeId
      readonly salt: Uint8Array
      readonly root: Uint8Array
      /** It may be answered by buckets. */
      readonly understandsBuckets: boolean
    }
  /** The answer to a digest where a summary would be longer. */
  | { readonly kind: 'buckets'; readonly exchange: ExchangeId; readonly hashes: Uint8Array }
  | { readonly kind: 'equal'; readonly exchange: ExchangeId }
  | SummaryMessage
  | {
      readonly kind: 'request'
      readonly request: RequestId
      readonly needs: readonly Need[]
      readonly budgetBytes: number
      readonly credits: number
    }
  | BatchMessage
  | MutesMessage
  /** My highest version, 0 where I have none. `sent` numbers these messages from 1; `answers` is the last number of yours, or 0. */
  | {
      readonly kind: 'pulse'
      readonly version: Version | 0
      readonly sent: number
      readonly answers: number
    }
  /** Tell me when you hold these versions of mine durably. Sorted, distinct. */
  | { readonly kind: 'await'; readonly versions: readonly Version[] }
  /** I hold these versions of yours durably. */
  | { readonly kind: 'held'; readonly versions: readonly Version[] }
  | { readonly kind: 'credit'; readonly request: RequestId; readonly batches: number }
  /** Not now: exactly one of the ids is not 0. */
  | {
      readonly kind: 'refusal'
      readonly exchange: ExchangeId
      readonly request: RequestId
      readonly retryMs: number
    }
  | {
      readonly kind: 'heads'
      readonly heads: readonly Head[]
      readonly forks: readonly ForkNews[]
      /** The sender is no old disk itself, as far as anybody can tell: own-head.ts. */
      readonly isSettled: boolean
    }

export interface SummaryMessage {
  readonly kind: 'summary'
  readonly exchange: ExchangeId
  readonly answerWanted: boolean
  readonly actors: readonly ActorKnowledge[]
  /** The buckets of which it tells, where not of all. */
  readonly scope?: Scope | undefined
  /** It tells nothing, and only wants to be told: a comparison for people. With a scope. */
  readonly onlyAsks?: boolean
}

/** How far an actor is known to be. Never without its time, for numbers alone do not tell two halves of a fork apart. */
export interface Head {
  readonly actor: ActorId
  readonly version: Version
  readonly ts: Hlc
}

/** An actor of which two contents stand, or stood, under one number. */
export interface ForkNews {
  readonly actor: ActorId
  /** Who says so has abandoned it, and writes anew what it wrote. */
  readonly isRepairedHere: boolean
}

/** Rules about whose changes are not broadcast; the last writer of each wins. */
export interface MutesMessage {
  readonly kind: 'mutes'
  readonly rules: readonly MuteRule[]
}

export interface BatchMessage {
  readonly kind: 'batch'
  readonly request: RequestId
  readonly changesets: readonly Uint8Array[]
  readonly cleared: readonly ActorVersions[]
  /** The server's `have` when it read the answer; there where something is cleared. */
  readonly basis: readonly ActorVersions[]
  readonly done: boolean
  /** In the last batch: needs that stay unanswered. */
  readonly rest: readonly Need[]
}

/** How a changeset spreads. Receivers obey the frame, because sender and receiver may count members differently. */
export type BroadcastMode = 'direct' | 'tree' | 'epidemic' | 'unknown'

/** Numbers of who asked, 1…2^32−1; an answer bears the number of its question. */
export type ExchangeId = number
export type RequestId = number

export const SALT_BYTES = 8

export function drawSalt(prng: Prng): Uint8Array {
  return Uint8Array.from({ length: SALT_BYTES }, () => prng.below(256))
}

export const ROOT_BYTES = 16
