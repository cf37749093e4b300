/**
 * ToldTags: how tags travel. Short ones are metadata, which gossip brings to everybody; long ones are the member's details,
 * up to 64 KiB of JSON that who wants them asks it for. Which is which follows from the value alone, so that no tag moves
 * because another one came.
 */
import { err, ok, type Result } from '@patina/base'
import { DETAILS_BYTES_MAX } from '@patina/swim'

export type Tags = { readonly [key: string]: string }

/** Characters of a value that goes by gossip. */
export const GOSSIPED_CHARS_MAX = 256

export interface ToldTags {
  readonly gossiped: Tags
  /** Undefined where all are gossiped. */
  readonly details: Uint8Array | undefined
}

export function tellTags(tags: Tags): ToldTags {
  const entries = Object.entries(tags)
  const gossiped = entries.filter(([, value]) => value.length <= GOSSIPED_CHARS_MAX)
  const long = entries.filter(([, value]) => value.length > GOSSIPED_CHARS_MAX)
  const details =
    long.length === 0
      ? undefined
      : new TextEncoder().encode(JSON.stringify({ tags: Object.fromEntries(long) }))
  return { gossiped: Object.fromEntries(gossiped), details }
}

/** Why these cannot be told; undefined where they can. */
export function faultOfDetails(details: Uint8Array | undefined): string | undefined {
  const bytes = details?.length ?? 0
  if (bytes <= DETAILS_BYTES_MAX) return undefined
  return `tags of more than ${GOSSIPED_CHARS_MAX} characters take ${bytes} bytes together, and a member has ${DETAILS_BYTES_MAX} for them`
}

/** The long tags that a member tells. Fields of newer agents are left alone. */
export function readDetails(details: Uint8Array): Result<Tags, string> {
  try {
    const told: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(details))
    const tags = (told as { readonly tags?: unknown } | null)?.tags
    if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return err('it has no tags')
    const entries = Object.entries(tags)
    if (entries.some(([, value]) => typeof value !== 'string')) return err('a tag is no text')
    return ok(Object.fromEntries(entries as [string, string][]))
  } catch (cause) {
    return err((cause as Error).message)
  }
}
