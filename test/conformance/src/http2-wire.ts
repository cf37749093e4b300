/** Cleartext HTTP/2 with prior knowledge, as the original's own clients speak it, by Node's client; one session. */
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Request } from './exchange.ts'
import { ANSWER_DEADLINE_MS, headersOf, type Wire, type WireAnswer } from './wire.ts'

export class Http2Wire implements Wire {
  readonly name = 'HTTP/2'
  readonly #session: ClientHttp2Session

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`)
  }

  send(request: Request): Promise<WireAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
    const { host, ...headers } = headersOf(request)
    const stream = this.#session.request(
      {
        ...headers,
        ...(host === undefined ? {} : { ':authority': host }),
        ':method': request.method,
        ':path': request.path,
      },
      { endStream: request.body === undefined, signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) },
    )
    stream.on('error', reject)
    stream.on('response', ({ ':status': status, ...answered }) =>
      resolve({
        status: status as number,
        headers: answered as WireAnswer['headers'],
        body: stream,
        cancel: () => stream.close(constants.NGHTTP2_CANCEL),
      }),
    )
    if (request.body !== undefined) stream.end(request.body)
    return promise
  }

  async close(): Promise<void> {
    this.#session.destroy()
  }
}
