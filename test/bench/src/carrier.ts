/**
 * Carrier: whatever takes messages to the other end of a pair and brings others back, and what is measured on it: one
 * message there and back, and messages one way with a window, so that neither a queue nor a socket buffer overflows.
 * The first byte says what the other end does: answer with the same message, count it, or nothing.
 */
import { stepMicros } from './many-at-once.ts'
import { percentile } from './sample.ts'

export interface Carrier {
  send(message: Uint8Array): void
  /** In the least urgent lane, where there are lanes; false where its queue is full. */
  sendBacklog?(message: Uint8Array): boolean
  /** Of the backlog that was sent. */
  backlogWireBytes?(): number
  /** Set once, at the beginning. */
  onMessage(listener: (message: Uint8Array) => void): void
}

const ECHO = 1
const COUNT = 2
const ACK = 3
const IGNORE = 4
/** Counted messages between two acknowledgements, and how many may be unacknowledged. */
const ACK_EVERY = 32
const WINDOW = 128
/** Between two round trips beside a backlog: as many as a busy cluster has fresh changes. */
const PACE_MS = 2
const BACKLOG_MESSAGE_BYTES = 131_072
/** Until queue and kernel buffers are full; to be filled is another matter. */
const FILL_MS = 500

/** The other end. */
export function answerOn(carrier: Carrier): void {
  let counted = 0
  carrier.onMessage((message) => {
    if (message[0] === ECHO) carrier.send(message)
    else if (message[0] === IGNORE) return
    else if (++counted % ACK_EVERY === 0) carrier.send(Uint8Array.of(ACK))
  })
}

/** This end. One measurement at a time. */
export class CarrierProbe {
  readonly #carrier: Carrier
  #heard: (message: Uint8Array) => void = () => {}

  constructor(carrier: Carrier) {
    this.#carrier = carrier
    carrier.onMessage((message) => this.#heard(message))
  }

  /** Median microseconds there and back. */
  async roundTrip(bytes: number, steps: number): Promise<number> {
    const message = new Uint8Array(bytes).fill(ECHO)
    const step = (): Promise<void> =>
      new Promise((resolve) => {
        this.#heard = () => resolve()
        this.#carrier.send(message)
      })
    return percentile(await stepMicros(steps, step), 0.5)
  }

  /** Microseconds there and back of each of so many messages at a pace, while the backlog's queue is kept full, or not. */
  async pacedRoundTrips(bytes: number, steps: number, backlog: 'none' | 'full'): Promise<number[]> {
    const message = new Uint8Array(bytes).fill(ECHO)
    // One for all: a new one each millisecond would measure the collector of garbage.
    const filler = new Uint8Array(BACKLOG_MESSAGE_BYTES).fill(IGNORE)
    const refill = backlog === 'full' ? setInterval(() => this.#fillBacklog(filler), 1) : undefined
    if (refill !== undefined) await new Promise((resolve) => setTimeout(resolve, FILL_MS))
    const micros: number[] = []
    for (let step = 0; step < steps; step += 1) {
      await new Promise((resolve) => setTimeout(resolve, PACE_MS))
      const start = performance.now()
      await new Promise<void>((resolve) => {
        this.#heard = () => resolve()
        this.#carrier.send(message)
      })
      micros.push((performance.now() - start) * 1_000)
    }
    clearInterval(refill)
    return micros
  }

  /** Messages of the backlog, in turn, `count` in all: megabytes a second, CPU of this end, and what went by the wire. */
  async backlog(
    messages: readonly Uint8Array[],
    count: number,
  ): Promise<{ readonly mbPerSecond: number; readonly cpuMsPerMb: number; readonly wireMb: number }> {
    const marked = messages.map((message) => Buffer.concat([Uint8Array.of(COUNT), message]))
    const wireBefore = this.#carrier.backlogWireBytes?.() ?? 0
    const [start, cpu] = [performance.now(), process.cpuUsage()]
    let megabytes = 0
    await this.#windowed(count, (at) => {
      const message = marked[at % marked.length] as Uint8Array
      megabytes += message.length / 1e6
      this.#carrier.sendBacklog?.(message)
    })
    const { user, system } = process.cpuUsage(cpu)
    return {
      mbPerSecond: (megabytes / (performance.now() - start)) * 1_000,
      cpuMsPerMb: (user + system) / 1_000 / megabytes,
      wireMb: ((this.#carrier.backlogWireBytes?.() ?? 0) - wireBefore) / 1e6 / megabytes,
    }
  }

  #fillBacklog(message: Uint8Array): void {
    while (this.#carrier.sendBacklog?.(message) === true);
  }

  /** Messages a second one way; `count` is a multiple of the acknowledgement's interval. */
  async oneWay(bytes: number, count: number): Promise<number> {
    const message = new Uint8Array(bytes).fill(COUNT)
    const start = performance.now()
    await this.#windowed(count, () => this.#carrier.send(message))
    return (count / (performance.now() - start)) * 1_000
  }

  /** Calls `send` so many times, never too far ahead of the acknowledgements. */
  #windowed(count: number, send: (at: number) => void): Promise<void> {
    return new Promise((resolve) => {
      let [sent, acknowledged] = [0, 0]
      const fill = (): void => {
        while (sent < count && sent - acknowledged < WINDOW) {
          send(sent)
          sent += 1
        }
      }
      this.#heard = () => {
        acknowledged += ACK_EVERY
        if (acknowledged >= count) resolve()
        else fill()
      }
      fill()
    })
  }
}
