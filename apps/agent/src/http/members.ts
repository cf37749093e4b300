/** GET /v1/members: what this process believes of the cluster, itself first. */
import type { MemberView } from '@patina/swim'
import { wallMsOf } from '../telemetry.ts'

/** A member as JSON. `since_ms`: Unix time of its last change of state in this process' view. */
export interface MemberJson {
  readonly actor: string
  readonly name: string
  readonly region: string
  readonly addr: string
  readonly api_addr: string
  readonly state: MemberView['state']
  readonly self: boolean
  readonly generation: number
  readonly incarnation: number
  readonly rtt_ms: number | null
  readonly tags: { readonly [key: string]: string }
  /** Of tags that gossip does not carry: GET /v1/members/:actor/tags. */
  readonly long_tags_bytes: number
  readonly since_ms: number
}

export function memberJson(member: MemberView, self: boolean): MemberJson {
  return {
    actor: member.actor,
    name: member.metadata.name,
    region: member.metadata.region,
    addr: member.address,
    api_addr: member.metadata.apiAddress,
    // Up, but not to be counted on before it has stayed (swim's damping).
    state: member.held === true ? 'down' : member.state,
    self,
    generation: member.generation,
    incarnation: member.incarnation,
    rtt_ms: member.rttMs === undefined ? null : Math.round(member.rttMs * 1_000) / 1_000,
    tags: member.metadata.tags,
    long_tags_bytes: member.metadata.details?.bytes ?? 0,
    since_ms: wallMsOf(member.sinceMs),
  }
}

/** Itself first, then by name. */
export function membersJson(self: MemberView, others: readonly MemberView[]): MemberJson[] {
  const rows = others.map((member) => memberJson(member, false))
  rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.actor < b.actor ? -1 : 1))
  return [memberJson(self, true), ...rows]
}
