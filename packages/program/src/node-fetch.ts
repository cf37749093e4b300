/**
 * `fetch` for the command line, on node:http: the platform's own refuses ports that browsers refuse (6000, 10080, …) and
 * gives an answer up after five minutes of silence. One connection for each request; no redirects, which agents never send.
 */
import { type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'

export const nodeFetch: typeof globalThis.fetch = (input, init = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const outgoing = request(String(input), {
    method: init.method ?? 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    agent: false,
    ...(init.signal ? { signal: init.signal } : {}),
  })
  outgoing.once('response', (answer) => resolve(asResponse(answer)))
  outgoing.once('error', reject)
  outgoing.end(init.body ?? undefined)
  return promise
}

function asResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 500 } = answer
  const hasNoBody = status === 204 || status === 205 || status === 304
  const body = hasNoBody ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers: headersOf(answer) })
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  return headers
}
