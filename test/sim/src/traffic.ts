/**
 * Traffic: what each node sends, in packets and bytes, in all and per second of virtual time. The busiest second of a
 * node is kept, not every second of every node, so that a thousand nodes for an hour cost nothing.
 */

const SECOND_MS = 1_000

export interface TrafficFigures {
  readonly packetsPerNodeSecond: number
  readonly bytesPerNodeSecond: number
  /** Of the busiest node in its busiest second. */
  readonly bytesPeak: number
}

export class Traffic {
  /** Bytes that all nodes sent in each second since the last `restart`. */
  readonly bytesBySecond: number[] = []
  readonly #nodes: number
  readonly #second: Int32Array
  readonly #bytesInSecond: Float64Array
  readonly #bytes: Float64Array
  #packets = 0
  #peak = 0
  #from = 0

  constructor(nodes: number) {
    this.#nodes = nodes
    this.#second = new Int32Array(nodes)
    this.#bytesInSecond = new Float64Array(nodes)
    this.#bytes = new Float64Array(nodes)
  }

  /** Counts from now on. */
  restart(nowMs: number): void {
    this.#from = nowMs
    this.#packets = 0
    this.#peak = 0
    this.#bytes.fill(0)
    this.#bytesInSecond.fill(0)
    this.bytesBySecond.length = 0
  }

  sent(node: number, bytes: number, nowMs: number): void {
    const second = Math.floor((nowMs - this.#from) / SECOND_MS)
    if (this.#second[node] !== second) {
      this.#second[node] = second
      this.#bytesInSecond[node] = 0
    }
    const inSecond = (this.#bytesInSecond[node] as number) + bytes
    this.#bytesInSecond[node] = inSecond
    this.#bytes[node] = (this.#bytes[node] as number) + bytes
    this.#packets += 1
    if (inSecond > this.#peak) this.#peak = inSecond
    while (this.bytesBySecond.length <= second) this.bytesBySecond.push(0)
    this.bytesBySecond[second] = (this.bytesBySecond[second] as number) + bytes
  }

  /** Bytes that each node sent, in all. */
  bytesByNode(): readonly number[] {
    return [...this.#bytes]
  }

  figures(nowMs: number): TrafficFigures {
    const seconds = Math.max(1, nowMs - this.#from) / SECOND_MS
    const bytes = this.#bytes.reduce((sum, one) => sum + one, 0)
    return {
      packetsPerNodeSecond: this.#packets / this.#nodes / seconds,
      bytesPerNodeSecond: bytes / this.#nodes / seconds,
      bytesPeak: this.#peak,
    }
  }
}
