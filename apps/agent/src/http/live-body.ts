/**
 * The body of a live result: lines of the live-query process at the client's pace, as stream.ts pulls them. It ends otherwise,
 * because its client is to come back for what it missed. One that takes nothing for too long is told that it lags and behind
 * which change: it finds that line after what it had not read, and is cut off only if it has not come to it after the
 * same time again. When the process is gone the connection breaks: clients, the original's too, then resume by themselves,
 * while a line of error would be their end.
 */
import { PortFailure } from '@patina/base'
import { type ErrorForm, errorLine, laggedFault } from '@patina/live-query/wire'
import { sentenceOf } from '../port-error.ts'
import { type Cut, cutByError } from './cut.ts'

export interface LiveBodyOptions {
  readonly stallMs: number
  readonly errors: ErrorForm
  /** The last change that the client had when it came; undefined where it gets rows first. */
  readonly from: number | undefined
  readonly cut?: Cut
}

export function liveBody(
  chunks: AsyncIterableIterator<Uint8Array>,
  options: LiveBodyOptions,
): ReadableStream<Uint8Array> {
  const body = new LiveBody(chunks, options)
  const source = {
    pull: (controller: Controller) => body.pull(controller),
    cancel: () => body.cancel(),
  }
  // No chunk ahead of the client: what waits for it waits where it is bounded and counted.
  return new ReadableStream<Uint8Array>(source, { highWaterMark: 0 })
}

type Controller = ReadableStreamDefaultController<Uint8Array>

class LiveBody {
  readonly #chunks: AsyncIterableIterator<Uint8Array>
  readonly #options: LiveBodyOptions
  #lastChangeId: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(chunks: AsyncIterableIterator<Uint8Array>, options: LiveBodyOptions) {
    this.#chunks = chunks
    this.#options = options
    this.#lastChangeId = options.from
  }

  async pull(controller: Controller): Promise<void> {
    clearTimeout(this.#timer)
    try {
      const next = await this.#chunks.next()
      if (next.done) return controller.close()
      this.#lastChangeId = lastChangeOf(next.value) ?? this.#lastChangeId
      controller.enqueue(next.value)
      this.#timer = setTimeout(() => this.#stalled(controller), this.#options.stallMs)
    } catch (cause) {
      this.#fail(controller, cause)
    }
  }

  async cancel(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#chunks.return?.()
  }

  #stalled(controller: Controller): void {
    void this.#chunks.return?.()
    controller.enqueue(errorLine(laggedFault(this.#lastChangeId, true), this.#options.errors))
    controller.close()
    // Does nothing where the client has come to the end meanwhile.
    this.#timer = setTimeout(
      () => this.#cut(controller, new Error('the client takes no bytes')),
      this.#options.stallMs,
    )
    this.#timer.unref()
  }

  #fail(controller: Controller, cause: unknown): void {
    if (cause instanceof PortFailure && cause.error.kind !== 'lost') {
      controller.enqueue(errorLine({ message: sentenceOf(cause.error) }, this.#options.errors))
      controller.close()
    } else this.#cut(controller, cause)
  }

  #cut(controller: Controller, cause: unknown): void {
    const { cut = cutByError } = this.#options
    cut(controller, cause)
  }
}

/** What the last line of a chunk brings the client up to: a change, its mark, or the end of its first rows. */
export function lastChangeOf(chunk: Uint8Array): number | undefined {
  const end = chunk.length - 1
  if (chunk[end] !== LINE_END) return undefined
  const line = Buffer.from(chunk.buffer, chunk.byteOffset + chunk.lastIndexOf(LINE_END, end - 1) + 1)
  const head = line.toString('latin1', 0, HEAD_BYTES)
  if (!HEADS.some((known) => head.startsWith(known))) return undefined
  const tail = chunk.subarray(-TAIL_BYTES)
  const id = /[,:](\d{1,16})[\]}]+\n$/.exec(Buffer.from(tail).toString('latin1'))?.[1]
  return id === undefined ? undefined : Number(id)
}

const LINE_END = 0x0a
const HEADS = ['{"change":', '{"eoq":', '{"mark":'] as const
const HEAD_BYTES = 10
/** Room for the digits of a safe integer and what closes the line. */
const TAIL_BYTES = 24
