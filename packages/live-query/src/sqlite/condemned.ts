/**
 * Condemned: queries that are not run, because the process before this one ended inside of them. One that main killed for
 * its deadline is condemned at once. Where the reason is not known (the agent was killed, memory was out) it takes two ends
 * in a row, and a run to the end acquits. A stop in order forgives everything: the next start tries again.
 */
import { RunningNote } from './running-note.ts'
import type { StateFile } from './state-file.ts'

/** Why the process before this one ended, as far as main knows. */
export type PreviousEnd = 'deadline' | 'other'

const STRIKES_MAX = 2

export class Condemned {
  readonly #state: StateFile
  readonly #note: RunningNote
  readonly #keys = new Set<string>()
  /** Queries with a strike that may still acquit themselves. */
  readonly #suspects = new Set<string>()

  constructor(state: StateFile, notePath: string, previousEnd: PreviousEnd | undefined) {
    this.#state = state
    this.#note = new RunningNote(notePath)
    if (this.#note.left !== undefined)
      state.strike(this.#note.left, previousEnd === 'deadline' ? STRIKES_MAX : 1)
    for (const [key, strikes] of state.strikes())
      (strikes >= STRIKES_MAX ? this.#keys : this.#suspects).add(key)
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** Runs a query under a note that says which one it is: also while its result is compared, up to the next or `rest`. */
  during<Outcome>(key: string, run: () => Outcome): Outcome {
    this.#note.begin(key)
    const outcome = run()
    if (this.#suspects.delete(key)) this.#state.acquit(key)
    return outcome
  }

  /** Nothing runs any more. */
  rest(): void {
    this.#note.end()
  }

  close(): void {
    this.#note.close()
  }
}
