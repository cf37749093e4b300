/**
 * Session: a pair of nodes after its handshake. Owns the main connection, the outgoing lanes and their way
 * (backlog-outlet.ts), back-pressure, the joining of incoming frames and the goodbye. Its end is told once. Does not
 * know other sessions of the pair.
 */
import { type DecodeError, type Lane, unreachable } from '@patina/base'
import { type Frame, laneOfFrame, MessageJoiner } from '../framing.ts'
import { CAPABILITY } from '../hello.ts'
import { LaneQueues } from '../lane-queues.ts'
import { limits } from '../limits.ts'
import type { Traffic } from '../traffic.ts'
import type { Peer, SendOrder } from '../transport.ts'
import type { Attach, AttachEvents } from './attach.ts'
import { BacklogInlet } from './backlog-inlet.ts'
import { BacklogOutlet, type BacklogTimes } from './backlog-outlet.ts'
import type { Connection } from './connection.ts'
import type { Agreed } from './desk.ts'
import { decodeSwitch, goodbyeFrame, switchFrame } from './handshake-frames.ts'
import type { Footing } from './rendezvous.ts'
import { SilenceWatch } from './silence.ts'

export interface SessionEvents {
  readonly traffic: Traffic
  /** False where nothing is to be packed, whatever peers can do. */
  readonly packs: boolean
  messageReceived(session: Session, lane: Lane, message: Uint8Array): void
  closed(session: Session, how: { readonly goodbye: boolean; readonly reason: string }): void
  dialBacklog(session: Session, serial: number, events: AttachEvents): Attach
}

/** Times that tests shorten. */
export type SessionTimes = BacklogTimes

type State = 'open' | 'leaving' | 'closed'

export class Session implements Footing {
  readonly peer: Peer
  readonly process: string
  readonly moment: number
  readonly ownMoment: number
  /** Of the peer, in milliseconds since 1970; undefined without TLS. */
  readonly certificateExpiresAtMs: number | undefined
  readonly #connection: Connection
  readonly #events: SessionEvents
  readonly #times: SessionTimes
  readonly #queues = new LaneQueues()
  readonly #joiner = new MessageJoiner()
  readonly #silence: SilenceWatch
  readonly #outlet: BacklogOutlet
  /** The connection by which the peer sends its backlog; at most one. */
  #inlet: BacklogInlet | undefined
  #leaveTimer: NodeJS.Timeout | undefined
  #state: State = 'open'
  #goodbyeSent = false
  readonly gone: Promise<void>
  #resolveGone: () => void = () => {}

  constructor({ connection, hello, moment, ownMoment }: Agreed, times: SessionTimes, events: SessionEvents) {
    this.peer = { actor: hello.actor, address: hello.address }
    this.process = hello.process
    this.moment = moment
    this.ownMoment = ownMoment
    this.certificateExpiresAtMs = connection.certificateExpiresAtMs()
    this.#connection = connection
    this.#times = times
    this.#events = events
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve
    })
    this.#silence = new SilenceWatch(connection, times.sessionIdleMs)
    const canAttach = hello.capabilities.includes(CAPABILITY.backlogConnection)
    this.#outlet = new BacklogOutlet({
      queues: this.#queues,
      times,
      packs: events.packs && hello.capabilities.includes(CAPABILITY.zstd),
      traffic: events.traffic,
      dial: canAttach ? (serial, told) => events.dialBacklog(this, serial, told) : undefined,
      switchTo: (serial) => connection.send(switchFrame(serial)),
      changed: this.#flushed,
    })
    connection.handOver({
      frameReceived: (frame) => this.#receive(frame),
      ended: (reason) => this.#ended(reason),
    })
  }

  send(lane: Lane, message: Uint8Array, order?: SendOrder): boolean {
    if (this.#state !== 'open' || !this.#queues.push(lane, message, order)) return false
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
    this.#outlet.leave()
    this.#pump()
    this.#events.closed(this, { goodbye: true, reason: 'this node ended it' })
  }

  /** Ends the session as broken. */
  abandon(reason: string): void {
    this.#connection.destroy(reason)
  }

  /** From its switch on, the peer's backlog comes by this connection, of which it is the how-manieth. */
  takeBacklogFrom(connection: Connection, serial: number): void {
    this.#inlet?.destroy('the peer has opened another')
    const messageReceived = (message: Uint8Array): void => {
      if (this.#state === 'open') this.#events.messageReceived(this, 'backlog', message)
    }
    this.#inlet = new BacklogInlet({ connection, serial, traffic: this.#events.traffic, messageReceived })
  }

  /** Hands frames to the sockets while they take them; goes on when the kernel has taken some. */
  #pump(): void {
    if (this.#goodbyeSent || this.#state === 'closed') return
    this.#outlet.pump()
    this.#connection.together(() => {
      const choice = this.#outlet.usesMain ? 'all' : 'urgent'
      while (this.#connection.unflushedBytes < limits.socketBufferBytesMax) {
        const frame = this.#queues.shiftFrame(choice)
        if (frame === undefined) break
        this.#events.traffic.sent(laneOfFrame(frame), frame.length, frame.length)
        this.#connection.send(frame, this.#flushed)
      }
      // The backlog first: after a goodbye here the peer reads nothing more of it.
      if (this.#state === 'leaving' && this.#queues.isEmpty && this.#outlet.isGone) this.#sayGoodbye()
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
      case 'switch':
        this.#receiveSwitch(frame.payload)
        break
      case 'goodbye':
        this.#close({ goodbye: true, reason: 'the peer ended it' })
        this.#connection.close('the peer ended it')
        break
      case 'hello':
      case 'welcome':
      case 'refusal':
      case 'attach':
      case 'packed':
        this.#connection.destroy(`malformed: ${frame.kind} inside a session`)
        break
      default:
        unreachable(frame.kind)
    }
  }

  #join(frame: Frame): void {
    // The lane is back: what its own connection still holds is older, and lost.
    if (frame.lane === 'backlog' && this.#inlet?.hasBegun) this.#inlet.destroy('the lane has left it')
    this.#events.traffic.received(frame.lane, frame.payload.length, frame.payload.length)
    const joined = this.#joiner.add(frame)
    if (!joined.ok) this.#connection.destroy(`malformed: ${errorText(joined.error)}`)
    else if (joined.value !== undefined) this.#events.messageReceived(this, frame.lane, joined.value)
  }

  #receiveSwitch(payload: Uint8Array): void {
    const serial = decodeSwitch(payload)
    if (!serial.ok) {
      this.#connection.destroy('malformed: switch')
      return
    }
    this.#joiner.drop('backlog')
    this.#inlet?.begin(serial.value)
  }

  #ended(reason: string): void {
    clearTimeout(this.#leaveTimer)
    this.#close({ goodbye: false, reason })
    this.#resolveGone()
  }

  #close(how: { readonly goodbye: boolean; readonly reason: string }): void {
    const before = this.#state
    this.#state = 'closed'
    this.#silence.stop()
    this.#outlet.destroy(how.reason)
    this.#inlet?.destroy(how.reason)
    if (before === 'open') this.#events.closed(this, how)
  }
}

function errorText(error: DecodeError): string {
  return error.kind === 'truncated' ? error.kind : error.what
}
