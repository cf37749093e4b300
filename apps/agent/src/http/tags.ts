/**
 * PUT and DELETE /v1/tags/:key, GET /v1/tags: what programs of this host say about it. A JSON body is asked for, because
 * no page of another origin can send one without being asked first.
 */
import type { Context } from 'hono'
import { LEASE_MS_DEFAULT, type OwnTag, type OwnTags } from '../own-tags.ts'
import type { BodyReader } from './body.ts'
import { type Problem, refuseRequest } from './problem.ts'

export type TagServices = Pick<OwnTags, 'set' | 'delete' | 'list'>

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
