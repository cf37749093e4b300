/**
 * BacklogInlet: the connection by which a session's peer sends its backlog. Nothing is read from it until the peer's
 * switch has come on the main connection, behind the last of what it sent there, so that the lane keeps its order. Its
 * end, also for a malformed frame, costs what it held and nothing else.
 */
import { type Frame, MessageJoiner } from '../framing.ts'
import { limits } from '../limits.ts'
import { unpackFrame } from '../packing.ts'
import type { Traffic } from '../traffic.ts'
import type { Connection } from './connection.ts'

export interface BacklogInletOptions {
  readonly connection: Connection
  readonly serial: number
  readonly traffic: Traffic
  readonly messageReceived: (message: Uint8Array) => void
}

export class BacklogInlet {
  readonly #connection: Connection
  readonly #serial: number
  readonly #traffic: Traffic
  readonly #messageReceived: (message: Uint8Array) => void
  readonly #joiner = new MessageJoiner()
  #begun = false
  /** Read in this turn of the event loop. */
  #turnBytes = 0

  constructor({ connection, serial, traffic, messageReceived }: BacklogInletOptions) {
    this.#connection = connection
    this.#serial = serial
    this.#traffic = traffic
    this.#messageReceived = messageReceived
    connection.handOver({ frameReceived: (frame) => this.#receive(frame), ended: () => {} })
    connection.pause()
  }

  get hasBegun(): boolean {
    return this.#begun
  }

  /** A switch to another connection is one that came too late. */
  begin(serial: number): void {
    if (serial !== this.#serial || this.#begun) return
    this.#begun = true
    this.#connection.resume()
  }

  destroy(reason: string): void {
    this.#connection.destroy(reason)
  }

  /** One socket may fill a whole turn of the loop with its bytes; what is urgent waits for the next turn. */
  #yieldTurn(bytes: number): void {
    const before = this.#turnBytes
    this.#turnBytes += bytes
    if (before === 0)
      setImmediate(() => {
        this.#turnBytes = 0
        this.#connection.resume()
      })
    if (this.#turnBytes >= limits.backlogTurnBytes) this.#connection.pause()
  }

  #receive(frame: Frame): void {
    if (!this.#begun) this.destroy(`malformed: ${frame.kind} before the switch`)
    else if (frame.kind === 'goodbye') this.#connection.close('the peer ended it')
    else if (frame.lane !== 'backlog')
      this.destroy(`malformed: lane ${frame.lane} in the backlog's connection`)
    else this.#join(frame)
  }

  #join(frame: Frame): void {
    const part = unpackFrame(frame)
    const bytes = part.ok ? part.value.payload.length : 0
    this.#yieldTurn(bytes)
    this.#traffic.received('backlog', bytes, frame.payload.length)
    const joined = part.ok ? this.#joiner.add(part.value) : part
    if (!joined.ok) this.destroy(`malformed: ${joined.error.kind}`)
    else if (joined.value !== undefined) this.#messageReceived(joined.value)
  }
}
