/**
 * Warm start: a fleet in which everybody has met everybody and nobody has anything to tell, without the hour of processor
 * time that a thousand real joins at once cost. Each process begins with what it would know of the others as they begin; what is
 * known of one is one record for all who know it, as thousands who know thousands would not fit into memory else.
 */
import { type MemberRecord, recordOfView } from '@patina/swim'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'

/** Starts these hosts. Each has its neighbour in number as seed. */
export function startWarm(fleet: Fleet, hosts: readonly Host[]): void {
  const records = hosts.map((host) => recordOfView(fleet.viewOfNextStart(host)))
  hosts.forEach((host, i) => {
    const neighbour = hosts[(i + 1) % hosts.length] as Host
    fleet.start(host, neighbour === host ? [] : [neighbour.node], without(records, i))
  })
}

function without(records: readonly MemberRecord[], place: number): MemberRecord[] {
  return [...records.slice(0, place), ...records.slice(place + 1)]
}
