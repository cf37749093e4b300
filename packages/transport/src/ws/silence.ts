/**
 * SilenceWatch: ends a connection from which no byte has come for the idle time, and pings so that a living peer always
 * has something to say. Looks are counted, not timed: a loop that stood still sees its input before it judges.
 */
import type { Connection } from './connection.ts'

/** Looks per idle period; dead after as many without a byte, a ping at every other one. */
const LOOKS_PER_IDLE = 4
const LOOKS_PER_PING = 2

export class SilenceWatch {
  readonly #connection: Connection
  readonly #idleMs: number
  readonly #timer: NodeJS.Timeout
  #bytesReadAtLook: number
  /** Looks in a row without a byte. */
  #silentLooks = 0
  #looks = 0

  constructor(connection: Connection, idleMs: number) {
    this.#connection = connection
    this.#idleMs = idleMs
    this.#bytesReadAtLook = connection.bytesRead
    this.#timer = setInterval(() => this.#look(), idleMs / LOOKS_PER_IDLE).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { bytesRead } = this.#connection
    this.#silentLooks = bytesRead === this.#bytesReadAtLook ? this.#silentLooks + 1 : 0
    this.#bytesReadAtLook = bytesRead
    this.#looks += 1
    if (this.#silentLooks >= LOOKS_PER_IDLE)
      this.#connection.destroy(`no byte from the peer for ${this.#idleMs} ms`)
    else if (this.#looks % LOOKS_PER_PING === 0) this.#connection.ping()
  }
}
