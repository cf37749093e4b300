/**
 * Warm start: a fleet in which everybody has met everybody and nobody has anything to tell, without the hour of processor
 * time that a thousand real joins at once cost. Each process begins with what it would know of the others as they begin.
 */
import type { MemberView } from '@patina/swim'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'

/** Starts these hosts. Each has its neighbour in number as seed. */
export function startWarm(fleet: Fleet, hosts: readonly Host[]): void {
  const views = hosts.map((host) => fleet.viewOfNextStart(host))
  hosts.forEach((host, i) => {
    const neighbour = hosts[(i + 1) % hosts.length] as Host
    fleet.start(host, neighbour === host ? [] : [neighbour.node], without(views, i))
  })
}

function without(views: readonly MemberView[], place: number): MemberView[] {
  return [...views.slice(0, place), ...views.slice(place + 1)]
}
