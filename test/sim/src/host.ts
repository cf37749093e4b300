/**
 * Host: one place of a simulated fleet: an address, a region, a wall clock that may be wrong, a disk that remembers who
 * it was, and the process that runs there now. What a process is made of is its program's; the fleet starts and ends it.
 */
import { type ActorId, actorId, type PeerAddress, peerAddress } from '@patina/base'
import type { MemberRecord, MemberView } from '@patina/swim'
import type { FleetEffect } from './fleet-event.ts'
import type { Machine, Process } from './process.ts'

export type HostState =
  /** Never started. */
  | 'absent'
  | 'running'
  /** Its process is gone without a word. */
  | 'killed'
  | 'left'

export interface Host {
  readonly node: number
  readonly address: PeerAddress
  readonly region: string
  /** Who it is; another one after a start with an empty disk. */
  actor: ActorId
  /** Of the last start; 0 before the first. */
  generation: number
  state: HostState
  /** Power is on, so that its kernel answers for a process that is gone. */
  hasKernel: boolean
  process: Process | undefined
  program: RunningProgram | undefined
  /** Nodes that its process was told to join by at its last start. */
  bootstrap: readonly number[]
  /** What it sends is that of a later version of the protocol. */
  speaksNewer: boolean
  /** What its wall clock shows beside the true time. */
  wallOffsetMs: number
  /** When it last stalled or was cut off, however partly; a fault of the scenario, no mistake of others. */
  troubledAt: number
}

/** A process of a program on a host. */
export interface RunningProgram {
  readonly machine: Machine
  readonly generation: number
  members(): MemberView[]
  /** What its table holds of one member, shown to the application or not. */
  member(actor: ActorId): MemberView | undefined
  self(): MemberView
  /** What the fleet itself cannot do: effects for a store. */
  perform(effect: FleetEffect): void
  /** The process ends. `power`: what was not durable is lost, too. */
  end(how: 'process' | 'power'): void
}

/** What is installed on every host of a fleet. */
export interface Program {
  /** `known`: members that the process takes as met already. */
  start(host: Host, known: readonly MemberRecord[]): RunningProgram
  /** What that process would say of itself if it began now. */
  viewOfNextStart(host: Host): MemberView
  /** The disk of the host is replaced: the next start is somebody else's. */
  wipe(host: Host): void
}

const NODES_MAX = 65_536
const HEX = 16

/** Scattered over the whole range, because buckets and orders by actor id are part of the protocol. */
export function actorOf(node: number, disk: number): ActorId {
  const scattered = Math.imul(node + 1, 0x9e3779b1) >>> 0
  return actorId(
    scattered.toString(HEX).padStart(8, '0') +
      disk.toString(HEX).padStart(8, '0') +
      (node + 1).toString(HEX).padStart(16, '0'),
  )
}

export function addressOf(node: number): PeerAddress {
  if (node >= NODES_MAX) throw new Error(`a fleet has at most ${NODES_MAX} nodes`)
  return peerAddress(`10.0.${node >> 8}.${node & 0xff}:4001`)
}
