/**
 * BacklogOutlet: how one end of a session sends its backlog lane: by a connection of its own, because bytes that lie in
 * kernel buffers cannot be overtaken. The sender alone dials it, when there is backlog, and closes it when it was idle.
 * Where that is not to be had (an older peer, a dial that failed, a connection that broke) the lane goes by the main
 * connection, for a while. What a broken connection had taken is lost, and repaired by anti-entropy; nothing is
 * reordered or doubled (docs/protocol.md, "The backlog's connection").
 */
import type { LaneQueues } from '../lane-queues.ts'
import { limits } from '../limits.ts'
import { FramePacker } from '../packing.ts'
import type { Traffic } from '../traffic.ts'
import type { Attach, AttachEvents } from './attach.ts'
import type { Connection } from './connection.ts'
import { goodbyeFrame } from './handshake-frames.ts'
import { SilenceWatch } from './silence.ts'

/** Times that tests shorten. */
export interface BacklogTimes {
  readonly backlogIdleMs: number
  readonly backlogRetryMs: number
  readonly backlogRetryMaxMs: number
  readonly sessionIdleMs: number
  readonly goodbyeTimeoutMs: number
}

/** 2^16 times any first pause is above every maximum. */
const DOUBLINGS_MAX = 16

export interface BacklogOutletOptions {
  readonly queues: LaneQueues
  readonly times: BacklogTimes
  /** Dials; undefined where the peer does not know such connections. */
  readonly dial: ((serial: number, events: AttachEvents) => Attach) | undefined
  /** True where the peer takes packed frames. */
  readonly packs: boolean
  readonly traffic: Traffic
  /** Tells the peer, on the main connection, that the lane goes on in connection `serial`. */
  readonly switchTo: (serial: number) => void
  /** There is room for more, or the lane has changed its way. */
  readonly changed: () => void
}

interface Carrier {
  readonly connection: Connection
  readonly packer: FramePacker | undefined
  readonly silence: SilenceWatch
  readonly idle: NodeJS.Timeout
}

/** main: the lane goes by the main connection; with a timer for a while, else for good. `onMain`: until the dial is done. */
type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'dialling'; readonly attach: Attach; readonly onMain: boolean }
  | ({ readonly kind: 'open' | 'closing' } & Carrier)
  | { readonly kind: 'main'; readonly retry: NodeJS.Timeout | undefined }

export class BacklogOutlet {
  readonly #options: BacklogOutletOptions
  #state: State
  #serial = 0
  /** Attempts and connections that failed since one was closed in order. */
  #failures = 0
  /** Handed over in this turn of the event loop. */
  #turnBytes = 0
  /** Since the last look. */
  #carried = false
  #leaving = false

  constructor(options: BacklogOutletOptions) {
    this.#options = options
    this.#state = options.dial === undefined ? { kind: 'main', retry: undefined } : { kind: 'none' }
  }

  /** True where the main connection carries the lane now. */
  get usesMain(): boolean {
    return this.#state.kind === 'main' || (this.#state.kind === 'dialling' && this.#state.onMain)
  }

  /** True where nothing stands or is being built beside the main connection. */
  get isGone(): boolean {
    return this.#state.kind === 'main' || this.#state.kind === 'none'
  }

  /** Hands what is queued to the connection of the lane, which is dialled where there is none. */
  pump(): void {
    const { queues } = this.#options
    if (this.#state.kind === 'none' && queues.hasBacklog) this.#dial()
    if (this.#state.kind !== 'open') return
    this.#carried ||= queues.hasBacklog
    this.#handOver(this.#state)
    if (this.#leaving && !queues.hasBacklog) this.#close()
  }

  /** A kernel that takes all at once would keep the loop here: what is urgent comes and goes between two turns. */
  #handOver({ connection, packer }: Carrier): void {
    const before = this.#turnBytes
    connection.together(() => {
      while (
        connection.unflushedBytes < limits.socketBufferBytesMax &&
        this.#turnBytes < limits.backlogTurnBytes
      ) {
        const frame = this.#options.queues.shiftFrame('backlog')
        if (frame === undefined) break
        this.#turnBytes += frame.length
        const sent = packer?.pack(frame) ?? frame
        this.#options.traffic.sent('backlog', frame.length, sent.length)
        connection.send(sent, this.#options.changed)
      }
    })
    if (before > 0 || this.#turnBytes === 0) return
    setImmediate(() => {
      this.#turnBytes = 0
      this.#options.changed()
    })
  }

  /** The session ends when all is sent: the connection is emptied and closed, and none is dialled any more. */
  leave(): void {
    this.#leaving = true
    if (this.#state.kind === 'none') this.#useMain(undefined)
    else if (this.#state.kind === 'dialling') this.#leaveInTime(this.#state.attach)
    else this.pump()
  }

  /** A dial that takes its time must not cost the goodbye. */
  #leaveInTime(attach: Attach): void {
    setTimeout(() => {
      if (this.#state.kind !== 'dialling') return
      attach.abort()
      this.#useMain(undefined)
      this.#options.changed()
    }, this.#options.times.goodbyeTimeoutMs / 2).unref()
  }

  /** The session is over. */
  destroy(reason: string): void {
    const state = this.#state
    this.#useMain(undefined)
    if (state.kind === 'dialling') state.attach.abort()
    if (state.kind === 'open' || state.kind === 'closing') state.connection.destroy(reason)
  }

  #dial(): void {
    const { dial } = this.#options
    if (dial === undefined) return
    this.#serial += 1
    const attach = dial(this.#serial, {
      attached: (connection) => this.#attached(connection),
      failed: () => this.#rest(),
    })
    // Whoever could not be reached before may be so again: the lane does not wait for it.
    this.#state = { kind: 'dialling', attach, onMain: this.#failures > 0 }
  }

  #attached(connection: Connection): void {
    const { queues, switchTo, changed, times } = this.#options
    this.#state = {
      kind: 'open',
      connection,
      packer: this.#options.packs ? new FramePacker() : undefined,
      silence: new SilenceWatch(connection, times.sessionIdleMs),
      idle: setInterval(() => this.#look(), times.backlogIdleMs).unref(),
    }
    connection.handOver({
      frameReceived: (frame) => connection.destroy(`malformed: ${frame.kind} from who takes backlog`),
      ended: () => this.#ended(connection),
    })
    // A message that was begun on the main connection is begun anew here; the peer drops its part at the switch.
    queues.restart('backlog')
    switchTo(this.#serial)
    changed()
  }

  #look(): void {
    if (this.#state.kind !== 'open') return
    const isIdle = !this.#carried && this.#state.connection.unflushedBytes === 0
    this.#carried = false
    if (isIdle) this.#close()
  }

  /** Closed when the peer has answered, so when it has read all; only then may another connection follow. */
  #close(): void {
    if (this.#state.kind !== 'open') return
    const { connection } = this.#state
    this.#state = { ...this.#state, kind: 'closing' }
    connection.send(goodbyeFrame())
    connection.close('idle')
  }

  #ended(connection: Connection): void {
    const state = this.#state
    if ((state.kind !== 'open' && state.kind !== 'closing') || state.connection !== connection) return
    if (state.kind === 'open') {
      this.#rest()
      return
    }
    this.#stop(state)
    this.#failures = 0
    this.#state = this.#leaving ? { kind: 'main', retry: undefined } : { kind: 'none' }
    this.#options.changed()
  }

  /** Leaves the lane to the main connection for a while. */
  #rest(): void {
    const { times, changed } = this.#options
    const retry = (): void => {
      this.#state = { kind: 'none' }
      changed()
    }
    const pauseMs = Math.min(times.backlogRetryMaxMs, times.backlogRetryMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, DOUBLINGS_MAX)
    this.#useMain(this.#leaving ? undefined : setTimeout(retry, pauseMs).unref())
    changed()
  }

  #useMain(retry: NodeJS.Timeout | undefined): void {
    const before = this.#state
    this.#state = { kind: 'main', retry }
    if (before.kind === 'main') clearTimeout(before.retry)
    if (before.kind !== 'open' && before.kind !== 'closing') return
    this.#stop(before)
    // What this connection had taken of the first message is gone with it.
    this.#options.queues.restart('backlog')
  }

  #stop({ silence, idle }: Carrier): void {
    silence.stop()
    clearInterval(idle)
  }
}
