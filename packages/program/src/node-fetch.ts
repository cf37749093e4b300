/**
 * `fetch` for the command line, on node:http and node:https: the platform's own refuses ports that browsers refuse (6000, 10080, …) and
 * gives an answer up after five minutes of silence. One connection for each request; no redirects, which agents never send.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'

/** `ca`: who signs the certificates of https, as PEM, asked for at each request; undefined: the authorities of Node. */
export function fetchTrusting(ca: () => string | undefined): typeof globalThis.fetch {
  return (input, init = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const url = new URL(String(input))
    const options = {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      agent: false as const,
      ...(init.signal ? { signal: init.signal } : {}),
    }
    const outgoing =
      url.protocol === 'https:' ? requestHttps(url, { ...options, ca: ca() }) : requestHttp(url, options)
    outgoing.once('response', (answer) => resolve(asResponse(answer)))
    outgoing.once('error', reject)
    outgoing.end(init.body ?? undefined)
    return promise
  }
}

export const nodeFetch: typeof globalThis.fetch = fetchTrusting(() => undefined)

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
