/**
 * LiveQueryChild: the live-query process as main sees it. What commits touch is handed over one call at a time, and what
 * comes meanwhile is folded, so that a burst cannot pile up; while no result is kept nothing is told, because a call for each
 * commit would wake two processes for nothing. A call that gets no answer within its deadline means that a
 * statement runs too long: the process is killed and started again, told so that it refuses that statement; it is asked
 * regularly, so that this is found when nothing else is asked. What it missed it finds by itself: it compares every stored
 * result with a fresh run when it starts.
 */
import {
  err,
  type Millis,
  millis,
  ok,
  type Port,
  type PortError,
  type PortStream,
  type Result,
} from '@patina/base'
import type { TouchedTable } from '@patina/crdt-store'
import type { LiveQueryContract, SubscribeHead, SubscribeRequest } from '@patina/live-query'
import type { LagRow, MemberRow } from '@patina/sqlite'
import {
  ChildKeeper,
  type ChildOptions,
  type Running,
  type StallOptions,
  type WatchablePort,
} from './children.ts'
import { within } from './deadline.ts'
import { sentenceOf } from './port-error.ts'

/** Why the process before the next one ended. */
export type LiveQueryEnd = 'deadline' | 'other'

export interface LiveQueryChildOptions {
  readonly spawn: (previousEnd: LiveQueryEnd) => WatchablePort<LiveQueryContract>
  readonly startTimeoutMs: number
  readonly stall?: StallOptions
  /** A query may run so long; the process that needs longer is replaced. */
  readonly runTimeoutMs: number
  /** Pause between the times when it is asked whether it still works. */
  readonly askEveryMs?: number
  readonly onRestart: ChildOptions<LiveQueryContract, null>['onRestart']
  readonly onFailure: ChildOptions<LiveQueryContract, null>['onFailure']
}

/** Table → columns. */
type Touched = 'all' | Map<string, ReadonlySet<string> | 'all'>

const ASK_EVERY_MS = 5_000

export class LiveQueryChild {
  readonly #options: LiveQueryChildOptions
  readonly #keeper: ChildKeeper<LiveQueryContract, null>
  #previousEnd: LiveQueryEnd = 'other'
  /** Touched since the last call. */
  #touched: Touched = new Map()
  #telling = false
  /** The process keeps no result, and nobody has subscribed since it said so. */
  #keepsNothing = false
  #subscriptions = 0
  #isClosed = false
  #asking: NodeJS.Timeout | undefined
  #members: readonly MemberRow[] = []
  #lag: readonly LagRow[] | undefined

  constructor(options: LiveQueryChildOptions) {
    this.#options = options
    this.#keeper = new ChildKeeper<LiveQueryContract, null>({
      role: 'live-query',
      order: 'stop-first',
      drainMs: 0,
      spawn: () => options.spawn(this.#previousEnd),
      stall: options.stall,
      probe: (port) => probeReady(port, options.startTimeoutMs),
      onRestart: options.onRestart,
      onFailure: options.onFailure,
      onReplaced: (running) => {
        this.#previousEnd = 'other'
        this.#keepsNothing = false
        void this.#call(running, 'members', this.#members)
        if (this.#lag !== undefined) void this.#call(running, 'lag', this.#lag)
      },
    })
  }

  async start(): Promise<Result<null, string>> {
    const started = await this.#keeper.start()
    if (started.ok) this.#askLater()
    return started
  }

  isRunning(): boolean {
    return this.#keeper.current() !== undefined
  }

  pending(): number {
    return this.#keeper.pending()
  }

  /** Of the running process, and of old ones that finish their work. */
  pids(): number[] {
    return this.#keeper.pids()
  }

  /** Ends a run whose snapshot is too old, with its process. One that does so twice in a row is refused by the process itself. */
  cutOldest(): boolean {
    const running = this.#keeper.current()
    if (running === undefined) return false
    this.#keeper.replace(running.epoch, 'an old snapshot held the write-ahead log')
    return true
  }

  /** Ends every subscription, then the process. */
  close(ms: number): Promise<void> {
    clearTimeout(this.#asking)
    this.#isClosed = true
    return this.#keeper.close(ms)
  }

  /** What a commit touched; `all` where nobody can tell, and for a schema that may have changed. */
  changed(tables: readonly TouchedTable[] | 'all'): void {
    if (this.#keepsNothing) return
    if (tables === 'all') this.#touched = tables
    else for (const touched of tables) this.#fold(touched)
    if (!this.#telling) void this.#tell()
  }

  /**
   * True when every result that is asked for from now on has what was told before this call. False where that is not known: the process was
   * replaced meanwhile, is not there, or took longer than the limit; then it may be asked again.
   */
  async settle(limitMs: Millis): Promise<boolean> {
    const running = this.#keeper.current()
    if (running === undefined) return false
    // What waits for its turn goes first, beside a call that is under way: one port keeps the order.
    if (this.#hasTouched()) void this.#call(running, 'changed', { tables: tablesOf(this.#takeTouched()) })
    return (await running.port.call('settle', null, { deadlineMs: limitMs })).ok
  }

  /** The whole list of members, as it is now. */
  members(rows: readonly MemberRow[]): void {
    this.#members = rows
    const running = this.#keeper.current()
    if (running !== undefined) void this.#call(running, 'members', rows)
  }

  /** The whole of `patina_lag`, as it is now. */
  lag(rows: readonly LagRow[]): void {
    this.#lag = rows
    const running = this.#keeper.current()
    if (running !== undefined) void this.#call(running, 'lag', rows)
  }

  /** Opens a subscription: the head, then its events as long as the client listens. */
  async subscribe(request: SubscribeRequest): Promise<Result<PortStream<SubscribeHead>, string>> {
    const running = await this.#keeper.ready(this.#options.startTimeoutMs)
    if (running === undefined) return err('live queries are being restarted')
    // What commits from now on is told, behind the request or before it.
    this.#keepsNothing = false
    this.#subscriptions += 1
    // The first run of a query happens before its head comes.
    const waited = await within(this.#options.runTimeoutMs, running.port.openStream('subscribe', request))
    if (waited.kind === 'late') {
      this.#replace(running.epoch)
      return err('the query passed its deadline, or waited for one that did')
    }
    return waited.value.ok ? waited.value : err(sentenceOf(waited.value.error))
  }

  #fold({ table, columns }: TouchedTable): void {
    if (this.#touched === 'all') return
    const known = this.#touched.get(table)
    if (known === 'all') return
    this.#touched.set(table, columns === 'all' ? columns : new Set([...(known ?? []), ...columns]))
  }

  #hasTouched(): boolean {
    return this.#touched === 'all' || this.#touched.size > 0
  }

  #takeTouched(): Touched {
    const touched = this.#touched
    this.#touched = new Map()
    return touched
  }

  async #tell(): Promise<void> {
    this.#telling = true
    while (this.#hasTouched()) {
      const touched = this.#takeTouched()
      const running = this.#keeper.current()
      // A process that starts compares everything with the file as it is then.
      if (running === undefined) continue
      const before = this.#subscriptions
      const told = await this.#call(running, 'changed', { tables: tablesOf(touched) })
      // A process that has come meanwhile may have found results in its file; a subscription may have made one.
      const isLastWord = before === this.#subscriptions && running === this.#keeper.current()
      if (told !== undefined) this.#keepsNothing = isLastWord && told.results === 0
    }
    this.#telling = false
  }

  #askLater(): void {
    this.#asking = setTimeout(async () => {
      const running = this.#keeper.current()
      if (running !== undefined) await this.#call(running, 'ready', null)
      if (!this.#isClosed) this.#askLater()
    }, this.#options.askEveryMs ?? ASK_EVERY_MS)
  }

  async #call<K extends 'changed' | 'lag' | 'members' | 'ready'>(
    { port, epoch }: Running<LiveQueryContract, null>,
    kind: K,
    request: LiveQueryContract['calls'][K]['request'],
  ): Promise<LiveQueryContract['calls'][K]['reply'] | undefined> {
    const deadlineMs = millis(this.#options.runTimeoutMs)
    const result = await port.call(kind, request, { deadlineMs })
    if (result.ok) return result.value
    if (result.error.kind === 'timeout') this.#replace(epoch)
    return undefined
  }

  /** The next process refuses the query that this one was running. */
  #replace(epoch: number): void {
    if (this.#keeper.current()?.epoch !== epoch) return
    this.#previousEnd = 'deadline'
    this.#keeper.replace(epoch, 'a live query passed its deadline')
  }
}

function tablesOf(touched: Touched): readonly TouchedTable[] | 'all' {
  if (touched === 'all') return touched
  return [...touched].map(([table, columns]) => ({
    table,
    columns: columns === 'all' ? columns : [...columns],
  }))
}

async function probeReady(port: Port<LiveQueryContract>, timeoutMs: number): Promise<Result<null, string>> {
  const ready: Result<true, PortError> = await port.call('ready', null, { deadlineMs: millis(timeoutMs) })
  return ready.ok ? ok(null) : err(sentenceOf(ready.error))
}
