/** Figures of one node for people and metrics; a value, made when asked for. */
import type { ActorId } from '@patina/base'
import type { SyncStatus } from '@patina/sync'

export interface NodeStatus {
  readonly actor: ActorId
  /** Members by what swim believes of them, this node left out. */
  readonly alive: number
  readonly suspect: number
  readonly down: number
  readonly left: number
  readonly sessionsOpen: number
  /** Members that are alive or suspect and have no session. */
  readonly sessionsMissing: number
  readonly sync: SyncStatus
}
