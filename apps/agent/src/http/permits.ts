/** A bound on requests under way: who comes above it is refused at once and never waits. */
import { overloaded, type Problem } from './problem.ts'

export const CONCURRENCY: Problem = overloaded('max concurrency limit reached')

export class Permits {
  readonly max: number
  #taken = 0

  constructor(max: number) {
    this.max = max
  }

  get taken(): number {
    return this.#taken
  }

  /** The way to give the permit back (once; further calls do nothing), or undefined where all are taken. */
  take(): (() => void) | undefined {
    if (this.#taken >= this.max) return undefined
    this.#taken += 1
    let held = true
    return () => {
      if (held) this.#taken -= 1
      held = false
    }
  }
}
