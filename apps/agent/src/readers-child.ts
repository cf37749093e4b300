/**
 * ReadersChild: the process with read-only connections as main sees it. A query whose deadline passes costs the process
 * its life: the replacement starts first, the old one finishes its neighbours' work for a while and is then killed.
 * A neighbour that is lost before its first byte is run once more. The deadline counts the time that SQLite works, not
 * the time that a slow client takes.
 */
import {
  err,
  millis,
  type Need,
  ok,
  type Port,
  type PortError,
  PortFailure,
  type PortStream,
  type Result,
  type ServedBatch,
} from '@patina/base'
import type {
  LagRow,
  MemberRow,
  MergedContract,
  QueryHead,
  QueryRequest,
  ReaderContract,
} from '@patina/sqlite'
import {
  ChildKeeper,
  type ChildOptions,
  type Running,
  type StallOptions,
  type WatchablePort,
} from './children.ts'
import { within } from './deadline.ts'
import { sentenceOf } from './port-error.ts'

/** What each thread serves beside queries: parts of the log for peers. */
export interface LogContract {
  readonly calls: {
    readonly serve: {
      readonly request: { readonly needs: readonly Need[]; readonly budgetBytes: number }
      readonly reply: ServedBatch
    }
  }
  readonly streams: Record<never, never>
  readonly event: never
}

export type ReadersContract = MergedContract<ReaderContract, LogContract>

/** A query that has begun. `chunks` throws QueryEnded where the rest cannot come. */
export interface RunningQuery {
  readonly head: QueryHead
  readonly chunks: AsyncIterableIterator<Uint8Array>
  /** All bytes, where they are there already: who takes them here leaves `chunks` alone. */
  readonly whole?: Uint8Array
}

/** Why a query has no answer, or no more. Nothing was changed; all but `timeout` may be retried at once. */
export type QueryError =
  | { readonly kind: 'timeout'; readonly afterMs: number }
  /** The process was replaced because of a neighbour. */
  | { readonly kind: 'lost' }
  /** Its snapshot kept the write-ahead log from ending. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string }

export class QueryEnded extends Error {
  readonly error: QueryError
  constructor(error: QueryError) {
    super(error.kind)
    this.error = error
  }
}

export interface ReadersChildOptions {
  readonly spawn: () => WatchablePort<ReadersContract>
  readonly startTimeoutMs: number
  readonly stall?: StallOptions
  readonly drainMs: number
  /** How long a query that is cut may take to end. Default 500. */
  readonly cutGraceMs?: number
  readonly onRestart: ChildOptions<ReadersContract, null>['onRestart']
  readonly onFailure: ChildOptions<ReadersContract, null>['onFailure']
}

type ReadersRunning = Running<ReadersContract, null>

/** A query between its begin and its end, as far as it must be known to cut it. */
interface UnderWay {
  readonly epoch: number
  isCut: boolean
  /** Ends it between two chunks; undefined while its head is waited for. */
  cancel: (() => void) | undefined
}

/** A query that is cut between two chunks has ended by then, where it has not begun a long step. */
const CUT_GRACE_MS = 500
/** What short neighbours need; the log grows meanwhile. */
const CUT_DRAIN_MS = 250
/** After so long another one is meant. */
const CUT_OVER_MS = 3_000

/** A neighbour of a stuck query is run once more, and no more often. */
const RUNS_MAX = 2

export class ReadersChild {
  readonly #keeper: ChildKeeper<ReadersContract, null>
  /** The newest list; undefined until main knows one. */
  #members: readonly MemberRow[] | undefined
  #lag: readonly LagRow[] | undefined
  /** The one that began first comes first. */
  readonly #underWay = new Set<UnderWay>()
  readonly #cutGraceMs: number
  #lastCut: { readonly epoch: number; readonly at: number } | undefined

  constructor(options: ReadersChildOptions) {
    this.#cutGraceMs = options.cutGraceMs ?? CUT_GRACE_MS
    this.#keeper = new ChildKeeper<ReadersContract, null>({
      role: 'readers',
      order: 'start-first',
      drainMs: options.drainMs,
      spawn: options.spawn,
      stall: options.stall,
      probe: (port) => probeReady(port, options.startTimeoutMs),
      onRestart: options.onRestart,
      onFailure: options.onFailure,
      // Before the first query that finds the new process.
      onReplaced: ({ port }) => this.#tell(port),
    })
  }

  start(): Promise<Result<null, string>> {
    return this.#keeper.start()
  }

  isRunning(): boolean {
    return this.#keeper.current() !== undefined
  }

  pending(): number {
    return this.#keeper.pending()
  }

  close(ms: number): Promise<void> {
    return this.#keeper.close(ms)
  }

  /** Of the running process, and of old ones that finish their work. */
  pids(): number[] {
    return this.#keeper.pids()
  }

  /**
   * Ends the query that began first. Where it is inside a statement, or that has been tried and did not help, the process is
   * replaced, which costs others a second run. True: something was cut.
   */
  cutOldest(): boolean {
    const running = this.#keeper.current()
    if (running === undefined) return false
    const { epoch } = running
    const queries = [...this.#underWay].filter((query) => query.epoch === epoch && !query.isCut)
    const sinceCutMs = performance.now() - (this.#lastCut?.epoch === epoch ? this.#lastCut.at : -Infinity)
    if (sinceCutMs < this.#cutGraceMs) return true
    const oldest = queries.find(({ cancel }) => sinceCutMs > CUT_OVER_MS || cancel === undefined)
    if (oldest === undefined && sinceCutMs > CUT_OVER_MS) return false
    if (oldest !== undefined) oldest.isCut = true
    this.#lastCut = { epoch, at: performance.now() }
    if (oldest?.cancel !== undefined) oldest.cancel()
    else this.#keeper.replace(epoch, 'an old snapshot held the write-ahead log', CUT_DRAIN_MS)
    return true
  }

  /** The whole of `patina_members`, as it is now. */
  members(rows: readonly MemberRow[]): void {
    this.#members = rows
    const running = this.#keeper.current()
    if (running !== undefined) void running.port.call('members', rows)
  }

  /** As `members`. */
  lag(rows: readonly LagRow[]): void {
    this.#lag = rows
    const running = this.#keeper.current()
    if (running !== undefined) void running.port.call('lag', rows)
  }

  /** No answer is waited for: what the process does not hear, it hears of the next list or its successor of this one. */
  #tell(port: Port<ReadersContract>): void {
    if (this.#members !== undefined) void port.call('members', this.#members)
    if (this.#lag !== undefined) void port.call('lag', this.#lag)
  }

  /**
   * Begins a query and waits for its first bytes; `timeoutMs` is for the whole of it. The caller reads `chunks` to the
   * end or returns them.
   */
  async query(request: QueryRequest, timeoutMs: number): Promise<Result<RunningQuery, QueryError>> {
    for (let run = 0; run < RUNS_MAX; run += 1) {
      const running = await this.#keeper.ready(timeoutMs)
      if (running === undefined) break
      const self: UnderWay = { epoch: running.epoch, isCut: false, cancel: undefined }
      this.#underWay.add(self)
      const begun = await this.#begin(running, self, request, timeoutMs)
      if (!begun.ok || begun.value.whole !== undefined) this.#underWay.delete(self)
      if (begun.ok || begun.error.kind !== 'lost') return begun
      await this.#keeper.after(running.epoch, timeoutMs)
    }
    return err({ kind: 'unavailable', reason: 'the readers are being restarted' })
  }

  async #begin(
    running: ReadersRunning,
    self: UnderWay,
    request: QueryRequest,
    timeoutMs: number,
  ): Promise<Result<RunningQuery, QueryError>> {
    const startedAt = performance.now()
    // No deadline of the port's own: it would count to the last byte, at the pace of the client.
    const waited = await within(timeoutMs, running.port.openStream('query', request))
    if (waited.kind === 'late') {
      this.#keeper.replace(running.epoch, 'a query passed its deadline')
      return err({ kind: 'timeout', afterMs: timeoutMs })
    }
    const opened = waited.value
    if (!opened.ok) return err(self.isCut ? { kind: 'cut' } : queryError(opened.error, timeoutMs))
    if (opened.value.whole !== undefined) return ok(opened.value)
    const spentMs = performance.now() - startedAt
    const { head, chunks } = this.#pump(running, self, opened.value, { timeoutMs, spentMs })
    try {
      return ok({ head, chunks: startingWith(await chunks.next(), chunks) })
    } catch (cause) {
      if (!(cause instanceof QueryEnded)) throw cause
      return err(cause.error)
    }
  }

  /** Reads the log for a peer. */
  async serve(
    needs: readonly Need[],
    budgetBytes: number,
    timeoutMs: number,
  ): Promise<Result<ServedBatch, PortError>> {
    const running = await this.#keeper.ready(timeoutMs)
    if (running === undefined)
      return err({ kind: 'lost', state: 'unknown', reason: 'the readers are being restarted' })
    const served = await running.port.call('serve', { needs, budgetBytes }, { deadlineMs: millis(timeoutMs) })
    if (!served.ok && served.error.kind === 'timeout') this.#keeper.replace(running.epoch, 'serve timed out')
    return served
  }

  /** Hands chunks on and counts the time that they are waited for. */
  #pump(
    running: ReadersRunning,
    self: UnderWay,
    stream: PortStream<QueryHead>,
    budget: { readonly timeoutMs: number; spentMs: number },
  ): RunningQuery {
    // One read at a time: a client may go while its chunk is waited for.
    let underWay: Promise<IteratorResult<Uint8Array>> | undefined
    const read = (): Promise<IteratorResult<Uint8Array>> => {
      underWay ??= stream.chunks.next().finally(() => {
        underWay = undefined
      })
      return underWay
    }
    const ended = (error: QueryError): QueryEnded => {
      this.#underWay.delete(self)
      return new QueryEnded(self.isCut ? { kind: 'cut' } : error)
    }
    self.cancel = () => void stream.chunks.return?.()
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      const askedAt = performance.now()
      try {
        const waited = await within(Math.max(0, budget.timeoutMs - budget.spentMs), read())
        budget.spentMs += performance.now() - askedAt
        if (waited.kind === 'done') {
          if (waited.value.done !== true) return waited.value
          // What is cut looks like an end.
          if (self.isCut) throw ended({ kind: 'cut' })
          this.#underWay.delete(self)
          return waited.value
        }
      } catch (cause) {
        if (!(cause instanceof PortFailure)) throw cause
        throw ended(queryError(cause.error, budget.timeoutMs))
      }
      this.#keeper.replace(running.epoch, 'a query passed its deadline')
      throw ended({ kind: 'timeout', afterMs: budget.timeoutMs })
    }
    const cancel = async (): Promise<IteratorResult<Uint8Array>> => {
      await this.#drain(running, read, Math.max(0, budget.timeoutMs - budget.spentMs))
      await stream.chunks.return?.()
      this.#underWay.delete(self)
      return { done: true, value: undefined }
    }
    const chunks = { next, return: cancel, [Symbol.asyncIterator]: () => chunks }
    return { head: stream.head, chunks }
  }

  /**
   * Ends a query whose client has gone. The port cannot tell whether the statement still runs, so it is read on until a
   * chunk comes that was not yet under way, or the end; one that gives nothing within its deadline is stuck.
   */
  async #drain(
    running: ReadersRunning,
    read: () => Promise<IteratorResult<Uint8Array>>,
    ms: number,
  ): Promise<void> {
    const until = performance.now() + ms
    for (let chunk = 0; chunk <= CHUNKS_AHEAD_MAX; chunk += 1) {
      const step = read().catch((): IteratorResult<Uint8Array> => ({ done: true, value: undefined }))
      const waited = await within(Math.max(0, until - performance.now()), step)
      if (waited.kind === 'late') {
        this.#keeper.replace(running.epoch, 'a cancelled query passed its deadline')
        return
      }
      if (waited.value.done) return
    }
  }
}

/** The service is at most this many chunks ahead of a consumer (base's Port: a few). */
const CHUNKS_AHEAD_MAX = 8

function queryError(error: PortError, timeoutMs: number): QueryError {
  if (error.kind === 'timeout') return { kind: 'timeout', afterMs: timeoutMs }
  if (error.kind === 'failed') return { kind: 'failed', message: error.message }
  if (error.kind === 'overloaded') return { kind: 'unavailable', reason: 'too many queries are waiting' }
  return { kind: 'lost' }
}

/** The iterator with its first step, which was taken already, put back in front. */
function startingWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterableIterator<Uint8Array>,
): AsyncIterableIterator<Uint8Array> {
  let pending: IteratorResult<Uint8Array> | undefined = first
  const chunks: AsyncIterableIterator<Uint8Array> = {
    next() {
      const step = pending
      pending = undefined
      return step === undefined ? rest.next() : Promise.resolve(step)
    },
    return() {
      pending = undefined
      return rest.return?.() ?? Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]: () => chunks,
  }
  return chunks
}

async function probeReady(port: Port<ReadersContract>, timeoutMs: number): Promise<Result<null, string>> {
  const ready = await port.call('ready', null, { deadlineMs: millis(timeoutMs) })
  return ready.ok ? ok(null) : err(sentenceOf(ready.error))
}
