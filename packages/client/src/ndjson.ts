/**
 * LineSplitter: bytes of a stream in any pieces → its lines, incrementally: UTF-8 may be split across pieces, and a line
 * is bounded. It parses nothing; an empty line is a line.
 */
import { ProtocolError } from './error.ts'

/** A BLOB of 16 MiB, the greatest cell, is up to 64 Mi characters of JSON; a row may have a few. */
export const LINE_CHARS_MAX: number = 128 * 1024 * 1024

export class LineSplitter {
  readonly #charsMax: number
  readonly #utf8: TextDecoder = new TextDecoder('utf-8', { fatal: true })
  /** Pieces of the line that is not ended yet, joined only once. */
  #parts: string[] = []
  #chars = 0

  constructor(charsMax: number = LINE_CHARS_MAX) {
    this.#charsMax = charsMax
  }

  /** The lines that these bytes end, without their newline. Throws ProtocolError. */
  push(bytes: Uint8Array): string[] {
    return this.#split(this.#decode(bytes))
  }

  /** What follows the last newline, '' where nothing does. Throws ProtocolError where it ends inside a character. */
  end(): string {
    const rest = this.#decode(undefined)
    this.#hold(rest)
    return this.#take()
  }

  #decode(bytes: Uint8Array | undefined): string {
    try {
      return bytes === undefined ? this.#utf8.decode() : this.#utf8.decode(bytes, { stream: true })
    } catch {
      throw new ProtocolError('the answer is not UTF-8')
    }
  }

  #split(text: string): string[] {
    const lines: string[] = []
    let start = 0
    for (;;) {
      const end = text.indexOf('\n', start)
      if (end === -1) break
      this.#hold(text.slice(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#hold(text.slice(start))
    return lines
  }

  #hold(part: string): void {
    if (part === '') return
    this.#chars += part.length
    if (this.#chars > this.#charsMax)
      throw new ProtocolError(`a line of the answer is longer than ${this.#charsMax} characters`)
    this.#parts.push(part)
  }

  #take(): string {
    const line = this.#parts.length === 1 ? (this.#parts[0] as string) : this.#parts.join('')
    this.#parts = []
    this.#chars = 0
    return line
  }
}
