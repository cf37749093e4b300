/**
 * LatestValue: tells a service what something is now, again and again. One telling is under way at a time and only the
 * newest value waits for it, so that a service that is busy for long finds one message and not a thousand.
 */

export class LatestValue<T> {
  readonly #tell: (value: T) => Promise<unknown>
  #waiting: { readonly value: T } | undefined
  #telling = false

  /** `tell` resolves when the service has taken the value; it does not reject. */
  constructor(tell: (value: T) => Promise<unknown>) {
    this.#tell = tell
  }

  /** Told at once where nothing is under way: ahead of whatever is sent after it. */
  set(value: T): void {
    this.#waiting = { value }
    if (!this.#telling) void this.#run()
  }

  async #run(): Promise<void> {
    this.#telling = true
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined
      await this.#tell(next.value)
    }
    this.#telling = false
  }
}
