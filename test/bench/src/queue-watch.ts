/** QueueWatch: what waits in the agents of a cluster, by their status, once a second: at most in one of them, and in all at the end. */
import type { RunningNode } from '@patina/test-cluster'

export interface QueueFigures {
  /** Bytes, in one agent. */
  readonly most: number
  /** Bytes, in all. */
  readonly atEnd: number
}

const EVERY_MS = 1_000
/** An agent that does not answer for so long is behind by more than any figure says. */
const STATUS_DEADLINE_MS = 10_000

export class QueueWatch {
  readonly #nodes: readonly Pick<RunningNode, 'apiPort'>[]
  #most = 0
  #ended = false
  readonly #looking: Promise<void>
  #wake: () => void = () => {}

  constructor(nodes: readonly Pick<RunningNode, 'apiPort'>[]) {
    this.#nodes = nodes
    this.#looking = this.#look()
  }

  async end(): Promise<QueueFigures> {
    this.#ended = true
    this.#wake()
    await this.#looking
    const atEnd = await this.#queued()
    return { most: this.#most, atEnd: atEnd.reduce((sum, bytes) => sum + bytes, 0) }
  }

  async #look(): Promise<void> {
    while (!this.#ended) {
      this.#most = Math.max(this.#most, ...(await this.#queued()))
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Of each agent: what it has taken and not applied, and what it may not send yet. */
  #queued(): Promise<number[]> {
    return Promise.all(
      this.#nodes.map(async ({ apiPort }) => {
        const signal = AbortSignal.timeout(STATUS_DEADLINE_MS)
        const response = await fetch(`http://127.0.0.1:${apiPort}/v1/status`, { signal })
        const { sync } = (await response.json()) as {
          readonly sync: { readonly queued_bytes: number; readonly broadcast_delayed_bytes: number }
        }
        return sync.queued_bytes + sync.broadcast_delayed_bytes
      }),
    )
  }
}
