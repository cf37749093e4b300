/** Reads a JSON request body within its limit: content type, size, UTF-8, JSON, in this order; each with its status. */
import { err, ok, type Result } from '@patina/base'
import type { Context } from 'hono'
import { type JsonBody, parseJsonBody } from './json-body.ts'
import type { Problem } from './problem.ts'

/** The body, or what to answer. Never holds more than `bytesMax` and one chunk. */
export async function readJsonBody(c: Context, bytesMax: number): Promise<Result<JsonBody, Problem>> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/(?:[\w.-]+\+)?json *(?:;|$)/i.test(type))
    return err({
      status: 415,
      code: 'content-type',
      error: 'expected a request with content-type: application/json',
    })
  const bytes = await readBytes(c, bytesMax)
  if (bytes === 'too-long')
    return err({ status: 413, code: 'body-too-long', error: `the body is longer than ${bytesMax} bytes` })
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return err({ status: 400, code: 'invalid-json', error: 'the body is not UTF-8' })
  }
  const body = parseJsonBody(text)
  return body.ok
    ? ok(body.value)
    : err({ status: 400, code: 'invalid-json', error: `the body is not JSON: ${body.error}` })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

async function readBytes(c: Context, bytesMax: number): Promise<Uint8Array | 'too-long'> {
  const declared = c.req.header('content-length')
  if (declared !== undefined) {
    // Node's parser holds the sender to the length that it declared.
    return Number(declared) > bytesMax ? 'too-long' : new Uint8Array(await c.req.arrayBuffer())
  }
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of c.req.raw.body ?? []) {
    total += chunk.length
    if (total > bytesMax) return 'too-long'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
