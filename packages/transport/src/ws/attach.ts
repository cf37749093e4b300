/**
 * Attach: one attempt at the backlog connection of a standing session: the way there (outgoing.ts), the peer's hello,
 * which must be that of the session's peer and process, our `attach`, its welcome. Ends exactly once. A refused or
 * unreachable one costs the session nothing.
 */
import type { Frame } from '../framing.ts'
import { acceptHello } from '../hello.ts'
import type { StreamRefusal } from '../transport.ts'
import type { Connection } from './connection.ts'
import type { Desk } from './desk.ts'
import { attachFrame, decodeRefusal } from './handshake-frames.ts'
import { Outgoing } from './outgoing.ts'
import type { Session } from './session.ts'

export interface AttachEvents {
  attached(connection: Connection): void
  /** Told to the desk already. */
  failed(): void
}

export class Attach {
  readonly #desk: Desk
  readonly #session: Session
  readonly #serial: number
  readonly #events: AttachEvents
  readonly #outgoing: Outgoing
  #connection: Connection | undefined
  #timer: NodeJS.Timeout | undefined
  #state: 'opening' | 'greeting' | 'attaching' | 'done' = 'opening'

  /** `serial`: the how-manieth of this end in this session. */
  constructor(desk: Desk, session: Session, serial: number, events: AttachEvents) {
    this.#desk = desk
    this.#session = session
    this.#serial = serial
    this.#events = events
    this.#outgoing = new Outgoing(session.peer.address, desk, {
      opened: (connection) => this.#opened(connection),
      failed: (reason, detail) => this.#fail(reason, detail),
      frameReceived: (frame) => this.#receive(frame),
      ended: (reason) => this.#fail('not-patina', `${reason}, before the handshake was complete`),
    })
  }

  /** Ends the attempt; nothing is told. */
  abort(): void {
    if (this.#state === 'done') return
    this.#finish()
    this.#outgoing.abort()
    this.#connection?.destroy('no longer wanted')
  }

  #opened(connection: Connection): void {
    this.#connection = connection
    this.#state = 'greeting'
    const { helloTimeoutMs } = this.#desk.times
    this.#timer = setTimeout(() => this.#fail('hello-timeout', 'no welcome in time'), helloTimeoutMs)
  }

  #receive(frame: Frame): void {
    if (this.#state === 'done') return
    if (frame.kind === 'hello' && this.#state === 'greeting') this.#receiveHello(frame.payload)
    else if (frame.kind === 'welcome' && this.#state === 'attaching') this.#attached()
    else if (frame.kind === 'refusal') this.#refusedByPeer(frame.payload)
    else this.#fail('not-patina', `an unexpected ${frame.kind}`)
  }

  #receiveHello(payload: Uint8Array): void {
    const accepted = acceptHello(payload, this.#desk)
    if (!accepted.ok) return void this.#fail(accepted.error.reason, accepted.error.detail)
    const { peer, process, ownMoment } = this.#session
    const hello = accepted.value
    if (hello.actor !== peer.actor || hello.process !== process)
      return void this.#fail('no-session', 'another process answers at the address of the peer')
    this.#state = 'attaching'
    const { actor, process: ownProcess } = this.#desk
    const word = { actor, process: ownProcess, moment: ownMoment, serial: this.#serial }
    this.#connection?.send(attachFrame(word))
  }

  #attached(): void {
    const connection = this.#connection
    if (connection === undefined) return
    this.#finish()
    this.#events.attached(connection)
  }

  #refusedByPeer(payload: Uint8Array): void {
    const decoded = decodeRefusal(payload)
    if (!decoded.ok) this.#fail('not-patina', 'a malformed refusal')
    else if (decoded.value.reason === 'duplicate') this.#fail('not-patina', 'a refusal out of place')
    else this.#fail(decoded.value.reason, decoded.value.detail)
  }

  #fail(reason: StreamRefusal, detail: string): void {
    if (this.#state === 'done') return
    this.#finish()
    this.#connection?.destroy(detail)
    this.#desk.refused(this.#session.peer.address, reason, `${detail} (connection for the backlog)`)
    this.#events.failed()
  }

  #finish(): void {
    this.#state = 'done'
    clearTimeout(this.#timer)
  }
}
