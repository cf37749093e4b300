/**
 * Caller: the caller's end of every carrier. Owns the calls under way, their deadlines, their bound, and the window of
 * each stream. Every call ends in exactly one outcome: a reply, `overloaded`, `timeout`, `lost` or `failed`. One that is late
 * counts as under way until the service has answered, because there it waits still.
 * A deadline of a stream counts to its last byte, because a statement may hang after its first row. Passing it does
 * not stop the service: its owner decides whether to replace the process.
 */
import {
  type CallOptions,
  err,
  ok,
  type Port,
  type PortContract,
  type PortError,
  PortFailure,
  type PortStream,
  type Result,
  unreachable,
} from '@patina/base'
import { type Channel, STREAM_WINDOW_CHUNKS, type ToCaller, type ToService } from './message.ts'
import { ReceivedStream } from './received-stream.ts'

export interface CallerOptions {
  /** Calls and streams under way; above it a call gets `overloaded`. Default 1,024. */
  readonly pendingMax?: number
  /** Of these calls, so many may be under way: none of them takes the room of the others. */
  readonly pendingMaxByKind?: { readonly [kind: string]: number }
  /** Kinds whose calls are taken back at their deadline where they have not begun. They must begin in order. */
  readonly withdrawable?: readonly string[]
}

const PENDING_MAX = 1024

/** Of a request that is shown to people. */
const SHOWN_CHARS_MAX = 2_000

interface WaitingCall {
  readonly settle: (result: Result<unknown, PortError>) => void
  readonly timer: NodeJS.Timeout | undefined
  /** Waits for the head of a stream, which is counted among the streams. */
  readonly isStream: boolean
  /** Where its kind has a bound of its own. */
  readonly room: KindRoom | undefined
  readonly isWithdrawable: boolean
  readonly kind: string
  readonly request: unknown
}

interface AskedCall {
  readonly kind: string
  readonly request: unknown
  readonly deadlineMs: number | undefined
}

interface KindRoom {
  readonly max: number
  taken: number
}

export class Caller<C extends PortContract> implements Port<C> {
  readonly closed: Promise<{ readonly reason: string }>
  readonly #channel: Channel<ToService, ToCaller>
  readonly #pendingMax: number
  readonly #roomByKind: ReadonlyMap<string, KindRoom>
  readonly #waiting = new Map<number, WaitingCall>()
  readonly #streams = new Map<number, ReceivedStream>()
  /** Calls that were given up and that the service has not answered, with the room that they take. */
  readonly #late = new Map<number, KindRoom | undefined>()
  readonly #withdrawable: ReadonlySet<string>
  readonly #listeners: ((event: C['event']) => void)[] = []
  #lastId = 0
  /** Streams among `#waiting`. */
  #opening = 0
  #closing = false
  /** Why the service is gone; undefined while it lives. */
  #lost: string | undefined
  /** What the service itself said before it ended; better than an exit code. */
  #fatal: string | undefined
  #resolveClosed: (end: { readonly reason: string }) => void = () => {}

  constructor(channel: Channel<ToService, ToCaller>, options: CallerOptions = {}) {
    this.#channel = channel
    this.#pendingMax = options.pendingMax ?? PENDING_MAX
    const kinds = Object.entries(options.pendingMaxByKind ?? {})
    this.#roomByKind = new Map(kinds.map(([kind, max]) => [kind, { max, taken: 0 }]))
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#withdrawable = new Set(options.withdrawable)
    channel.onMessages((batch) => {
      for (const message of batch) this.#receive(message)
    })
    channel.onEnd((reason, culprit) => this.#ended(this.#fatal ?? reason, culprit))
  }

  get pending(): number {
    return this.#waiting.size - this.#opening + this.#streams.size + this.#late.size
  }

  call<K extends keyof C['calls'] & string>(
    kind: K,
    request: C['calls'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<C['calls'][K]['reply'], PortError>> {
    const room = this.#roomByKind.get(kind)
    const refused = this.#refuse(room)
    if (refused !== undefined) return Promise.resolve(err(refused))
    const id = this.#nextId()
    const outcome = this.#waitForReply(id, { kind, request, deadlineMs: options?.deadlineMs, room })
    this.#channel.send(['call', id, kind, request])
    return outcome as Promise<Result<C['calls'][K]['reply'], PortError>>
  }

  openStream<K extends keyof C['streams'] & string>(
    kind: K,
    request: C['streams'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<PortStream<C['streams'][K]['head']>, PortError>> {
    const refused = this.#refuse()
    if (refused !== undefined) return Promise.resolve(err(refused))
    const id = this.#nextId()
    const stream = new ReceivedStream({
      consumed: (chunks) => this.#channel.send(['pull', id, chunks]),
      cancel: () => this.#channel.send(['cancel', id]),
      done: () => this.#streams.delete(id),
    })
    const outcome = this.#waitForHead(id, { kind, request, deadlineMs: options?.deadlineMs, stream })
    this.#channel.send(['open', id, kind, request, STREAM_WINDOW_CHUNKS])
    return outcome as Promise<Result<PortStream<C['streams'][K]['head']>, PortError>>
  }

  onEvent(listener: (event: C['event']) => void): void {
    this.#listeners.push(listener)
  }

  /** For people: how many calls of which kind wait for their answer, and what this one asks for. */
  describe(id?: number): string {
    const numbers = new Map<string, number>()
    for (const { kind } of this.#waiting.values()) numbers.set(kind, (numbers.get(kind) ?? 0) + 1)
    const kinds = [...numbers].map(([kind, number]) => `${kind} ${number}`).join(', ')
    const call = id === undefined ? undefined : this.#waiting.get(id)
    const shown = call === undefined ? '' : `\ncall ${id}: ${call.kind} ${textOf(call.request)}`
    return `${kinds === '' ? 'nothing' : kinds}${shown}`
  }

  async close(): Promise<void> {
    if (!this.#closing && this.#lost === undefined) {
      this.#closing = true
      this.#channel.send(['close'])
    }
    await this.closed
  }

  kill(): void {
    this.#closing = true
    this.#channel.kill()
  }

  #refuse(room?: KindRoom): PortError | undefined {
    if (this.#lost !== undefined) return { kind: 'lost', state: 'unknown', reason: this.#lost }
    if (this.#closing) return { kind: 'lost', state: 'unknown', reason: 'closed' }
    const isFull = this.pending >= this.#pendingMax || (room !== undefined && room.taken >= room.max)
    return isFull ? { kind: 'overloaded', state: 'unchanged' } : undefined
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #waitForReply(
    id: number,
    { kind, request, deadlineMs, room }: AskedCall & { readonly room: KindRoom | undefined },
  ): Promise<Result<unknown, PortError>> {
    if (room !== undefined) room.taken += 1
    return new Promise((settle) => {
      const timer = this.#timer(id, deadlineMs)
      const isWithdrawable = this.#withdrawable.has(kind)
      this.#waiting.set(id, { settle, timer, isStream: false, room, isWithdrawable, kind, request })
    })
  }

  /** The head settles it, and the deadline goes on with the stream. */
  #waitForHead(
    id: number,
    { kind, request, deadlineMs, stream }: AskedCall & { readonly stream: ReceivedStream },
  ): Promise<Result<unknown, PortError>> {
    stream.timer = this.#timer(id, deadlineMs)
    this.#streams.set(id, stream)
    this.#opening += 1
    return new Promise((settle) => {
      const none = { timer: undefined, room: undefined, isWithdrawable: false }
      this.#waiting.set(id, { settle, isStream: true, kind, request, ...none })
    })
  }

  #timer(id: number, deadlineMs: number | undefined): NodeJS.Timeout | undefined {
    return deadlineMs === undefined
      ? undefined
      : setTimeout(() => void this.#expire(id, deadlineMs), deadlineMs)
  }

  async #expire(id: number, afterMs: number): Promise<void> {
    const waiting = this.#waiting.get(id)
    const withdrawal = waiting?.isWithdrawable === true ? await this.#channel.withdraw?.(id) : undefined
    if (this.#streams.has(id)) this.#channel.send(['cancel', id])
    // It may have been answered meanwhile.
    else if (this.#waiting.has(id)) this.#late.set(id, waiting?.room)
    this.#fail(id, {
      kind: 'timeout',
      state: withdrawal === 'withdrawn' ? 'unchanged' : 'unknown',
      afterMs,
      ...(withdrawal === 'bystander' ? { isBystander: true } : {}),
    })
  }

  #receive(message: ToCaller): void {
    switch (message[0]) {
      case 'reply':
        this.#settle(message[1], ok(message[2]))
        break
      case 'head':
        this.#receiveHead(message[1], message[2])
        break
      case 'whole':
        this.#receiveWhole(message[1], message[2], message[3])
        break
      case 'chunk':
        this.#streams.get(message[1])?.push(message[2])
        break
      case 'end':
        this.#streams.get(message[1])?.end(undefined)
        break
      case 'failed':
        this.#fail(message[1], { kind: 'failed', state: 'unknown', message: message[2] })
        break
      case 'event':
        for (const listener of this.#listeners) listener(message[1] as C['event'])
        break
      case 'fatal':
        this.#fatal = message[1]
        break
      default:
        unreachable(message)
    }
  }

  #receiveHead(id: number, head: unknown): void {
    const stream = this.#streams.get(id)
    if (stream !== undefined) this.#settle(id, ok({ head, chunks: stream.chunks() }))
  }

  #receiveWhole(id: number, head: unknown, whole: Uint8Array): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    stream.push(whole)
    stream.end(undefined)
    this.#settle(id, ok({ head, whole, chunks: stream.chunks() }))
  }

  /** A reply after its deadline only gives back the room of its call. */
  #settle(id: number, result: Result<unknown, PortError>): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) {
      this.#answeredLate(id)
      return
    }
    this.#waiting.delete(id)
    if (waiting.isStream) this.#opening -= 1
    if (waiting.room !== undefined && !this.#late.has(id)) waiting.room.taken -= 1
    clearTimeout(waiting.timer)
    waiting.settle(result)
  }

  #answeredLate(id: number): void {
    const room = this.#late.get(id)
    this.#late.delete(id)
    if (room !== undefined) room.taken -= 1
  }

  #fail(id: number, error: PortError): void {
    this.#settle(id, err(error))
    this.#streams.get(id)?.end(new PortFailure(error))
  }

  #ended(reason: string, culprit?: number): void {
    if (this.#lost !== undefined) return
    this.#lost = reason
    if (culprit !== undefined)
      this.#fail(culprit, { kind: 'failed', state: 'unknown', message: reason, code: 'memory' })
    const error: PortError = { kind: 'lost', state: 'unknown', reason }
    for (const id of [...this.#waiting.keys(), ...this.#streams.keys()]) this.#fail(id, error)
    this.#resolveClosed({ reason })
  }
}

function textOf(request: unknown): string {
  const text = JSON.stringify(request, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    return value instanceof Uint8Array ? `${value.length} bytes` : value
  })
  return text === undefined ? '' : text.slice(0, SHOWN_CHARS_MAX)
}
