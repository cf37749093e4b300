/**
 * Dial: one attempt at a session, from the TCP connection (outgoing.ts) to the welcome (rendezvous.ts has the steps).
 * Ends exactly once: with a session, with a refusal told to the desk, or quietly because another connection of the pair
 * stands. Each phase has a deadline.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { Frame } from '../framing.ts'
import { acceptHello, type Hello } from '../hello.ts'
import type { StreamRefusal } from '../transport.ts'
import type { Connection } from './connection.ts'
import type { Desk } from './desk.ts'
import {
  decodeRefusal,
  decodeWelcome,
  helloFrame,
  type RefusalReason,
  refusalFrame,
} from './handshake-frames.ts'
import { Outgoing } from './outgoing.ts'
import { onHelloOfDialled, onWelcome } from './rendezvous.ts'

/**
 * opening: TCP, TLS, HTTP · greeting: their hello is awaited · committed: their welcome · yielded: the other connection
 * of the pair is to stand, and is awaited · done
 */
type Phase = 'opening' | 'greeting' | 'committed' | 'yielded' | 'done'

export class Dial {
  readonly to: PeerAddress
  readonly #desk: Desk
  readonly #finished: (dial: Dial) => void
  readonly #outgoing: Outgoing
  #connection: Connection | undefined
  #phase: Phase = 'opening'
  #timer: NodeJS.Timeout | undefined
  #hello: Hello | undefined
  /** Of our hello, on which the peer's end of the session rests. */
  #ownMoment = 0

  /** `finished` is called when the attempt has ended, before the desk hears of its outcome. */
  constructor(to: PeerAddress, desk: Desk, finished: (dial: Dial) => void) {
    this.to = to
    this.#desk = desk
    this.#finished = finished
    this.#outgoing = new Outgoing(to, desk, {
      opened: (connection) => this.#opened(connection),
      failed: (reason, detail) => this.#fail(reason, detail),
      frameReceived: (frame) => this.#receive(frame),
      ended: (reason) => this.#ended(reason),
    })
  }

  /** The peer that a welcome is awaited from. */
  get committedTo(): ActorId | undefined {
    return this.#phase === 'committed' ? this.#hello?.actor : undefined
  }

  /** A session with this peer stands: whoever waited for it is content. */
  sessionOpened(actor: ActorId): void {
    if (this.#phase === 'yielded' && this.#hello?.actor === actor) this.#finish()
  }

  /** Ends the attempt without an outcome: the transport closes. */
  abort(): void {
    this.#finish()
    this.#discard('this node closes')
  }

  #opened(connection: Connection): void {
    this.#connection = connection
    this.#phase = 'greeting'
    this.#rearm('hello-timeout', 'no hello from the peer in time')
  }

  #receive(frame: Frame): void {
    if (this.#phase === 'yielded' || this.#phase === 'done') return
    if (frame.kind === 'refusal') this.#refusedByPeer(frame.payload)
    else if (frame.kind === 'hello' && this.#phase === 'greeting') this.#receiveHello(frame.payload)
    else if (frame.kind === 'welcome' && this.#phase === 'committed') this.#receiveWelcome(frame.payload)
    else this.#refuse('not-patina', `an unexpected ${frame.kind}`)
  }

  #receiveHello(payload: Uint8Array): void {
    const accepted = acceptHello(payload, this.#desk)
    if (!accepted.ok) return void this.#refuse(accepted.error.reason, accepted.error.detail)
    const hello = accepted.value
    this.#hello = hello
    const { actor } = hello
    const session = this.#desk.session(actor)
    if (onHelloOfDialled(hello.process, session, this.#desk.isCommitted(actor)) === 'duplicate') {
      this.#yield()
      return
    }
    this.#phase = 'committed'
    const ours = this.#desk.ourHello()
    this.#ownMoment = ours.moment
    this.#connection?.send(helloFrame(ours))
  }

  #receiveWelcome(payload: Uint8Array): void {
    const decoded = decodeWelcome(payload)
    const [hello, connection] = [this.#hello, this.#connection]
    if (!decoded.ok || hello === undefined || connection === undefined)
      return void this.#refuse('not-patina', 'a malformed welcome')
    const moment = decoded.value
    const word = { process: hello.process, moment }
    if (onWelcome(word, this.#desk.session(hello.actor)) === 'duplicate') return void this.#yield()
    this.#finish()
    this.#desk.admit({ connection, hello, moment, ownMoment: this.#ownMoment })
  }

  /** Leaves the pair to its other connection, and waits for that one where it does not stand yet. */
  #yield(): void {
    this.#phase = 'yielded'
    this.#discard('another connection of the pair stands', 'duplicate')
    if (this.#hello !== undefined && this.#desk.session(this.#hello.actor) !== undefined) this.#finish()
    else this.#rearm('unreachable', 'the connection that the peer preferred did not come about')
  }

  #refusedByPeer(payload: Uint8Array): void {
    const decoded = decodeRefusal(payload)
    if (!decoded.ok) this.#fail('not-patina', 'a malformed refusal')
    else if (decoded.value.reason !== 'duplicate') this.#fail(decoded.value.reason, decoded.value.detail)
    else if (this.#hello === undefined) this.#fail('not-patina', 'a refusal before a hello')
    else this.#yield()
  }

  /** Refuses what the peer said, and tells it why. */
  #refuse(reason: StreamRefusal, detail: string): void {
    this.#connection?.send(refusalFrame({ reason, detail }))
    this.#fail(reason, detail)
  }

  #ended(reason: string): void {
    // Yielded or done: the end of this connection is what was asked for.
    if (this.#phase === 'greeting' || this.#phase === 'committed')
      this.#fail('not-patina', `${reason}, before the handshake was complete`)
  }

  #fail(reason: StreamRefusal, detail: string): void {
    if (this.#phase === 'done') return
    this.#finish()
    this.#discard(detail)
    this.#desk.refused(this.to, reason, detail)
  }

  #finish(): void {
    if (this.#phase === 'done') return
    this.#phase = 'done'
    clearTimeout(this.#timer)
    this.#finished(this)
  }

  /** Lets a refusal that was sent reach the peer; the closing handshake has a deadline. */
  #discard(reason: string, refusal?: RefusalReason): void {
    this.#outgoing.abort()
    if (refusal !== undefined) this.#connection?.send(refusalFrame({ reason: refusal, detail: reason }))
    this.#connection?.close(reason)
  }

  #rearm(reason: StreamRefusal, detail: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#fail(reason, detail), this.#desk.times.helloTimeoutMs)
  }
}
