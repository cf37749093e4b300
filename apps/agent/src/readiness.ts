/**
 * Readiness: may a program rely on what this agent answers? When it has joined (another member has answered, or the
 * configuration names nobody else), has caught up (all whom it could reach had nothing for it), and live results have what it
 * caught up with; and while its processes run. The first three stay true once they are: an agent that is cut off goes on
 * serving what it knows, which is what it is there for.
 */
import type { NodeStatus } from '@patina/node'

export type Missing = 'joined' | 'caught-up' | 'live-results' | 'store' | 'readers' | 'live-query'

export interface ReadinessParts {
  /** undefined before the node runs. */
  readonly node: () => NodeStatus | undefined
  /** Whether the configuration names members to join by. */
  readonly hasSeeds: boolean
  /** True when live results that are asked for have what is stored now; false: ask again. */
  readonly settleLiveResults: () => Promise<boolean>
  readonly isRunning: { readonly [role in 'store' | 'readers' | 'live-query']: () => boolean }
}

/** So that the first who asks hears what has long been so. */
const LOOK_MS = 100

export class Readiness {
  readonly #parts: ReadinessParts
  #joined = false
  #caughtUp = false
  /** A result is current when it is first shown, so that only catching up can leave it behind. */
  #settled: boolean
  #isSettling = false
  #looks: NodeJS.Timeout | undefined

  constructor(parts: ReadinessParts) {
    this.#parts = parts
    this.#settled = !parts.hasSeeds
  }

  /** Looks by itself until it has been ready once. */
  watch(): void {
    this.#looks = setInterval(() => {
      this.#look()
      if (this.#settled) this.stop()
    }, LOOK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#looks)
  }

  /** What is missing; nothing when ready. */
  missing(): Missing[] {
    this.#look()
    const missing: Missing[] = []
    if (!this.#joined) missing.push('joined')
    if (!this.#caughtUp) missing.push('caught-up')
    else if (!this.#settled) missing.push('live-results')
    for (const role of ['store', 'readers', 'live-query'] as const)
      if (!this.#parts.isRunning[role]()) missing.push(role)
    return missing
  }

  /** What was once true stays so. */
  #look(): void {
    const node = this.#parts.node()
    if (node === undefined || (this.#caughtUp && this.#settled)) return
    this.#joined ||= !this.#parts.hasSeeds || node.alive > 0 || node.sync.caughtUp
    this.#caughtUp ||= this.#joined && (!this.#parts.hasSeeds || node.sync.caughtUp)
    if (this.#caughtUp && !this.#settled) void this.#settle()
  }

  async #settle(): Promise<void> {
    if (this.#isSettling) return
    this.#isSettling = true
    this.#settled = await this.#parts.settleLiveResults()
    this.#isSettling = false
  }
}
