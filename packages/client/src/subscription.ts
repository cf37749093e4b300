/**
 * Subscription: the result of a SELECT and then each change of it, once and in order (I-CLIENT-1, event-order.ts), across
 * breaks of the connection. It resumes at the agent that it began with, because change ids are that agent's; only with
 * `resnapshot` it may begin a new result, there or elsewhere. It holds no more than the line being read, or in batches the
 * changes of one (change-batches.ts).
 */
import type { AgentRequest, Agents } from './agents.ts'
import type { Answer } from './answer.ts'
import type { Cell } from './cell.ts'
import { type BatchEvent, ChangeBatches } from './change-batches.ts'
import { ApiError, ConnectionError, HistoryGoneError, MissedChangeError } from './error.ts'
import type { ChangeEvent, ColumnsEvent, EndOfQueryEvent, MarkEvent, RowEvent, StreamEvent } from './event.ts'
import { EventOrder } from './event-order.ts'
import { isBlank, KEEP_ALIVE, liveLines } from './live-lines.ts'
import { backoffMs, pause } from './retry.ts'

/** Each `columns` begins a result: what came before it is void. */
export type SubscriptionEvent<C = Cell> = ColumnsEvent | RowEvent<C> | EndOfQueryEvent | ChangeEvent<C>

export interface SubscriptionParts<C> {
  readonly agents: Agents
  /** JSON text of the statement. */
  readonly body: string
  readonly readEvent: (line: string) => StreamEvent<C>
  readonly from: number | undefined
  readonly skipRows: boolean
  readonly resnapshot: boolean
  readonly signal: AbortSignal | undefined
  /** Until the head of an answer. */
  readonly timeoutMs: number
  /** Silence that means a break, once the agent has sent an empty line. */
  readonly silenceMs: number
  /** Tries in a row that bring nothing. */
  readonly attemptsMax: number
  readonly lineCharsMax: number
}

/** Failed tries to resume before a result may be had from another agent. */
const LOYAL_ATTEMPTS = 3
/** A connection that lasted so long was good, though nothing came: an idle one that a proxy closes. */
const GOOD_MS = 5_000

/** What to make of the events of a connection, and of its begin. */
interface Delivery<C, Out> {
  readonly wantsMarks: boolean
  readonly opened: (hasMarks: boolean) => readonly Out[]
  readonly take: (event: SubscriptionEvent<C> | MarkEvent) => readonly Out[]
}

/** What to do about a failure. */
type Fate = 'resume' | 'start-over' | 'give-up'

export class Subscription<C = Cell> implements AsyncIterable<SubscriptionEvent<C>> {
  readonly #parts: SubscriptionParts<C>
  readonly #closing: AbortController = new AbortController()
  readonly #signal: AbortSignal
  readonly #order: EventOrder = new EventOrder()
  /** Where the change ids of this subscription have a meaning. */
  #home: { readonly address: string; readonly id: string } | undefined
  #answered = false
  /** Tries in a row that brought nothing. */
  #attempts = 0
  #openedAt = Number.POSITIVE_INFINITY
  #taken = false
  /** Where the events are wanted in batches. */
  #batches: ChangeBatches<C> | undefined

  constructor(parts: SubscriptionParts<C>) {
    this.#parts = parts
    const closing = this.#closing.signal
    this.#signal = parts.signal === undefined ? closing : AbortSignal.any([parts.signal, closing])
    if (parts.from !== undefined || parts.skipRows) this.#order.expectChanges(parts.from)
  }

  /** The agent's name for it; undefined before the first answer. */
  get id(): string | undefined {
    return this.#home?.id
  }

  /** The last change that is part of what was delivered: `from` of a later subscription to the same agent. */
  get lastChangeId(): number | undefined {
    const { last } = this.#order
    return last === undefined ? undefined : last - (this.#batches?.waiting ?? 0)
  }

  /** Ends the iteration, also while it waits, without an error. */
  close(): void {
    this.#closing.abort()
  }

  [Symbol.asyncIterator](): AsyncGenerator<SubscriptionEvent<C>, void, undefined> {
    return this.#deliver({
      wantsMarks: false,
      opened: () => [],
      take: (event) => (event.kind === 'mark' ? [] : [event]),
    })
  }

  /**
   * Instead of the single events: what was evaluated together comes together, so that who applies each event as a whole never
   * has a part of what a transaction changed (I-CLIENT-2). Agents without marks are followed change by change.
   */
  batches(): AsyncGenerator<BatchEvent<C>, void, undefined> {
    const batches = new ChangeBatches<C>()
    this.#batches = batches
    return this.#deliver({
      wantsMarks: true,
      opened: (hasMarks) => batches.opened(hasMarks),
      take: (event) => batches.take(event),
    })
  }

  #deliver<Out>(delivery: Delivery<C, Out>): AsyncGenerator<Out, void, undefined> {
    if (this.#taken) throw new TypeError('the events of a subscription can be had once; subscribe again')
    this.#taken = true
    return this.#events(delivery)
  }

  async *#events<Out>(delivery: Delivery<C, Out>): AsyncGenerator<Out, void, undefined> {
    try {
      for (;;) {
        try {
          yield* this.#connection(delivery)
        } catch (cause) {
          await this.#recover(cause)
        }
      }
    } catch (cause) {
      if (!this.#closing.signal.aborted) throw cause
    } finally {
      this.#closing.abort()
    }
  }

  /** The events of one connection; it has no good end. */
  async *#connection<Out>(delivery: Delivery<C, Out>): AsyncGenerator<Out, void, undefined> {
    const { readEvent, silenceMs, lineCharsMax } = this.#parts
    const answer = await this.#open(delivery.wantsMarks ? `${KEEP_ALIVE}&marks=true` : KEEP_ALIVE)
    this.#opened(answer)
    for (const event of delivery.opened(answer.headers.get('patina-marks') === 'true')) yield event
    for await (const line of liveLines(answer, { silenceMs, lineCharsMax })) {
      this.#attempts = 0
      if (isBlank(line)) continue
      const event = readEvent(line)
      if (event.kind === 'error') throw new ApiError(event.message, { status: 200, code: event.code })
      if (!this.#order.accept(event)) continue
      for (const delivered of delivery.take(event)) yield delivered
    }
  }

  #opened({ address, headers }: Answer): void {
    const id = headers.get('corro-query-id')
    this.#home = id === null ? undefined : { address, id }
    this.#answered = true
    this.#openedAt = performance.now()
  }

  #open(wishes: string): Promise<Answer> {
    this.#openedAt = Number.POSITIVE_INFINITY
    const { agents, body, from, skipRows, timeoutMs } = this.#parts
    const common = { signal: this.#signal, silenceMs: timeoutMs, effect: 'reads' } as const
    if (this.#home !== undefined) {
      const path = `${PATH}/${encodeURIComponent(this.#home.id)}?${wishes}&from=${this.#order.last}`
      return agents.sendTo(this.#home.address, { ...common, method: 'GET', path })
    }
    const post: AgentRequest = { ...common, method: 'POST', path: `${PATH}?${wishes}`, body }
    if (this.#order.isUntouched()) return agents.send(post)
    // What the caller asked for at the start; a change id has a meaning at one agent only.
    if (from === undefined) return agents.send({ ...post, path: `${post.path}&skip_rows=${skipRows}` })
    return agents.sendTo(agents.addresses[0] as string, { ...post, path: `${post.path}&from=${from}` })
  }

  /** Returns where it is worth to open again, after a pause; else throws what the caller is to know. */
  async #recover(cause: unknown): Promise<void> {
    this.#signal.throwIfAborted()
    const fate = this.#fateOf(cause)
    if (fate === 'give-up') throw cause
    const resumable = this.#home !== undefined && this.#order.last !== undefined
    if (fate === 'start-over' || !resumable) {
      if (!this.#parts.resnapshot && !this.#order.isUntouched())
        throw fate === 'start-over' ? new HistoryGoneError(this.lastChangeId, cause) : cause
      this.#home = undefined
      this.#order.expectResult()
      this.#batches?.forget()
    }
    if (performance.now() - this.#openedAt >= GOOD_MS) this.#attempts = 0
    this.#attempts += 1
    if (this.#attempts > this.#parts.attemptsMax) throw cause
    const askedMs = cause instanceof ApiError ? cause.retryAfterMs : undefined
    await pause(backoffMs({ attempt: this.#attempts, chance: Math.random(), askedMs }), this.#signal)
  }

  #fateOf(cause: unknown): Fate {
    if (cause instanceof MissedChangeError) return 'start-over'
    if (cause instanceof ApiError) return this.#fateOfRefusal(cause)
    if (!(cause instanceof ConnectionError) || !this.#answered) return 'give-up'
    const disloyal = this.#attempts >= LOYAL_ATTEMPTS && this.#parts.agents.addresses.length > 1
    return disloyal && this.#parts.resnapshot ? 'start-over' : 'resume'
  }

  #fateOfRefusal({ status, code, message }: ApiError): Fate {
    if (HISTORY_GONE.test(message) || (status === 404 && this.#home !== undefined)) return 'start-over'
    if (!this.#answered) return 'give-up'
    if (status === 200) return code === 'lagged' || LAGGED.test(message) ? 'resume' : 'give-up'
    return status >= 500 || status === 408 || status === 429 ? 'resume' : 'give-up'
  }
}

const PATH = '/v1/subscriptions'

/** Sentences of the original, which has no codes. */
const HISTORY_GONE = /already deleted older changes|no existing subscription found/
const LAGGED = /lagged|catching up too slowly|could not catch up|exceeded events buffer/
