/** LineReader: the lines of a stream as they come, each waited for until a deadline; an unfinished last line is a fault. */

export class LineReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #deadlineMs: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #rest = ''
  #lines: string[] = []

  constructor(body: AsyncIterable<Uint8Array>, deadlineMs: number) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#deadlineMs = deadlineMs
  }

  /** The next lines; fewer where the stream ends before. */
  async take(count: number): Promise<string[]> {
    while (this.#lines.length < count && (await this.#more()));
    return this.#lines.splice(0, count)
  }

  /** Everything to the end of the stream. */
  async rest(): Promise<string[]> {
    while (await this.#more());
    return this.#lines.splice(0)
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#next()
    if (done) {
      if (this.#rest !== '') throw new Error(`the stream ended in the middle of a line: ${this.#rest}`)
      return false
    }
    const lines = (this.#rest + this.#decoder.decode(value, { stream: true })).split('\n')
    this.#rest = lines.pop() as string
    this.#lines.push(...lines)
    return true
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const late = Promise.withResolvers<never>()
    const error = new Error(`nothing came for ${this.#deadlineMs} ms; before it: ${this.#lines.join(' ')}`)
    const timer = setTimeout(() => late.reject(error), this.#deadlineMs)
    try {
      return await Promise.race([this.#chunks.next(), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
