/**
 * SlowReader: a client that reads an answer without an end so slowly that its snapshot gets old, and asks again at once when it is
 * cut. Reads on, because who takes no byte at all is cut off for that.
 */
import { setTimeout as wait } from 'node:timers/promises'

/** A chunk of some 64 KiB each time: what lies in buffers when it is cut is read in a few seconds. */
const READ_EVERY_MS = 50

export class SlowReader {
  readonly #url: string
  readonly #sql: string
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(port: number, sql: string) {
    this.#url = `http://127.0.0.1:${port}/v1/queries`
    this.#sql = sql
    this.#done = this.#readOn()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #readOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#readOne()
      } catch (cause) {
        if (!this.#stop.signal.aborted) throw cause
      }
    }
  }

  async #readOne(): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const { signal } = this.#stop
    const body = JSON.stringify(this.#sql)
    const response = await fetch(`${this.#url}?timeout=3600`, { method: 'POST', headers, body, signal })
    if (response.ok)
      for await (const _ of response.body ?? []) await wait(READ_EVERY_MS, undefined, { signal })
    else await wait(READ_EVERY_MS, undefined, { signal })
  }
}
