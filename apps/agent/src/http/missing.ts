/** Routes about what this agent misses: which versions of whom, and giving up for good what nobody has any more. */
import { type ActorId, isVersion, type Range, RangeSet, type Version } from '@patina/base'
import type { Context } from 'hono'
import type { GivingUp } from '../giving-up.ts'
import type { BodyReader } from './body.ts'
import { overloaded, refuseRequest } from './problem.ts'

export interface MissingServices {
  readonly givingUp: Pick<GivingUp, 'missing' | 'giveUp'>
}

/** Ranges that one request may name. */
const RANGES_MAX = 4_096
const ACTOR_PATTERN = /^[0-9a-f]{32}$/

/** GET /v1/sync/missing. */
export function handleMissing(c: Context, { givingUp }: MissingServices): Response {
  return c.json({
    actors: givingUp.missing().map(({ actor, head, versions, heldByOthers, unobtainable, lost }) => ({
      actor,
      head,
      missing: pairs(versions),
      held_by_others: pairs(heldByOthers),
      unobtainable: pairs(unobtainable),
      lost: pairs(lost),
    })),
  })
}

/** POST /v1/sync/give-up: `actor`, and perhaps `versions` as pairs of first and last. */
export async function handleGiveUp(
  c: Context,
  { givingUp }: MissingServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const request = readGiveUp(body.value.value)
  if (request === undefined)
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error: `the body is {"actor": "32 hex digits", "versions": [[first, last], …]}; versions may be absent, ${RANGES_MAX} ranges at most`,
    })
  const outcome = await givingUp.giveUp(request.actor, request.versions)
  if (outcome.kind === 'done') return c.json({ actor: request.actor, lost: pairs(outcome.versions) })
  if (outcome.kind === 'failed')
    return refuseRequest(c, overloaded(`${outcome.message}; it may yet be recorded, and may be said again`))
  return refuseRequest(c, { status: 409, code: outcome.code, error: outcome.message })
}

interface GiveUpRequest {
  readonly actor: ActorId
  readonly versions: readonly Range<Version>[] | undefined
}

/** undefined: the body says something else. */
function readGiveUp(body: unknown): GiveUpRequest | undefined {
  const { actor, versions, ...rest } = (body ?? {}) as {
    readonly actor?: unknown
    readonly versions?: unknown
  }
  if (typeof actor !== 'string' || !ACTOR_PATTERN.test(actor) || Object.keys(rest).length > 0)
    return undefined
  if (versions === undefined) return { actor: actor as ActorId, versions }
  if (!Array.isArray(versions) || versions.length > RANGES_MAX || !versions.every(isPair)) return undefined
  const ranges = RangeSet.of(versions.map(([first, last]) => ({ first, last })))
  return { actor: actor as ActorId, versions: [...ranges] }
}

function isPair(value: unknown): value is [Version, Version] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [first, last] = value
  return isVersion(first) && isVersion(last) && first <= last
}

function pairs(ranges: readonly Range<Version>[]): [Version, Version][] {
  return ranges.map(({ first, last }) => [first, last])
}
