/**
 * Connection: one WebSocket, as frames in and frames out. Owns the socket's events and its end, which is told once with
 * a reason. Knows nothing of hellos, sessions or lanes.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PeerAddress } from '@patina/base'
import type { RawData, WebSocket } from 'ws'
import { decodeFrame, type Frame } from '../framing.ts'
import { remotePeerAddress } from '../socket-address.ts'

export interface ConnectionEvents {
  frameReceived(frame: Frame): void
  /** Once, when nothing more can come or go. */
  ended(reason: string): void
}

export class Connection {
  readonly remote: PeerAddress | undefined
  readonly #socket: Socket
  readonly #webSocket: WebSocket
  #events: ConnectionEvents
  #endReason: string | undefined
  #ended = false
  #unflushedBytes = 0

  constructor(webSocket: WebSocket, socket: Socket, events: ConnectionEvents) {
    this.remote = remotePeerAddress(socket.remoteAddress, socket.remotePort)
    this.#webSocket = webSocket
    this.#socket = socket
    this.#events = events
    webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    webSocket.on('error', (cause) => {
      this.#endReason ??= cause.message
    })
    webSocket.on('close', (code) => this.#end(`the connection broke (${code})`))
  }

  /** Hands the connection on: from the handshake to the session. */
  handOver(events: ConnectionEvents): void {
    this.#events = events
  }

  /** Bytes handed over that the kernel has not taken yet. */
  get unflushedBytes(): number {
    return this.#unflushedBytes
  }

  /** End of validity of the peer's certificate, in milliseconds since 1970; undefined without TLS. */
  certificateExpiresAtMs(): number | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined
    return this.#socket.getPeerX509Certificate()?.validToDate.getTime()
  }

  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Sends a frame; `flushed` is called when the kernel has it. After the end nothing is sent. */
  send(frame: Uint8Array, flushed?: () => void): void {
    if (this.#ended) return
    this.#unflushedBytes += frame.length
    this.#webSocket.send(frame, { binary: true }, (failure) => {
      this.#unflushedBytes -= frame.length
      // A failure is followed by the end of the connection, which is told there.
      if (failure === undefined || failure === null) flushed?.()
    })
  }

  /** Sends what `body` sends in as few system calls as possible. */
  together(body: () => void): void {
    this.#socket.cork()
    body()
    this.#socket.uncork()
  }

  ping(): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  /** Ends in order, after what was sent. */
  close(reason: string): void {
    this.#endReason ??= reason
    this.#webSocket.close()
  }

  /** Ends at once. */
  destroy(reason: string): void {
    this.#endReason ??= reason
    this.#webSocket.terminate()
    this.#end(reason)
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return
    const frame = decodeFrame(data as Buffer)
    if (isBinary && frame.ok) this.#events.frameReceived(frame.value)
    else this.destroy(`malformed: ${frame.ok ? 'a text frame' : frame.error.kind}`)
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#events.ended(this.#endReason ?? reason)
  }
}
