/**
 * Reads JSON request bodies within their limits: content type, size, UTF-8, JSON, in this order; each with its status. A
 * body that is being received holds no permit of its route, so that clients who send slowly keep nobody else out; what all
 * of them may hold in memory together has a bound of its own.
 */
import { err, ok, type Result } from '@patina/base'
import type { Context } from 'hono'
import { within } from '../deadline.ts'
import { type JsonBody, parseJsonBody } from './json-body.ts'
import { overloaded, type Problem } from './problem.ts'

export interface BodyLimits {
  readonly bodyBytesMax: number
  /** A sender that gives no byte for so long is cut off; a small body must be complete by then. */
  readonly clientStallMs: number
}

/** Bodies of the greatest size that may be received at once; smaller ones accordingly more. */
const LARGEST_BODIES_MAX = 4

/** Read in one go and not counted: the bound on connections (listen.ts) makes them 256 MiB at most. */
const SMALL_BODY_BYTES = 65_536

export class BodyReader {
  readonly #limits: BodyLimits
  readonly #receivingBytesMax: number
  #receivingBytes = 0

  constructor(limits: BodyLimits) {
    this.#limits = limits
    this.#receivingBytesMax = LARGEST_BODIES_MAX * limits.bodyBytesMax
  }

  /** The body, or what to answer. Never throws, also where the client goes in the middle. */
  async readJson(c: Context): Promise<Result<JsonBody, Problem>> {
    const type = c.req.header('content-type') ?? ''
    if (!/^application\/(?:[\w.-]+\+)?json *(?:;|$)/i.test(type)) return err(NOT_JSON)
    const bytes = await this.#readBytes(c)
    return bytes.ok ? parseBytes(bytes.value) : bytes
  }

  async #readBytes(c: Context): Promise<Result<Uint8Array, Problem>> {
    const declared = c.req.header('content-length')
    if (declared !== undefined && Number(declared) > this.#limits.bodyBytesMax) return err(this.#tooLong())
    try {
      // Node's parser holds the sender to the length that it declared.
      if (declared !== undefined && Number(declared) <= SMALL_BODY_BYTES) return await this.#readSmall(c)
      return await this.#readStream(c)
    } catch (cause) {
      return err({ status: 400, code: 'body-cut', error: `the body broke off: ${(cause as Error).message}` })
    }
  }

  async #readSmall(c: Context): Promise<Result<Uint8Array, Problem>> {
    const waited = await within(this.#limits.clientStallMs, c.req.arrayBuffer())
    return waited.kind === 'done' ? ok(new Uint8Array(waited.value)) : err(STALLED)
  }

  async #readStream(c: Context): Promise<Result<Uint8Array, Problem>> {
    const reader = c.req.raw.body?.getReader()
    if (reader === undefined) return ok(new Uint8Array(0))
    const chunks: Uint8Array[] = []
    let total = 0
    try {
      for (;;) {
        const waited = await within(this.#limits.clientStallMs, reader.read())
        if (waited.kind === 'late') return err(STALLED)
        if (waited.value.done) return ok(Buffer.concat(chunks))
        const chunk: Uint8Array = waited.value.value
        total += chunk.length
        this.#receivingBytes += chunk.length
        if (total > this.#limits.bodyBytesMax) return err(this.#tooLong())
        if (this.#receivingBytes > this.#receivingBytesMax) return err(TOO_MANY)
        chunks.push(chunk)
      }
    } finally {
      this.#receivingBytes -= total
      // Nobody waits for a byte that is still to come; what comes is dropped behind the answer, or before it (request-rest.ts).
      reader.releaseLock()
    }
  }

  #tooLong(): Problem {
    const error = `the body is longer than ${this.#limits.bodyBytesMax} bytes`
    return { status: 413, code: 'body-too-long', error }
  }
}

const NOT_JSON: Problem = {
  status: 415,
  code: 'content-type',
  error: 'expected a request with content-type: application/json',
}

const STALLED: Problem = { status: 408, code: 'body-stalled', error: 'the rest of the body did not come' }

const TOO_MANY: Problem = overloaded('too many large bodies are being received')

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseBytes(bytes: Uint8Array): Result<JsonBody, Problem> {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return err({ status: 400, code: 'invalid-json', error: 'the body is not UTF-8' })
  }
  const body = parseJsonBody(text)
  if (body.ok) return ok(body.value)
  const { kind, message } = body.error
  return err(
    kind === 'too-many'
      ? { status: 413, code: 'too-many-values', error: message }
      : { status: 400, code: 'invalid-json', error: `the body is not JSON: ${message}` },
  )
}

/** `?timeout=` in whole seconds: absent → `fallbackMs`; 0, which disables it in the original, → `maxMs`. */
export function readTimeout(
  c: Context,
  { fallbackMs, maxMs }: { readonly fallbackMs: number; readonly maxMs: number },
): Result<number, Problem> {
  const text = c.req.query('timeout')
  if (text === undefined) return ok(Math.min(fallbackMs, maxMs))
  if (!/^\d{1,15}$/.test(text))
    return err({ status: 400, code: 'invalid-timeout', error: 'timeout must be a whole number of seconds' })
  const secs = Number(text)
  return ok(secs === 0 ? maxMs : Math.min(1_000 * secs, maxMs))
}

/** `?wait=` as a number of other members; absent: none. */
export function readWait(c: Context): Result<number, Problem> {
  const text = c.req.query('wait')
  if (text === undefined) return ok(0)
  if (/^\d{1,5}$/.test(text)) return ok(Number(text))
  return err({ status: 400, code: 'invalid-wait', error: 'wait must be a whole number of other members' })
}

/** `?max_age=` in seconds, with decimals; undefined: any age will do. */
export function readMaxAge(c: Context): Result<number | undefined, Problem> {
  const text = c.req.query('max_age')
  if (text === undefined) return ok(undefined)
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return ok(1_000 * Number(text))
  return err({ status: 400, code: 'invalid-max-age', error: 'max_age must be a number of seconds' })
}
