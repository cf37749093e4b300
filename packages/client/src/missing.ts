/** What an agent misses: versions known of and not held, and those that operators have given up, as its API tells them. */
import { ProtocolError } from './error.ts'

/** First and last, both included. */
export type VersionRange = readonly [number, number]

/** Of one writer. */
export interface MissingVersions {
  readonly actor: string
  /** The highest version known of. */
  readonly head: number
  readonly missing: readonly VersionRange[]
  /** Of these, what a connected member holds: it will come. */
  readonly held_by_others: readonly VersionRange[]
  /** Of these, what no living member has had for a day. */
  readonly unobtainable: readonly VersionRange[]
  /** Given up, and not turned up since. */
  readonly lost: readonly VersionRange[]
}

export interface GivenUp {
  readonly actor: string
  /** Newly given up by this call. */
  readonly lost: readonly VersionRange[]
}

const RANGES = ['missing', 'held_by_others', 'unobtainable', 'lost'] as const

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readMissing(answer: unknown): readonly MissingVersions[] {
  const { actors } = (answer ?? {}) as { readonly actors?: readonly MissingVersions[] }
  if (Array.isArray(actors) && actors.every(isMissing)) return actors
  throw new ProtocolError('the answer does not tell which versions are missing')
}

/** As above. */
export function readGivenUp(answer: unknown): GivenUp {
  const { actor, lost } = (answer ?? {}) as Partial<GivenUp>
  if (typeof actor === 'string' && areRanges(lost)) return answer as GivenUp
  throw new ProtocolError('the answer does not tell which versions are given up')
}

function isMissing(value: unknown): boolean {
  const entry = (value ?? {}) as Partial<MissingVersions>
  const isOfActor = typeof entry.actor === 'string' && typeof entry.head === 'number'
  return isOfActor && RANGES.every((name) => areRanges(entry[name]))
}

function areRanges(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isSafeInteger))
  )
}
