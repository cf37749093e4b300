/**
 * Turns: whose work is next in the store process. What the clients of this host write goes first, because they wait for it;
 * then changesets of others; then maintenance (changes of the schema and their slices, vacuum, checkpoints). Nobody starves:
 * a class that has waited as long as its bound says goes before those above it, once. So the longest wait of a class is
 * its bound and one piece of work of each other class. Does not know what the work is, nor how long a piece of it takes.
 */
import { elapsed, type Instant, type Millis, millis } from '@patina/base'

export type WorkClass = 'local' | 'remote' | 'maintenance'

/** Which classes have work now. */
export type WaitingWork = { readonly [K in WorkClass]: boolean }

/** A few groups of local writes: peers see what others wrote 10 ms late at most, and half of a busy store is theirs. */
export const REMOTE_WAIT_MS: Millis = millis(10)

/** Nobody waits for it. Slices of 10 ms take a sixth of a busy store. */
export const MAINTENANCE_WAIT_MS: Millis = millis(50)

export class Turns {
  /** When work of the class was first seen since its last turn; undefined: it has none. */
  #remoteSince: Instant | undefined
  #maintenanceSince: Instant | undefined

  /** Whose turn it is; it counts as taken. Undefined where nobody has work. */
  next(now: Instant, waiting: WaitingWork): WorkClass | undefined {
    this.#remoteSince = waiting.remote ? (this.#remoteSince ?? now) : undefined
    this.#maintenanceSince = waiting.maintenance ? (this.#maintenanceSince ?? now) : undefined
    const turn = this.#choose(now, waiting)
    if (turn === 'remote') this.#remoteSince = undefined
    if (turn === 'maintenance') this.#maintenanceSince = undefined
    return turn
  }

  /** The lowest class first: behind one that is overdue at each turn it would never come. */
  #choose(now: Instant, waiting: WaitingWork): WorkClass | undefined {
    if (isOverdue(this.#maintenanceSince, now, MAINTENANCE_WAIT_MS)) return 'maintenance'
    if (isOverdue(this.#remoteSince, now, REMOTE_WAIT_MS)) return 'remote'
    if (waiting.local) return 'local'
    if (waiting.remote) return 'remote'
    return waiting.maintenance ? 'maintenance' : undefined
  }
}

function isOverdue(since: Instant | undefined, now: Instant, boundMs: Millis): boolean {
  return since !== undefined && elapsed(since, now) >= boundMs
}
