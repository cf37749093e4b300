/**
 * Readiness: may a program rely on what this agent answers? When it has joined (another member has answered, or the
 * configuration names nobody else) and has caught up (all whom it could reach had nothing for it), and while its processes run. The first
 * two stay true once they are: an agent that is cut off goes on serving what it knows, which is what it is there for.
 */
import type { NodeStatus } from '@patina/node'

export type Missing = 'joined' | 'caught-up' | 'store' | 'readers' | 'live-query'

export interface ReadinessParts {
  /** undefined before the node runs. */
  readonly node: () => NodeStatus | undefined
  /** Whether the configuration names members to join by. */
  readonly hasSeeds: boolean
  readonly isRunning: { readonly [role in 'store' | 'readers' | 'live-query']: () => boolean }
}

export class Readiness {
  readonly #parts: ReadinessParts
  #joined = false
  #caughtUp = false

  constructor(parts: ReadinessParts) {
    this.#parts = parts
  }

  /** What is missing; nothing when ready. */
  missing(): Missing[] {
    this.#look()
    const missing: Missing[] = []
    if (!this.#joined) missing.push('joined')
    if (!this.#caughtUp) missing.push('caught-up')
    for (const role of ['store', 'readers', 'live-query'] as const)
      if (!this.#parts.isRunning[role]()) missing.push(role)
    return missing
  }

  /** What was once true stays so. */
  #look(): void {
    const node = this.#parts.node()
    if (node === undefined || (this.#joined && this.#caughtUp)) return
    this.#joined ||= !this.#parts.hasSeeds || node.alive > 0 || node.sync.caughtUp
    this.#caughtUp ||= this.#joined && (!this.#parts.hasSeeds || node.sync.caughtUp)
  }
}
