/**
 * Session: a connection after its handshake. Owns the outgoing lanes, back-pressure, the joining of incoming frames,
 * pings, the idle timeout and the goodbye. Its end is told once. Does not know other sessions of the pair.
 */
import { type DecodeError, type Lane, unreachable } from '@patina/base'
import { type Frame, MessageJoiner } from '../framing.ts'
import type { Hello } from '../hello.ts'
import { LaneQueues } from '../lane-queues.ts'
import { limits } from '../limits.ts'
import type { Peer } from '../transport.ts'
import type { Connection } from './connection.ts'
import { goodbyeFrame } from './handshake-frames.ts'
import type { Footing } from './rendezvous.ts'

export interface SessionEvents {
  messageReceived(session: Session, lane: Lane, message: Uint8Array): void
  closed(session: Session, how: { readonly goodbye: boolean; readonly reason: string }): void
}

/** Times that tests shorten. */
export interface SessionTimes {
  readonly sessionIdleMs: number
  readonly goodbyeTimeoutMs: number
}

/** Looks per idle period; dead after as many without a byte, a ping at every other one. */
const LOOKS_PER_IDLE = 4
const LOOKS_PER_PING = 2

type State = 'open' | 'leaving' | 'closed'

export class Session implements Footing {
  readonly peer: Peer
  readonly process: string
  readonly moment: number
  readonly #connection: Connection
  readonly #events: SessionEvents
  readonly #times: SessionTimes
  readonly #queues = new LaneQueues()
  readonly #joiner = new MessageJoiner()
  readonly #lookTimer: NodeJS.Timeout
  #leaveTimer: NodeJS.Timeout | undefined
  #state: State = 'open'
  #goodbyeSent = false
  #bytesReadAtLook: number
  /** Looks in a row without a byte. Counted, not timed: a loop that stood still sees its input before it judges. */
  #silentLooks = 0
  #looks = 0
  readonly gone: Promise<void>
  #resolveGone: () => void = () => {}

  /** `moment`: of the word of the peer on which the session rests. */
  constructor(
    connection: Connection,
    hello: Hello,
    moment: number,
    times: SessionTimes,
    events: SessionEvents,
  ) {
    this.peer = { actor: hello.actor, address: hello.address }
    this.process = hello.process
    this.moment = moment
    this.#connection = connection
    this.#times = times
    this.#events = events
    this.#bytesReadAtLook = connection.bytesRead
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve
    })
    this.#lookTimer = setInterval(() => this.#look(), times.sessionIdleMs / LOOKS_PER_IDLE).unref()
    connection.handOver({
      frameReceived: (frame) => this.#receive(frame),
      ended: (reason) => this.#ended(reason),
    })
  }

  send(lane: Lane, message: Uint8Array): boolean {
    if (this.#state !== 'open' || !this.#queues.push(lane, message)) return false
    this.#pump()
    return true
  }

  /** The session is over for both ends now; what is queued and the goodbye still go out, within a deadline. */
  leave(): void {
    if (this.#state !== 'open') return
    this.#state = 'leaving'
    this.#leaveTimer = setTimeout(
      () => this.#connection.destroy('the peer took no goodbye'),
      this.#times.goodbyeTimeoutMs,
    )
    this.#pump()
    this.#events.closed(this, { goodbye: true, reason: 'this node ended it' })
  }

  /** Ends the session as broken. */
  abandon(reason: string): void {
    this.#connection.destroy(reason)
  }

  /** Hands frames to the socket while it takes them; goes on when the kernel has taken some. */
  #pump(): void {
    if (this.#goodbyeSent || this.#state === 'closed') return
    this.#connection.together(() => {
      while (this.#connection.unflushedBytes < limits.socketBufferBytesMax) {
        const frame = this.#queues.shiftFrame()
        if (frame === undefined) break
        this.#connection.send(frame, this.#flushed)
      }
      if (this.#state === 'leaving' && this.#queues.isEmpty) this.#sayGoodbye()
    })
  }

  readonly #flushed = (): void => {
    if (!this.#queues.isEmpty || this.#state === 'leaving') this.#pump()
  }

  #sayGoodbye(): void {
    this.#goodbyeSent = true
    this.#connection.send(goodbyeFrame())
    this.#connection.close('this node ended it')
  }

  #receive(frame: Frame): void {
    if (this.#state !== 'open') return
    switch (frame.kind) {
      case 'whole':
      case 'first':
      case 'next':
        this.#join(frame)
        break
      case 'goodbye':
        this.#close({ goodbye: true, reason: 'the peer ended it' })
        this.#connection.close('the peer ended it')
        break
      case 'hello':
      case 'welcome':
      case 'refusal':
        this.#connection.destroy(`malformed: ${frame.kind} inside a session`)
        break
      default:
        unreachable(frame.kind)
    }
  }

  #join(frame: Frame): void {
    const joined = this.#joiner.add(frame)
    if (!joined.ok) this.#connection.destroy(`malformed: ${errorText(joined.error)}`)
    else if (joined.value !== undefined) this.#events.messageReceived(this, frame.lane, joined.value)
  }

  #look(): void {
    const { bytesRead } = this.#connection
    this.#silentLooks = bytesRead === this.#bytesReadAtLook ? this.#silentLooks + 1 : 0
    this.#bytesReadAtLook = bytesRead
    this.#looks += 1
    if (this.#silentLooks >= LOOKS_PER_IDLE)
      this.#connection.destroy(`no byte from the peer for ${this.#times.sessionIdleMs} ms`)
    else if (this.#looks % LOOKS_PER_PING === 0) this.#connection.ping()
  }

  #ended(reason: string): void {
    clearInterval(this.#lookTimer)
    clearTimeout(this.#leaveTimer)
    this.#close({ goodbye: false, reason })
    this.#resolveGone()
  }

  #close(how: { readonly goodbye: boolean; readonly reason: string }): void {
    const before = this.#state
    this.#state = 'closed'
    if (before === 'open') this.#events.closed(this, how)
  }
}

function errorText(error: DecodeError): string {
  return error.kind === 'truncated' ? error.kind : error.what
}
