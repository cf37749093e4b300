/** HTTP/1.1 by Node's client. */
import { Agent, type IncomingMessage, request as startRequest } from 'node:http'
import type { Request } from './exchange.ts'
import { ANSWER_DEADLINE_MS, headersOf, type Wire, type WireAnswer } from './wire.ts'

export class Http1Wire implements Wire {
  readonly name = 'HTTP/1.1'
  readonly #port: number
  readonly #connections = new Agent({ keepAlive: true })

  constructor(port: number) {
    this.#port = port
  }

  send(request: Request): Promise<WireAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
    const outgoing = startRequest(
      {
        host: '127.0.0.1',
        port: this.#port,
        method: request.method,
        path: request.path,
        headers: headersOf(request),
        agent: this.#connections,
        signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
      },
      (message) => resolve(answerOf(message)),
    )
    outgoing.on('error', reject)
    outgoing.end(request.body)
    return promise
  }

  async close(): Promise<void> {
    this.#connections.destroy()
  }
}

function answerOf(message: IncomingMessage): WireAnswer {
  return {
    status: message.statusCode as number,
    headers: message.headers as WireAnswer['headers'],
    body: message,
    cancel: () => void message.destroy(),
  }
}
