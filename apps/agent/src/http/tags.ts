/**
 * PUT and DELETE /v1/tags/:key, GET /v1/tags: what programs of this host say about it. A JSON body is asked for, because
 * no page of another origin can send one without being asked first. GET /v1/members/:actor/tags: all tags of a member, those
 * that gossip does not carry among them, for which the member is asked.
 */
import { type ActorId, err, ok, type Result } from '@patina/base'
import type { DetailsOutcome } from '@patina/swim'
import type { Context } from 'hono'
import { LEASE_MS_DEFAULT, type OwnTag, type OwnTags } from '../own-tags.ts'
import { readDetails, type Tags } from '../told-tags.ts'
import type { BodyReader } from './body.ts'
import { NO_MEMBER, readActor } from './cluster.ts'
import { overloaded, type Problem, refuseRequest } from './problem.ts'

export interface TagServices extends Pick<OwnTags, 'set' | 'delete' | 'list'> {
  /** Those that gossip has brought; undefined where nothing is known of the member. */
  readonly gossiped: (of: ActorId) => Tags | undefined
  readonly details: (of: ActorId) => Promise<DetailsOutcome>
}

const INVALID: Problem = {
  status: 422,
  code: 'invalid-body',
  error: 'the body is {"value": "text", "lease_ms": 30000}; lease_ms may be left out',
}

/** The answer tells the lease that counts. */
export async function handleSetTag(
  c: Context,
  tags: TagServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const asked = readTag(c.req.param('key') ?? '', body.value.value)
  if (asked === undefined) return refuseRequest(c, INVALID)
  const set = tags.set(asked)
  if (!set.ok) return refuseRequest(c, { status: 422, code: 'invalid-tag', error: set.error })
  return c.json(tagJson(set.value))
}

export function handleDeleteTag(c: Context, tags: TagServices): Response {
  if (tags.delete(c.req.param('key') ?? '')) return c.body(null, 204)
  return refuseRequest(c, {
    status: 404,
    code: 'no-tag',
    error: 'no program has set this tag, or its lease has ended',
  })
}

export function handleListTags(c: Context, tags: TagServices): Response {
  return c.json({ tags: tags.list().map(tagJson) })
}

/** GET /v1/members/:actor/tags. Waits for the member where it tells more than gossip carries. */
export async function handleMemberTags(c: Context, tags: TagServices): Promise<Response> {
  const actor = readActor(c)
  if (!actor.ok) return refuseRequest(c, actor.error)
  if (tags.gossiped(actor.value) === undefined) return refuseRequest(c, NO_MEMBER)
  const outcome = await tags.details(actor.value)
  const long = longTags(outcome)
  // Gossip may have brought others with the mark of the details, while they were asked for.
  return long.ok
    ? c.json({ actor: actor.value, tags: { ...tags.gossiped(actor.value), ...long.value } })
    : refuseRequest(c, long.error)
}

function longTags(outcome: DetailsOutcome): Result<Tags, Problem> {
  switch (outcome.kind) {
    case 'none':
      return ok({})
    case 'found': {
      const read = readDetails(outcome.details)
      if (read.ok) return read
      const error = `what this member tells beyond gossip cannot be read: ${read.error}`
      return err({ status: 502, code: 'unreadable-tags', error })
    }
    case 'overloaded':
      return err(overloaded('too many ask for tags beyond gossip'))
    case 'unreachable':
      return err({
        status: 504,
        code: 'member-unreachable',
        error: 'this member has tags beyond gossip and did not answer; it may be down, or about to be',
        retryAfterSecs: 1,
      })
  }
}

function tagJson({ key, value, leaseMs }: OwnTag): object {
  return { key, value, lease_ms: Math.round(leaseMs) }
}

function readTag(key: string, body: unknown): OwnTag | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { value, lease_ms: leaseMs = LEASE_MS_DEFAULT, ...rest } = body as Record<string, unknown>
  if (typeof value !== 'string' || Object.keys(rest).length > 0) return undefined
  // A body with a long number brings integers as bigint (json-body.ts).
  const lease = typeof leaseMs === 'bigint' ? Number(leaseMs) : leaseMs
  return typeof lease === 'number' ? { key, value, leaseMs: lease } : undefined
}
