/**
 * Suspicion: how long a silent member may take to refute. The first accusation starts a long timer; each further,
 * independent accuser shortens it, because several who hear nothing are seldom wrong together.
 * Source: SWIM §4.2 and Lifeguard §IV-B (LHA-Suspicion). Pure: it neither sets timers nor knows members.
 */
import type { ActorId, Instant } from '@patina/base'
import type { SwimConfig } from './config.ts'

export interface Suspicion {
  readonly generation: number
  readonly incarnation: number
  /** Moved by pauses of this process, in which nobody could refute to it. */
  startedAt: Instant
  /** Members counted when it started: a suspicion keeps its scale while others fail. */
  readonly members: number
  /** The first accuser and up to K confirming ones (I-SWIM-4: distinct, at most K + 1). */
  readonly accusers: readonly ActorId[]
}

/** Confirmations that bring the timer to its minimum: K = min(3, max(0, ⌊(n − 2) / 3⌋)), n with ourselves. */
export function confirmationsWanted(config: SwimConfig, members: number): number {
  return Math.min(config.confirmationsMax, Math.max(0, Math.floor((members - 2) / 3)))
}

/** Timeout from the start of the suspicion after `confirmations`; Lifeguard's logarithmic decay from Max to Min. */
export function suspicionTimeoutMs(config: SwimConfig, members: number, confirmations: number): number {
  const min = config.suspicionPeriods * Math.max(1, Math.log10(members)) * config.probePeriodMs
  const wanted = confirmationsWanted(config, members)
  if (confirmations >= wanted) return min
  const max = config.suspicionMaxFactor * min
  return Math.max(min, max - ((max - min) * Math.log(confirmations + 1)) / Math.log(wanted + 1))
}

/** When the suspicion becomes a verdict, as things stand. */
export function suspicionDeadline(config: SwimConfig, suspicion: Suspicion): Instant {
  const confirmations = suspicion.accusers.length - 1
  return (suspicion.startedAt + suspicionTimeoutMs(config, suspicion.members, confirmations)) as Instant
}

/** The suspicion with those of `accusers` that are new, up to K + 1 in all; itself where none is. */
export function confirm(config: SwimConfig, suspicion: Suspicion, accusers: readonly ActorId[]): Suspicion {
  const room = confirmationsWanted(config, suspicion.members) + 1 - suspicion.accusers.length
  if (room <= 0 || accusers.every((accuser) => suspicion.accusers.includes(accuser))) return suspicion
  const fresh = [...new Set(accusers)].filter((accuser) => !suspicion.accusers.includes(accuser))
  return { ...suspicion, accusers: [...suspicion.accusers, ...fresh.slice(0, room)] }
}
