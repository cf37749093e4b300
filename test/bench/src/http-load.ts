/**
 * HttpLoad: keep-alive HTTP connections that each send a request, wait for its answer and send the next. Cheap on
 * purpose, because it shares the cores with the agent: requests are ready bytes, answers are read only as far as needed
 * to find their status and their end. Not a general client: no redirects, no trailers, no answers without a length.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HOST = '127.0.0.1'
const HEAD_END = Buffer.from('\r\n\r\n')
const CHUNKED_END = Buffer.from('0\r\n\r\n')
const STATUS_AT = 'HTTP/1.1 '.length

/** Bytes of a POST with a JSON body. */
export function requestBytes(path: string, body: unknown): Buffer {
  const text = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${HOST}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)
}

/** One connection, one request at a time. */
export class HttpConnection {
  readonly #socket: Socket
  readonly #answer = new AnswerReader()
  #resolve: () => void = () => {}
  #reject: (cause: Error) => void = () => {}

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect({ host: HOST, port, noDelay: true })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (part: Buffer) => this.#receive(part))
    socket.on('close', () => this.#reject(new Error('the connection was closed')))
    socket.on('error', (cause) => this.#reject(cause))
  }

  /** Settles at the last byte of the answer; rejects where its status is not 200. */
  send(request: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(part: Buffer): void {
    const status = this.#answer.add(part)
    if (status === 200) this.#resolve()
    else if (status !== undefined) this.#reject(new Error(`answered with status ${status}`))
  }
}

/** Finds the end of one answer after the other. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0)

  /** Status of the answer that this part completes. */
  add(part: Buffer): number | undefined {
    this.#bytes = this.#bytes.length === 0 ? part : Buffer.concat([this.#bytes, part])
    const headEnd = this.#bytes.indexOf(HEAD_END)
    if (headEnd < 0) return undefined
    const bodyAt = headEnd + HEAD_END.length
    const head = this.#bytes.toString('latin1', 0, bodyAt).toLowerCase()
    if (!this.#isComplete(head, bodyAt)) return undefined
    this.#bytes = Buffer.alloc(0)
    return Number(head.slice(STATUS_AT, STATUS_AT + 3))
  }

  #isComplete(head: string, bodyAt: number): boolean {
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    if (length !== undefined) return this.#bytes.length >= bodyAt + Number(length)
    const tail = this.#bytes.subarray(-CHUNKED_END.length)
    return this.#bytes.length >= bodyAt + CHUNKED_END.length && tail.equals(CHUNKED_END)
  }
}
