/**
 * Bytes of a child process as the body of an answer: pulled at the client's pace, ended when the client takes nothing for
 * too long or goes, and closed with a line that says so when the process fails midway.
 */
import { type Cut, cutByError } from './cut.ts'

export interface StreamOptions {
  readonly stallMs: number
  /** Called once, at an end of any kind. */
  readonly done: () => void
  /** The last line for a failure of the process, or undefined for a fault of ours, which is thrown on. */
  readonly lineOf: (cause: unknown) => object | undefined
  readonly cut?: Cut
}

/** Pulls a chunk when the socket has taken the last one. */
export function streamBody(
  chunks: AsyncIterableIterator<Uint8Array>,
  { stallMs, done, lineOf, cut = cutByError }: StreamOptions,
): ReadableStream<Uint8Array> {
  let stall: NodeJS.Timeout | undefined
  let over = false
  /** False where it was over already: what is cut is cancelled, too. */
  const finish = (): boolean => {
    clearTimeout(stall)
    if (over) return false
    over = true
    done()
    return true
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stall)
        try {
          const next = await chunks.next()
          if (next.done) {
            finish()
            return controller.close()
          }
          controller.enqueue(next.value)
          stall = setTimeout(() => {
            finish()
            cut(controller, new Error('the client takes no bytes'))
            void chunks.return?.()
          }, stallMs)
        } catch (cause) {
          finish()
          const line = lineOf(cause)
          if (line === undefined) throw cause
          controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`))
          controller.close()
        }
      },
      async cancel() {
        if (finish()) await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
