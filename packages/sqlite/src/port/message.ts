/**
 * The words that the two ends of a Port exchange, the same on every carrier, and the Channel that carries them.
 * Messages are tuples of structured-clone data; a channel delivers them in order, in batches, or ends.
 * Both ends are ours (one program, two processes), so messages are typed here and not decoded like foreign input.
 */

import type { Withdrawal } from './watch-thread.ts'

/** What the caller's end says. `id` is unique among the calls of one port. */
export type ToService =
  | readonly ['call', id: number, kind: string, request: unknown]
  | readonly ['open', id: number, kind: string, request: unknown, chunks: number]
  /** The caller has consumed so many chunks: the service may send as many more. */
  | readonly ['pull', id: number, chunks: number]
  | readonly ['cancel', id: number]
  /** Finish what is under way, then end. */
  | readonly ['close']

/** What the service's end says. */
export type ToCaller =
  | readonly ['reply', id: number, reply: unknown]
  | readonly ['head', id: number, head: unknown]
  /** Head, bytes and end of a stream in one. */
  | readonly ['whole', id: number, head: unknown, bytes: Uint8Array]
  | readonly ['chunk', id: number, bytes: Uint8Array]
  | readonly ['end', id: number]
  | readonly ['failed', id: number, message: string]
  | readonly ['event', event: unknown]
  /** The service refuses to start or gives up; it ends after this. */
  | readonly ['fatal', message: string]

/** One end of a carrier. A send after the end does nothing: the end itself was or will be reported. */
export interface Channel<Out, In> {
  send(message: Out): void
  /** Set once, before the first turn of the loop has passed. */
  onMessages(listener: (batch: readonly In[]) => void): void
  /** `culprit`: the call in which the service passed the bound of its memory. */
  onEnd(listener: (reason: string, culprit?: number) => void): void
  /** Delivers what was sent, then ends in order. */
  end(): void
  /** Ends at once. */
  kill(): void
  /** Where the carrier can: takes back a call that has not begun. */
  withdraw?(id: number): Promise<Withdrawal>
}

/** Chunks that a service may send ahead of the caller's consumption. Bounds what a slow consumer makes it hold. */
export const STREAM_WINDOW_CHUNKS = 4
