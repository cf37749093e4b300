/** Members as `GET /v1/members` lists them: what one agent believes of the cluster, itself first. */
import { ProtocolError } from './error.ts'

export interface Member {
  /** 32 hex digits. */
  readonly actor: string
  readonly name: string
  readonly region: string
  readonly addr: string
  readonly api_addr: string
  readonly state: 'alive' | 'suspect' | 'down' | 'left'
  /** The agent that answers. */
  readonly self: boolean
  readonly generation: number
  readonly incarnation: number
  readonly rtt_ms: number | null
  readonly tags: { readonly [key: string]: string }
  /** Of tags that are fetched by `memberTags`; agents without such leave it out. */
  readonly long_tags_bytes?: number
  /** Unix time of its last change of state. */
  readonly since_ms: number
}

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readMembers(answer: unknown): readonly Member[] {
  const members = (answer as { readonly members?: unknown } | null)?.members
  if (!Array.isArray(members) || !members.every(isMember))
    throw new ProtocolError('the answer is not a list of members')
  return members
}

/** A line `{"member": …}` of a watch. Throws ProtocolError. */
export function readMember(line: unknown): Member {
  const member = (line as { readonly member?: unknown } | null)?.member
  if (!isMember(member)) throw new ProtocolError('the line is no member')
  return member
}

const STATES: readonly unknown[] = ['alive', 'suspect', 'down', 'left']

function isMember(value: unknown): value is Member {
  const member = value as Partial<Member> | null
  return typeof member?.actor === 'string' && typeof member.name === 'string' && STATES.includes(member.state)
}
