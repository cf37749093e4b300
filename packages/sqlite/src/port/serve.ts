/**
 * serve: the service's end of every carrier. Runs one handler per call, pumps streams as far as the caller has granted
 * chunks, and ends in order. Between two chunks it returns to the event loop, so that a long result neither starves the
 * other calls nor outruns a cancel. A handler that throws answers `failed`; the service goes on.
 */
import { type PortContract, type PortHandlers, type ServedStream, unreachable } from '@patina/base'
import type { Channel, ToCaller, ToService } from './message.ts'

type CallHandler = (request: unknown, id: number) => unknown
type StreamHandler = (request: unknown) => ServedStream<unknown> | Promise<ServedStream<unknown>>

/** Starts serving. Returns when the handlers are in place; the end comes with the channel's. */
export function serve<C extends PortContract>(
  channel: Channel<ToCaller, ToService>,
  handlers: PortHandlers<C>,
): void {
  const service = new Service(channel, handlers as unknown as PortHandlers<PortContract>)
  channel.onMessages((batch) => {
    for (const message of batch) service.receive(message)
  })
  channel.onEnd(() => service.abandon())
  handlers.start?.((event) => channel.send(['event', event]))
}

class Service {
  readonly #channel: Channel<ToCaller, ToService>
  readonly #handlers: PortHandlers<PortContract>
  readonly #streams = new Map<number, OutgoingStream>()
  #underWay = 0
  #closing = false

  constructor(channel: Channel<ToCaller, ToService>, handlers: PortHandlers<PortContract>) {
    this.#channel = channel
    this.#handlers = handlers
  }

  receive(message: ToService): void {
    switch (message[0]) {
      case 'call':
        this.#call(message[1], message[2], message[3])
        break
      case 'open':
        void this.#open(message[1], message[2], message[3], message[4])
        break
      case 'pull':
        this.#streams.get(message[1])?.grant(message[2])
        break
      case 'cancel':
        this.#streams.get(message[1])?.cancel()
        break
      case 'close':
        this.#closing = true
        this.#handlers.closing?.()
        this.#endWhenIdle()
        break
      default:
        unreachable(message)
    }
  }

  /** The caller is gone: nobody reads any more. */
  abandon(): void {
    for (const stream of this.#streams.values()) stream.cancel()
  }

  /** A reply that is there at once costs no promise: that is most replies of a store. */
  #call(id: number, kind: string, request: unknown): void {
    const handler = ownHandler<CallHandler>(this.#handlers.calls, kind)
    if (handler === undefined) {
      this.#channel.send(['failed', id, `no call is named ${kind}`])
      return
    }
    this.#underWay += 1
    try {
      const reply = handler(request, id)
      if (reply instanceof Promise) {
        void reply.then(
          (value) => this.#answer(['reply', id, value]),
          (cause) => this.#answer(['failed', id, sentenceOf(cause)]),
        )
      } else this.#answer(['reply', id, reply])
    } catch (cause) {
      this.#answer(['failed', id, sentenceOf(cause)])
    }
  }

  async #open(id: number, kind: string, request: unknown, granted: number): Promise<void> {
    const handler = ownHandler<StreamHandler>(this.#handlers.streams, kind)
    if (handler === undefined) return this.#channel.send(['failed', id, `no stream is named ${kind}`])
    this.#underWay += 1
    const outgoing = new OutgoingStream(granted)
    this.#streams.set(id, outgoing)
    let last: ToCaller = ['end', id]
    try {
      const served = handler(request)
      const stream = served instanceof Promise ? await served : served
      if ('whole' in stream) last = ['whole', id, stream.head, stream.whole]
      else {
        this.#channel.send(['head', id, stream.head])
        // The head leaves before the first chunk is asked for: that may take for ever.
        await nextTurn()
        await outgoing.pump(stream.chunks, (chunk) => this.#channel.send(['chunk', id, chunk]))
      }
    } catch (cause) {
      last = ['failed', id, sentenceOf(cause)]
    }
    this.#streams.delete(id)
    this.#answer(last)
  }

  #answer(message: ToCaller): void {
    this.#channel.send(message)
    this.#underWay -= 1
    if (this.#closing) this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.#underWay > 0) return
    this.#underWay = Number.POSITIVE_INFINITY // ends once
    void Promise.resolve()
      .then(() => this.#handlers.stop?.())
      .catch((cause: unknown) => this.#channel.send(['fatal', sentenceOf(cause)]))
      .then(() => this.#channel.end())
  }
}

/** One stream on its way out: at most `granted` chunks are taken from the handler before the caller grants more. */
class OutgoingStream {
  #granted: number
  #cancelled = false
  #wake: (() => void) | undefined
  /** An asynchronous iterator that was asked for its next chunk and has not answered. */
  #asked: AsyncIterator<Uint8Array> | undefined

  constructor(granted: number) {
    this.#granted = granted
  }

  grant(chunks: number): void {
    this.#granted += chunks
    this.#wake?.()
  }

  /** An iterator that waits for something to happen is ended while it waits: nothing may ever happen. */
  cancel(): void {
    this.#cancelled = true
    this.#wake?.()
    void this.#asked?.return?.().catch(() => {})
  }

  /** Ends the handler's iterator in every case, so that what it holds (a connection) is given back. */
  async pump(
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    send: (chunk: Uint8Array) => void,
  ): Promise<void> {
    const later = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : undefined
    const iterator = later ?? (chunks as Iterable<Uint8Array>)[Symbol.iterator]()
    let complete = false
    try {
      while (await this.#maySend()) {
        this.#asked = later
        const step = await iterator.next()
        this.#asked = undefined
        if (step.done === true) {
          complete = true
          return
        }
        if (this.#cancelled) return
        this.#granted -= 1
        send(step.value)
        await nextTurn()
      }
    } finally {
      if (!complete) await iterator.return?.()
    }
  }

  async #maySend(): Promise<boolean> {
    while (this.#granted <= 0 && !this.#cancelled) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    return !this.#cancelled
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Own keys only: a kind such as `constructor` must not find a function. */
function ownHandler<H>(handlers: object, kind: string): H | undefined {
  return Object.hasOwn(handlers, kind)
    ? ((handlers as { readonly [kind: string]: unknown })[kind] as H)
    : undefined
}

export function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
