/**
 * Dial: one outgoing attempt, from the TCP connection to the welcome (rendezvous.ts has the steps). Ends exactly once:
 * with a session, with a refusal told to the desk, or quietly because another connection of the pair stands. Each phase
 * has a deadline, and the phase in which an attempt fails gives the reason its kind.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type ActorId, type PeerAddress, splitPeerAddress } from '@patina/base'
import { WebSocket } from 'ws'
import type { Frame } from '../framing.ts'
import { acceptHello, type Hello } from '../hello.ts'
import { limits } from '../limits.ts'
import type { StreamRefusal } from '../transport.ts'
import { Connection } from './connection.ts'
import type { Desk, StreamSecurity } from './desk.ts'
import {
  decodeRefusal,
  decodeWelcome,
  helloFrame,
  type RefusalReason,
  refusalFrame,
} from './handshake-frames.ts'
import { onHelloOfDialled, onWelcome } from './rendezvous.ts'

/**
 * connecting: TCP · securing: TLS · upgrading: HTTP · greeting: their hello is awaited · committed: their welcome ·
 * yielded: the other connection of the pair is to stand, and is awaited · done
 */
type Phase = 'connecting' | 'securing' | 'upgrading' | 'greeting' | 'committed' | 'yielded' | 'done'

/** Path of the upgrade; others are not ours. */
export const UPGRADE_PATH = '/patina'

export class Dial {
  readonly to: PeerAddress
  readonly #desk: Desk
  readonly #finished: (dial: Dial) => void
  readonly #webSocket: WebSocket
  #socket: Socket | undefined
  #connection: Connection | undefined
  #phase: Phase = 'connecting'
  #timer: NodeJS.Timeout
  #hello: Hello | undefined

  /** `finished` is called when the attempt has ended, before the desk hears of its outcome. */
  constructor(to: PeerAddress, desk: Desk, finished: (dial: Dial) => void) {
    this.to = to
    this.#desk = desk
    this.#finished = finished
    this.#timer = this.#deadline(desk.times.connectTimeoutMs, 'unreachable', 'no connection in time')
    this.#webSocket = this.#openWebSocket()
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

  #openWebSocket(): WebSocket {
    const scheme = this.#desk.security === 'plaintext' ? 'ws' : 'wss'
    const webSocket = new WebSocket(`${scheme}://${this.to}${UPGRADE_PATH}`, {
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      maxFragments: 1,
      closeTimeout: this.#desk.times.goodbyeTimeoutMs,
      createConnection: () => this.#openSocket(),
      // Masks guard proxies that do not know WebSocket; between two nodes they only cost a pass over each frame.
      generateMask: (mask: Buffer) => mask.fill(0),
    } as ConstructorParameters<typeof WebSocket>[2])
    webSocket.on('open', () => this.#upgraded())
    webSocket.on('error', (cause) => this.#failed(cause))
    webSocket.on('close', () => this.#failed(new Error('the connection was closed')))
    return webSocket
  }

  #openSocket(): Socket {
    const { host, port } = splitPeerAddress(this.to)
    const { security } = this.#desk
    const secure = security !== 'plaintext'
    const socket = secure ? connectTls(tlsOptions(security, host, port)) : connectTcp({ host, port })
    socket.setNoDelay(true)
    socket.once('connect', () => this.#enter(secure ? 'securing' : 'upgrading'))
    socket.once('secureConnect', () => this.#enter('upgrading'))
    this.#socket = socket
    return socket
  }

  #enter(phase: Phase): void {
    if (this.#phase !== 'done') this.#phase = phase
  }

  #upgraded(): void {
    if (this.#phase === 'done' || this.#socket === undefined) return
    this.#phase = 'greeting'
    this.#rearm(this.#desk.times.helloTimeoutMs, 'hello-timeout', 'no hello from the peer in time')
    this.#connection = new Connection(this.#webSocket, this.#socket, {
      frameReceived: (frame) => this.#receive(frame),
      ended: (reason) => this.#failed(new Error(reason)),
    })
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
    this.#connection?.send(helloFrame(this.#desk.ourHello()))
  }

  #receiveWelcome(payload: Uint8Array): void {
    const decoded = decodeWelcome(payload)
    const [hello, connection] = [this.#hello, this.#connection]
    if (!decoded.ok || hello === undefined || connection === undefined)
      return void this.#refuse('not-patina', 'a malformed welcome')
    const word = { process: hello.process, moment: decoded.value }
    if (onWelcome(word, this.#desk.session(hello.actor)) === 'duplicate') return void this.#yield()
    this.#finish()
    this.#desk.admit(connection, hello, decoded.value)
  }

  /** Leaves the pair to its other connection, and waits for that one where it does not stand yet. */
  #yield(): void {
    const { helloTimeoutMs } = this.#desk.times
    this.#phase = 'yielded'
    this.#discard('another connection of the pair stands', 'duplicate')
    if (this.#hello !== undefined && this.#desk.session(this.#hello.actor) !== undefined) this.#finish()
    else
      this.#rearm(helloTimeoutMs, 'unreachable', 'the connection that the peer preferred did not come about')
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

  #failed(cause: Error): void {
    const { code } = cause as NodeJS.ErrnoException
    const detail =
      code === undefined || cause.message.includes(code) ? cause.message : `${code}: ${cause.message}`
    switch (this.#phase) {
      case 'connecting':
        this.#fail('unreachable', detail)
        break
      case 'securing':
        this.#fail('tls', detail)
        break
      case 'upgrading':
        this.#failUpgrade(code, detail)
        break
      case 'greeting':
      case 'committed':
        this.#fail('not-patina', `${detail}, before the handshake was complete`)
        break
      default:
      // Yielded or done: the end of this connection is what was asked for.
    }
  }

  /** With TLS 1.3 the server looks at our certificate after our own handshake is complete, and then hangs up. */
  #failUpgrade(code: string | undefined, detail: string): void {
    const hungUp = code === 'ECONNRESET' || code === 'EPIPE' || code?.startsWith('ERR_SSL') === true
    if (this.#desk.security !== 'plaintext' && hungUp)
      this.#fail(
        'tls',
        `the peer hung up after TLS, so it did not accept this node's certificate (${detail})`,
      )
    else this.#fail('not-patina', detail)
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
    if (refusal !== undefined) this.#connection?.send(refusalFrame({ reason: refusal, detail: reason }))
    if (this.#connection === undefined) this.#webSocket.terminate()
    else this.#connection.close(reason)
  }

  #rearm(afterMs: number, reason: StreamRefusal, detail: string): void {
    clearTimeout(this.#timer)
    this.#timer = this.#deadline(afterMs, reason, detail)
  }

  #deadline(afterMs: number, reason: StreamRefusal, detail: string): NodeJS.Timeout {
    return setTimeout(() => this.#fail(reason, detail), afterMs)
  }
}

/** The certificate must cover the dialled IP: with an empty server name Node compares with `host`. */
function tlsOptions(
  security: Exclude<StreamSecurity, 'plaintext'>,
  host: string,
  port: number,
): ConnectionOptions {
  return {
    host,
    port,
    servername: '',
    minVersion: 'TLSv1.3',
    ca: security.caPem,
    cert: security.certificatePem,
    key: security.keyPem,
  }
}
