/**
 * Answer: the body of one successful response, read with a bound on silence and on length. A body that breaks off, or from
 * which nothing comes for too long, is a ConnectionError; the caller's abort passes through as it is.
 */
import { ApiError, ConnectionError, type ConnectionTrouble, ProtocolError } from './error.ts'

/** An answer that is read as a whole: members, transactions. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024

/** Above 2^31 − 1 ms a timer fires at once; 24 days are no limit. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** What ends one request: the caller's signal, or our own patience. */
export interface Leash {
  readonly address: string
  /** Aborted by the caller. */
  readonly caller: AbortSignal | undefined
  /** Ends the request. */
  readonly controller: AbortController
}

export class Answer {
  readonly address: string
  readonly headers: Headers
  readonly #body: ReadableStream<Uint8Array> | null
  readonly #leash: Leash

  constructor(response: Response, leash: Leash) {
    this.address = leash.address
    this.headers = response.headers
    this.#body = response.body
    this.#leash = leash
  }

  /** The bytes as they come. `silenceMs` is asked before each wait; Infinity is no limit. Who stops early ends the request. */
  async *chunks(silenceMs: () => number): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = this.#body?.getReader()
    if (reader === undefined) return
    try {
      for (;;) {
        const { done, value } = await within(reader.read(), {
          ms: silenceMs(),
          leash: this.#leash,
          kind: 'broken',
        })
        if (done) return
        yield value
      }
    } catch (cause) {
      throw reasonOf(cause, this.#leash, 'broken')
    } finally {
      // Nothing where the body is complete; else the agent learns that nobody reads.
      reader.cancel().catch(() => {})
    }
  }

  /** The whole body as JSON. Throws ProtocolError where it is none or too long. */
  async json(silenceMs: number): Promise<unknown> {
    const text = await readText(
      this.chunks(() => silenceMs),
      TEXT_BYTES_MAX,
    )
    try {
      return JSON.parse(text)
    } catch {
      throw new ProtocolError(`the answer is not JSON: ${text.slice(0, 100)}`)
    }
  }
}

export interface Patience {
  readonly ms: number
  readonly leash: Leash
  readonly kind: ConnectionTrouble
}

/** The promise's value; the request is ended where it takes longer than `ms`. */
export async function within<T>(promise: Promise<T>, { ms, leash, kind }: Patience): Promise<T> {
  if (ms > TIMER_MS_MAX) return promise
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const silence = new ConnectionError(kind, leash.address, `nothing came for ${ms} ms`)
    leash.controller.abort(silence)
    late.reject(silence)
  }, ms)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What a failed fetch or read means: the caller's abort, our impatience, or the network. */
export function reasonOf(cause: unknown, leash: Leash, kind: 'unanswered' | 'broken'): unknown {
  if (leash.caller?.aborted) return leash.caller.reason
  const { signal } = leash.controller
  if (signal.aborted && signal.reason instanceof ConnectionError) return signal.reason
  if (cause instanceof ProtocolError || cause instanceof ApiError) return cause
  const inner = innermost(cause)
  const unreachable = kind === 'unanswered' && NOTHING_SENT.has(codeOf(inner))
  return new ConnectionError(
    unreachable ? 'unreachable' : kind,
    leash.address,
    inner.message || codeOf(inner),
    cause,
  )
}

/** Node's words for a connection that was never made. Browsers do not tell, so there nothing is proven. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** fetch hides the reason in its cause. */
function innermost(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause))
  return cause.cause instanceof Error ? cause.cause : cause
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** A refusing response as an error, whatever its body is. */
export async function refusalOf(response: Response, leash: Leash, silenceMs: number): Promise<ApiError> {
  const text = await readText(
    new Answer(response, leash).chunks(() => silenceMs),
    TEXT_BYTES_MAX,
  )
  const { sentence, code } = wordsOf(text)
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError(sentence ?? plainSentence(response.status, text), {
    status: response.status,
    code,
    retryAfterMs: retryAfter >= 0 ? 1_000 * retryAfter : undefined,
  })
}

interface Words {
  readonly sentence?: string | undefined
  readonly code?: string | undefined
}

/** `{"error", "code"}`, or the envelope of a transaction. Somebody else's server may answer anything. */
function wordsOf(text: string): Words {
  let body: { readonly error?: unknown; readonly code?: unknown; readonly results?: unknown } | null
  try {
    body = JSON.parse(text)
  } catch {
    return {}
  }
  if (typeof body !== 'object' || body === null) return {}
  const results: { readonly error?: unknown }[] = Array.isArray(body.results) ? body.results : []
  const sentence = [body.error, ...results.map((result) => result?.error)].find(
    (error) => typeof error === 'string',
  )
  return {
    sentence: sentence as string | undefined,
    code: typeof body.code === 'string' ? body.code : undefined,
  }
}

function plainSentence(status: number, text: string): string {
  if (status === 401) return 'the agent wants a token that it knows'
  return `the agent answered ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`
}

async function readText(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string> {
  const utf8 = new TextDecoder('utf-8')
  const parts: string[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new ProtocolError(`the answer is longer than ${bytesMax} bytes`)
    parts.push(utf8.decode(chunk, { stream: true }))
  }
  return parts.join('') + utf8.decode()
}
