/**
 * Port: how main talks to the processes that run SQL (store, readers, live-query). The contract only; carriers (child
 * process, worker thread, in line) are in `packages/sqlite`. Every call has a deadline and an outcome: a process that
 * dies or stalls ends its calls with a typed error, never with silence. Requests and replies are structured-clone data.
 */
import type { Result } from './result.ts'
import type { Millis } from './time.ts'

/** What a service offers: unary calls, streams of bytes behind a head, and events that it pushes. */
export interface PortContract {
  readonly calls: { readonly [kind: string]: { readonly request: unknown; readonly reply: unknown } }
  readonly streams: { readonly [kind: string]: { readonly request: unknown; readonly head: unknown } }
  readonly event: unknown
}

/** Why a call has no reply. `state` says whether the service may have acted on it. */
export type PortError =
  /** Bound `pendingMax` reached; nothing was sent. Retry later. */
  | { readonly kind: 'overloaded'; readonly state: 'unchanged' }
  /** The deadline passed. `unchanged`: the call had not begun and never will; else its owner replaces the process. */
  | {
      readonly kind: 'timeout'
      readonly state: 'unchanged' | 'unknown'
      readonly afterMs: number
      /** It has begun, and the service works on another call, with which it shares what it waits for (a transaction). */
      readonly isBystander?: true
    }
  /** The process ended or was replaced while the call was under way. Reads may be retried at once. */
  | { readonly kind: 'lost'; readonly state: 'unknown'; readonly reason: string }
  /** The handler threw: a bug, or a fatal error of the disk. */
  | {
      readonly kind: 'failed'
      readonly state: 'unknown'
      readonly message: string
      /** The service passed the bound of its memory in this call, and has ended. */
      readonly code?: 'memory'
    }

export interface CallOptions {
  /** Counted from the call; includes waiting. */
  readonly deadlineMs?: Millis
}

/** A stream's head and its bytes. Pulling is back-pressure: the service is at most a few chunks ahead. */
export interface PortStream<Head> {
  readonly head: Head
  /** Ends when complete; throws PortFailure when the service fails or is lost midway. `return()` cancels. */
  readonly chunks: AsyncIterableIterator<Uint8Array>
  /** All bytes, where they came with the head: who takes them here need not ask `chunks`, which gives the same. */
  readonly whole?: Uint8Array
}

/** Thrown by the chunks of a stream. */
export class PortFailure extends Error {
  readonly error: PortError
  constructor(error: PortError) {
    super(error.kind === 'failed' ? error.message : error.kind)
    this.error = error
  }
}

/** The caller's end. */
export interface Port<C extends PortContract> {
  call<K extends keyof C['calls'] & string>(
    kind: K,
    request: C['calls'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<C['calls'][K]['reply'], PortError>>
  openStream<K extends keyof C['streams'] & string>(
    kind: K,
    request: C['streams'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<PortStream<C['streams'][K]['head']>, PortError>>
  onEvent(listener: (event: C['event']) => void): void
  /** Resolves once, when the service is gone: after `close`, `kill`, or by itself. */
  readonly closed: Promise<{ readonly reason: string }>
  /** Calls under way. */
  readonly pending: number
  /** Lets the service finish and end itself. */
  close(): Promise<void>
  /** Ends it at once, inside a statement too where the carrier can (SIGKILL). */
  kill(): void
}

/**
 * What a handler gives back for a stream; `whole` where all bytes are there with the head: they travel in one message. A
 * `string` head error is not part of it: put refusals into the head.
 */
export type ServedStream<Head> =
  | { readonly head: Head; readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> }
  | { readonly head: Head; readonly whole: Uint8Array }

/** The service's end: one handler a kind. A handler that throws answers `failed`. */
export interface PortHandlers<C extends PortContract> {
  readonly calls: {
    readonly [K in keyof C['calls'] & string]: (
      request: C['calls'][K]['request'],
      /** Of this call, greater than that of every call before it; undefined where no carrier is in between. */
      id?: number,
    ) => C['calls'][K]['reply'] | Promise<C['calls'][K]['reply']>
  }
  readonly streams: {
    readonly [K in keyof C['streams'] & string]: (
      request: C['streams'][K]['request'],
    ) => ServedStream<C['streams'][K]['head']> | Promise<ServedStream<C['streams'][K]['head']>>
  }
  /** Called once with the way to push events. */
  readonly start?: (emit: (event: C['event']) => void) => void
  /** Called when the caller asks for the end: streams that would go on for ever must end now. */
  readonly closing?: () => void
  /** Called before the process ends in order. */
  readonly stop?: () => void | Promise<void>
}
