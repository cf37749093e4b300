/**
 * `?keep_alive=SECS` on streams without an end: an empty line after each silence of so long, so that the client and what lies
 * between notice a dead connection. Only who asks gets them: the original sends none, and its clients take no line that is
 * not JSON.
 */
import { err, ok, type Result } from '@patina/base'
import type { Context } from 'hono'
import type { Problem } from './problem.ts'

const SECS_MAX = 300

/** In ms; undefined where the client has not asked. */
export function readKeepAlive(c: Context): Result<number | undefined, Problem> {
  const text = c.req.query('keep_alive')
  if (text === undefined) return ok(undefined)
  const secs = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (secs >= 1 && secs <= SECS_MAX) return ok(1_000 * secs)
  const error = `keep_alive is a whole number of seconds from 1 to ${SECS_MAX}`
  return err({ status: 400, code: 'invalid-keep-alive', error })
}

/** The same chunks, with an empty line wherever none came for `ms` and the last one has ended its line. */
export function keptAlive(
  chunks: AsyncIterableIterator<Uint8Array>,
  ms: number | undefined,
): AsyncIterableIterator<Uint8Array> {
  return ms === undefined ? chunks : new KeptAlive(chunks, ms)
}

const NEWLINE = 0x0a
const EMPTY_LINE: Uint8Array = Uint8Array.of(NEWLINE)
const SILENT: unique symbol = Symbol('silent')

class KeptAlive implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #chunks: AsyncIterableIterator<Uint8Array>
  readonly #ms: number
  /** Asked for and not come yet. */
  #next: Promise<IteratorResult<Uint8Array>> | undefined
  #insideLine = false

  constructor(chunks: AsyncIterableIterator<Uint8Array>, ms: number) {
    this.#chunks = chunks
    this.#ms = ms
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    this.#next ??= this.#chunks.next()
    const step = this.#insideLine ? await this.#next : await this.#orSilence(this.#next)
    if (step === SILENT) return { done: false, value: EMPTY_LINE }
    this.#next = undefined
    if (!step.done) this.#insideLine = step.value.at(-1) !== NEWLINE
    return step
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#chunks.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #orSilence<T>(next: Promise<T>): Promise<T | typeof SILENT> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<typeof SILENT>((resolve) => {
      timer = setTimeout(() => resolve(SILENT), this.#ms)
    })
    try {
      return await Promise.race([next, silence])
    } finally {
      clearTimeout(timer)
    }
  }
}
