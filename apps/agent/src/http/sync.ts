/**
 * Routes about replication for who looks after a cluster: what this node knows of each actor, what it and a peer lack of each
 * other, and an exchange at once. The first two move nothing.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  type Millis,
  type Range,
  RangeSet,
  type Version,
} from '@patina/base'
import type { ActorLag, ComparedPeer, Comparison } from '@patina/sync'
import type { Context } from 'hono'
import type { BodyReader } from './body.ts'
import { overloaded, type Problem, refuseRequest } from './problem.ts'

export interface SyncServices {
  readonly self: ActorId
  readonly knowledge: () => readonly ActorKnowledge[]
  /** How far each actor is known to be. */
  readonly lag: () => readonly ActorLag[]
  readonly peers: () => readonly ComparedPeer[]
  readonly compare: (peer: ActorId) => Promise<Comparison>
  /** Begins an exchange with one peer, or with all. */
  readonly reconcile: (peer: ActorId | undefined) => void
}

/** Gaps told of an actor, and ranges given up, the newest; with `?actor` so many more. */
const GAPS_TOLD_MAX = 16
const GAPS_TOLD_OF_ONE_MAX = 65_536
/** Incomplete versions told of an actor; as above. */
const PARTIALS_TOLD_MAX = 16
const ACTOR_PATTERN = /^[0-9a-f]{32}$/
const MICROS_PER_MS = 1_000

/** GET /v1/sync/knowledge: all actors, or the one of `?actor`. */
export function handleKnowledge(c: Context, services: SyncServices): Response {
  const wanted = c.req.query('actor')
  if (wanted !== undefined && !ACTOR_PATTERN.test(wanted)) return refuseRequest(c, NO_ACTOR)
  const { self, knowledge, lag, peers } = services
  const lagByActor = new Map(lag().map((entry) => [entry.actor, entry]))
  const actors = knowledge()
    .filter(({ actor }) => wanted === undefined || actor === wanted)
    .map((entry) => knowledgeJson(entry, lagByActor.get(entry.actor), wanted !== undefined))
  if (wanted !== undefined && actors.length === 0)
    return refuseRequest(c, { status: 404, code: 'no-actor', error: 'nothing is known of this actor' })
  return c.json({
    actor: self,
    actors,
    peers: peers().map(({ actor, settled, comparedMsAgo }) => ({
      actor,
      settled,
      compared_ms_ago: Math.round(comparedMsAgo),
    })),
  })
}

/** GET /v1/sync/compare?peer=ACTOR. */
export async function handleCompare(c: Context, { compare }: SyncServices): Promise<Response> {
  const peer = c.req.query('peer') ?? ''
  if (!ACTOR_PATTERN.test(peer)) return refuseRequest(c, NO_ACTOR)
  const comparison = await compare(peer as ActorId)
  switch (comparison.kind) {
    case 'equal':
      return c.json({ peer, equal: true, lacks: [], peer_lacks: [], lost: [], peer_lost: [] })
    case 'differs':
      return c.json({
        peer,
        equal: false,
        lacks: versionsJson(comparison.lacks),
        peer_lacks: versionsJson(comparison.peerLacks),
        lost: versionsJson(comparison.lost),
        peer_lost: versionsJson(comparison.peerLost),
      })
    default:
      return refuseRequest(c, problemOf(comparison))
  }
}

/** POST /v1/sync/reconcile, with the body `{}` or `{"peer": "…"}`. The answer does not wait for its end. */
export async function handleReconcile(
  c: Context,
  { peers, reconcile }: SyncServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const { peer } = (body.value.value ?? {}) as { readonly peer?: unknown }
  if (peer !== undefined && (typeof peer !== 'string' || !ACTOR_PATTERN.test(peer)))
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error: 'the body is {} or {"peer": "32 hex digits"}',
    })
  const asked = peers().filter(({ actor }) => peer === undefined || actor === peer)
  if (peer !== undefined && asked.length === 0) return refuseRequest(c, NO_SESSION)
  reconcile(peer as ActorId | undefined)
  return c.json({ peers: asked.length })
}

const NO_ACTOR: Problem = {
  status: 400,
  code: 'invalid-actor',
  error: 'a member is named by its actor: 32 hex digits',
}
const NO_SESSION: Problem = {
  status: 404,
  code: 'no-session',
  error: 'there is no connection with this member',
}

function problemOf(comparison: Exclude<Comparison, { readonly kind: 'equal' | 'differs' }>): Problem {
  switch (comparison.kind) {
    case 'no-session':
      return NO_SESSION
    case 'too-many':
      return overloaded('so many comparisons are under way here; try again in a second')
    case 'refused':
      return {
        status: 503,
        code: 'peer-busy',
        error: `the member wants to be asked again in ${comparison.retryMs} ms`,
        retryAfterSecs: Math.max(1, Math.ceil(comparison.retryMs / 1_000)),
      }
    case 'silent':
      return { status: 504, code: 'peer-silent', error: 'the member has not answered' }
  }
}

function versionsJson(byActor: readonly ActorVersions[]): object[] {
  return byActor.map(({ actor, versions }) => ({
    actor,
    versions: countOf(versions),
    ranges: pairs(versions),
  }))
}

function knowledgeJson(
  { actor, have, lost = [], partials, head, headTs }: ActorKnowledge,
  lag: ActorLag | undefined,
  isOnly: boolean,
): object {
  const known = Math.max(head, lag?.version ?? 0, have.at(-1)?.last ?? 0) as Version | 0
  const held = RangeSet.of(have)
  const gaps = known === 0 ? [] : [...held.missingIn(1 as Version, known).subtract(RangeSet.of(lost))]
  const missing = countOf(gaps)
  const rangesMax = isOnly ? GAPS_TOLD_OF_ONE_MAX : GAPS_TOLD_MAX
  return {
    actor,
    head: known,
    head_ms: head === known && headTs !== 0 ? Math.floor(headTs / MICROS_PER_MS) : null,
    age_ms: ageOf(lag?.ageMs),
    held: held.count(),
    missing,
    complete: missing === 0,
    gap_count: gaps.length,
    gaps: pairs(gaps.slice(-rangesMax)),
    lost: countOf(lost),
    lost_range_count: lost.length,
    lost_ranges: pairs(lost.slice(-rangesMax)),
    partial_count: partials.length,
    partials: partials.slice(isOnly ? 0 : -PARTIALS_TOLD_MAX).map(({ version, seqs, lastSeq }) => ({
      version,
      seqs: pairs(seqs),
      last_seq: lastSeq,
    })),
  }
}

function ageOf(ageMs: Millis | undefined): number | null {
  return ageMs === undefined || !Number.isFinite(ageMs) ? null : Math.round(ageMs)
}

function pairs(ranges: readonly Range[]): [number, number][] {
  return ranges.map(({ first, last }) => [first, last])
}

function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}
