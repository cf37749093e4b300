/** What an agent tells of one member, and of the tags that programs set. Checked as far as a program relies on it. */
import { ProtocolError } from './error.ts'
import { type Member, readMember } from './member.ts'

/** `GET /v1/members/:actor`: why an agent believes of a member what it believes. Fields of newer agents are kept. */
export interface MemberExplanation {
  readonly member: Member
  readonly because: string
  readonly heard_ms_ago: number | null
  readonly heard_by: string | null
  readonly last_probe: { readonly how: string; readonly ms_ago: number } | null
  /** Actors that found it silent. */
  readonly accusers: readonly string[]
  readonly confirmations_wanted: number | null
  readonly verdict_in_ms: number | null
  readonly ack_timeout_ms: number
  readonly lowest_rtt_ms: number | null
  readonly estimated_rtt_ms: number | null
  readonly ring: number | null
  readonly udp_blocked: boolean
  readonly revivals: number
  readonly protocol_max: number
  readonly told_by: string | null
}

/** A tag that a program has set on its agent. */
export interface LeasedTag {
  readonly key: string
  readonly value: string
  /** Until it ends unless it is renewed. */
  readonly lease_ms: number
}

export type Tags = { readonly [key: string]: string }

/** Throws ProtocolError. */
export function readExplanation(answer: unknown): MemberExplanation {
  const explanation = answer as Partial<MemberExplanation> | null
  readMember(answer)
  if (typeof explanation?.because !== 'string' || !Array.isArray(explanation.accusers))
    throw new ProtocolError('the answer does not explain a member')
  return explanation as MemberExplanation
}

/** Throws ProtocolError. */
export function readTag(answer: unknown): LeasedTag {
  const tag = answer as Partial<LeasedTag> | null
  if (typeof tag?.key !== 'string' || typeof tag.value !== 'string' || typeof tag.lease_ms !== 'number')
    throw new ProtocolError('the answer is no tag')
  return tag as LeasedTag
}

/** All tags of a member. Throws ProtocolError. */
export function readMemberTags(answer: unknown): Tags {
  const tags = (answer as { readonly tags?: unknown } | null)?.tags
  const isTags =
    typeof tags === 'object' &&
    tags !== null &&
    Object.values(tags).every((value) => typeof value === 'string')
  if (!isTags) throw new ProtocolError('the answer has no tags')
  return tags as Tags
}
