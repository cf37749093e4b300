/**
 * The live-query process: the engine behind a Port. Runs when something has changed, hears messages between slices of runs,
 * and turns what waits for a subscriber into chunks of its stream, as fast as the stream's consumer takes them.
 * Expendable: main kills it when a statement takes too long, and starts it again with the reason.
 */
import { type Instant, instant, type PortHandlers, type ServedStream } from '@patina/base'
import type { Subscriber } from './core/subscriber.ts'
import type { LiveQueryContract, SubscribeHead, SubscribeRequest } from './live-query-port.ts'
import { LiveQueries, type LiveQueriesOptions } from './sqlite/live-queries.ts'

export type LiveQueryProcessOptions = Omit<LiveQueriesOptions, 'clock' | 'onWork'>

/** How often results without listeners are looked at; they live ten minutes. */
const SWEEP_MS = 60_000

/** Throws the sentence of a refusal where a file cannot be opened. */
export function liveQueryHandlers(options: LiveQueryProcessOptions): PortHandlers<LiveQueryContract> {
  const service = new LiveQueryService(options)
  const { engine } = service
  return {
    calls: {
      ready: () => true,
      changed: ({ tables }) => {
        orEnd(() => engine.changed(tables))
        return { results: engine.count() }
      },
      settle: () => {
        engine.settle()
        return null
      },
      members: (rows) => {
        orEnd(() => engine.members(rows))
        return null
      },
      lag: (rows) => {
        orEnd(() => engine.lag(rows))
        return null
      },
      list: () => engine.list(),
      info: (name) => engine.info(name),
    },
    streams: { subscribe: (request) => service.subscribe(request) },
    closing: () => service.closing(),
    stop: () => service.stop(),
  }
}

class LiveQueryService {
  readonly engine: LiveQueries
  readonly #sweep: NodeJS.Timeout
  #work: NodeJS.Immediate | undefined
  #rest: NodeJS.Timeout | undefined
  #closing = false

  constructor(options: LiveQueryProcessOptions) {
    this.engine = new LiveQueries({ ...options, clock: now, onWork: () => this.#workSoon() })
    this.#sweep = setInterval(() => this.engine.sweep(), SWEEP_MS).unref()
  }

  subscribe(request: SubscribeRequest): ServedStream<SubscribeHead> {
    if (this.#closing) return { head: CLOSING, chunks: [] }
    const { head, subscriber } = orEnd(() => this.engine.subscribe(request))
    if (head.kind !== 'subscribed' || subscriber === undefined) return { head, chunks: [] }
    return { head, chunks: chunksOf(subscriber, () => this.engine.unsubscribe(head.id, subscriber)) }
  }

  closing(): void {
    this.#closing = true
    this.engine.endAll()
  }

  stop(): void {
    clearInterval(this.#sweep)
    clearImmediate(this.#work)
    clearTimeout(this.#rest)
    this.engine.close()
  }

  /** After this turn's messages: what came together is looked at together. */
  #workSoon(): void {
    this.#work ??= setImmediate(() => {
      this.#work = undefined
      this.#workAt(this.engine.work())
    })
  }

  #workAt(due: Instant): void {
    clearTimeout(this.#rest)
    this.#rest = undefined
    if (!Number.isFinite(due)) return
    const delay = due - now()
    if (delay <= 0) this.#workSoon()
    else this.#rest = setTimeout(() => this.#workSoon(), delay)
  }
}

/**
 * What the engine throws is the disk's fault or ours, and memory may hold what the file does not: so it ends the process, whose
 * successor begins with what the file has.
 */
function orEnd<Outcome>(work: () => Outcome): Outcome {
  try {
    return work()
  } catch (cause) {
    setImmediate(() => {
      throw cause
    })
    throw cause
  }
}

const CLOSING: SubscribeHead = { kind: 'overloaded', code: 'closing', message: 'the agent is being stopped' }

function now(): Instant {
  return instant(performance.now())
}

const DONE: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/** What waits for a subscriber, as it comes. `gone` is called once, at an end of any kind. */
function chunksOf(subscriber: Subscriber, gone: () => void): AsyncIterableIterator<Uint8Array, undefined> {
  let waiter: ((step: IteratorResult<Uint8Array, undefined>) => void) | undefined
  let over = false
  const end = (): IteratorResult<Uint8Array, undefined> => {
    if (!over) gone()
    over = true
    return DONE
  }
  const step = (): IteratorResult<Uint8Array, undefined> | undefined => {
    if (over) return DONE
    const taken = subscriber.take()
    if (taken === 'wait') return undefined
    return taken === 'end' ? end() : { done: false, value: taken }
  }
  const answerWaiter = (): void => {
    const found = waiter === undefined ? undefined : step()
    if (found === undefined) return
    waiter?.(found)
    waiter = undefined
  }
  subscriber.onReady(answerWaiter)
  const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
    next: () => {
      const found = step()
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve) => {
        waiter = resolve
      })
    },
    return: () => {
      end()
      answerWaiter()
      return Promise.resolve(DONE)
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}
