/**
 * Routes for who looks after a cluster: why a member is what it is in this agent's eyes, leaving, asking the seeds again,
 * and whose changes are not broadcast. Data and its API go on.
 */
import { type ActorId, err, ok, type Result } from '@patina/base'
import type { Explanation } from '@patina/swim'
import type { Context } from 'hono'
import type { BodyReader } from './body.ts'
import { memberJson } from './members.ts'
import { type Problem, refuseRequest } from './problem.ts'

export interface ClusterServices {
  readonly explain: (actor: ActorId) => Explanation | undefined
  readonly now: () => number
  /** False where it has left already. */
  readonly leave: () => boolean
  readonly rejoin: () => boolean
  /** False where too many are muted already. */
  readonly mute: (origin: ActorId, muted: boolean) => boolean
}

const ACTOR_PATTERN = /^[0-9a-f]{32}$/
const INVALID_ACTOR: Problem = {
  status: 400,
  code: 'invalid-actor',
  error: 'a member is named by its actor: 32 hex digits',
}
export const NO_MEMBER: Problem = {
  status: 404,
  code: 'no-member',
  error: 'this agent knows of no such member',
}

/** GET /v1/members/:actor. */
export function handleExplain(c: Context, { explain, now }: ClusterServices): Response {
  const actor = readActor(c)
  if (!actor.ok) return refuseRequest(c, actor.error)
  const explanation = explain(actor.value)
  if (explanation === undefined)
    return refuseRequest(c, { ...NO_MEMBER, error: 'this agent knows of no such member besides itself' })
  return c.json(explanationJson(explanation, now()))
}

/** The member that a path names. */
export function readActor(c: Context): Result<ActorId, Problem> {
  const actor = c.req.param('actor') ?? ''
  return ACTOR_PATTERN.test(actor) ? ok(actor as ActorId) : err(INVALID_ACTOR)
}

/** POST /v1/cluster/leave and /v1/cluster/rejoin, with the body `{}`. */
export async function handleCluster(
  c: Context,
  act: () => boolean,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  if (act()) return c.json({})
  return refuseRequest(c, {
    status: 409,
    code: 'left',
    error: 'this agent has left its cluster; restart it to join again',
  })
}

/** POST /v1/cluster/mute and /v1/cluster/unmute, with the body `{"actor": "…"}`. It need not be a member any more. */
export async function handleMute(
  c: Context,
  mute: (origin: ActorId) => boolean,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const { actor } = (body.value.value ?? {}) as { readonly actor?: unknown }
  if (typeof actor !== 'string' || !ACTOR_PATTERN.test(actor))
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error: 'the body is {"actor": "32 hex digits"}',
    })
  if (mute(actor as ActorId)) return c.json({})
  return refuseRequest(c, {
    status: 409,
    code: 'too-many-mutes',
    error: 'too many members are muted already; unmute one first',
  })
}

/** Times are told as how long ago and how long until: instants of this process mean nothing elsewhere. */
export function explanationJson(explanation: Explanation, nowMs: number): object {
  const { member, because, heardAt, heardBy, lastProbe, accusers, verdictAt, toldBy, ring } = explanation
  return {
    member: memberJson(member, false),
    because,
    heard_ms_ago: heardAt === undefined ? null : Math.round(nowMs - heardAt),
    heard_by: heardBy ?? null,
    last_probe:
      lastProbe === undefined ? null : { how: lastProbe.how, ms_ago: Math.round(nowMs - lastProbe.at) },
    accusers,
    confirmations_wanted: explanation.confirmationsWanted ?? null,
    verdict_in_ms: verdictAt === undefined ? null : Math.round(verdictAt - nowMs),
    ack_timeout_ms: Math.round(explanation.ackTimeoutMs),
    lowest_rtt_ms: explanation.lowestRttMs ?? null,
    estimated_rtt_ms: explanation.estimatedRttMs ?? null,
    ring: ring ?? null,
    udp_blocked: explanation.isUdpBlocked,
    revivals: explanation.revivals,
    protocol_max: explanation.protocolMax,
    told_by: toldBy ?? null,
  }
}
