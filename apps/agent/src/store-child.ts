/**
 * StoreChild: the store process as main sees it. A write that has begun when its deadline passes costs the process its life,
 * because a running SQLite statement has no other end; that write gets `timeout`. The others that were under way run again
 * where the restarted store proves that none of them was committed: its own head is the last version that main heard of.
 * A write that has only waited by then is taken back and costs nobody anything; one that waits for the end of a transaction in which
 * another one runs is told to come again, as it is not at fault.
 */
import { millis, type Port, type PortError, type Result, unreachable } from '@patina/base'
import type { StoreContract, StoreEvent, StoreState, TransactReply } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import {
  ChildKeeper,
  type ChildOptions,
  type Running,
  type StallOptions,
  type WatchablePort,
} from './children.ts'
import { within } from './deadline.ts'
import { sentenceOf } from './port-error.ts'

export type StoreRunning = Running<StoreContract, StoreState>

type Request<K extends keyof StoreContract['calls']> = StoreContract['calls'][K]['request']
type Reply<K extends keyof StoreContract['calls']> = StoreContract['calls'][K]['reply']

type ForkCall = 'checkOwn' | 'abandon' | 'rewrite' | 'keepForks' | 'cleared' | 'applyAgain'

/** Outcome of a write. All but `reply` and `outcome-unknown` wrote nothing. */
export type WriteOutcome =
  | { readonly kind: 'reply'; readonly reply: TransactReply }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  /** The queue is full, others took all the time, or no store process came up in time: try again later. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The store process was lost, and its successor knows more versions than main: it may have been written. */
  | { readonly kind: 'outcome-unknown' }
  /** The store passed the bound of its memory in this request, and ended. */
  | { readonly kind: 'memory'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string }

export interface StoreChildOptions {
  readonly spawn: () => WatchablePort<StoreContract>
  readonly startTimeoutMs: number
  readonly stall?: StallOptions
  readonly onEvent: (event: StoreEvent) => void
  /** A new process is there: what main and the node machine believe to be held is replaced by this. */
  readonly onReplaced: (state: StoreState) => void
  readonly onRestart: ChildOptions<StoreContract, StoreState>['onRestart']
  readonly onFailure: ChildOptions<StoreContract, StoreState>['onFailure']
}

/** A write is handed over again at most so often; more neighbours' timeouts in a row make it `unavailable`. */
const RERUNS_MAX = 3

/** How long an answer waits for the restarted store to say whether anything was written. */
const PROOF_WAIT_MS = 5_000

export class StoreChild {
  readonly #keeper: ChildKeeper<StoreContract, StoreState>
  readonly #options: StoreChildOptions
  /** Highest own version that main has heard of, by reply or event. */
  #ownHead = 0
  /** Writes wait for it; undefined: they need not. */
  #admitted: PromiseWithResolvers<void> | undefined
  /** The last process that started with an own head that main had not heard of: its predecessor's calls are in doubt. */
  #lastDoubtful = 0

  constructor(options: StoreChildOptions) {
    this.#options = options
    this.#keeper = new ChildKeeper<StoreContract, StoreState>({
      role: 'store',
      order: 'stop-first',
      drainMs: 0,
      spawn: options.spawn,
      stall: options.stall,
      probe: (port) => probeState(port, options.startTimeoutMs),
      onEvent: (event) => this.#receive(event),
      onRestart: options.onRestart,
      onFailure: options.onFailure,
      onReplaced: (running) => this.#replaced(running),
    })
  }

  async start(): Promise<Result<StoreState, string>> {
    const state = await this.#keeper.start()
    if (state.ok) this.#ownHead = ownHead(state.value)
    return state
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

  /** Runs one request; the time of a run is counted from when it is handed over. */
  async transact(statements: readonly SqlStatement[], timeoutMs: number): Promise<WriteOutcome> {
    if (this.#admitted !== undefined && (await within(timeoutMs, this.#admitted.promise)).kind === 'late')
      return { kind: 'unavailable', reason: 'no peer has confirmed the last version of this agent yet' }
    for (let run = 0; run <= RERUNS_MAX; run += 1) {
      const running = await this.#keeper.ready(timeoutMs)
      if (running === undefined) return { kind: 'unavailable', reason: 'the store is being restarted' }
      const result = await running.port.call('transact', statements, { deadlineMs: millis(timeoutMs) })
      if (result.ok) return this.#replied(result.value)
      const outcome = await this.#portFailed(running, result.error)
      if (outcome !== 'run-again') return outcome
    }
    return { kind: 'unavailable', reason: 'the store was restarted too often meanwhile' }
  }

  /** Merges changesets of others. A deadline that passes replaces the process. */
  apply(request: Request<'apply'>, timeoutMs: number): Promise<Result<Reply<'apply'>, PortError>> {
    return this.#call('apply', request, timeoutMs, (epoch) => this.#keeper.replace(epoch, 'apply timed out'))
  }

  /** A change of the schema may take as long as it takes; its transaction ends by itself. */
  schema(request: Request<'schema'>, timeoutMs: number): Promise<Result<Reply<'schema'>, PortError>> {
    return this.#call('schema', request, timeoutMs, () => {})
  }

  /** Brings to the disk what was applied. */
  makeDurable(timeoutMs: number): Promise<Result<Reply<'makeDurable'>, PortError>> {
    return this.#call('makeDurable', null, timeoutMs, () => {})
  }

  /** Declares versions lost. */
  giveUp(request: Request<'giveUp'>, timeoutMs: number): Promise<Result<Reply<'giveUp'>, PortError>> {
    return this.#call('giveUp', request, timeoutMs, () => {})
  }

  schemaProgress(timeoutMs: number): Promise<Result<Reply<'schemaProgress'>, PortError>> {
    return this.#call('schemaProgress', null, timeoutMs, () => {})
  }

  purge(request: Request<'purge'>, timeoutMs: number): Promise<Result<Reply<'purge'>, PortError>> {
    return this.#call('purge', request, timeoutMs, () => {})
  }

  definitions(timeoutMs: number): Promise<Result<Reply<'definitions'>, PortError>> {
    return this.#call('definitions', null, timeoutMs, () => {})
  }

  /** Figures. A store that is busy does not answer in time, which is no reason to end it. */
  stats(timeoutMs: number): Promise<Result<Reply<'stats'>, PortError>> {
    return this.#call('stats', null, timeoutMs, () => {})
  }

  /** What the finding and repairing of forks asks for. It may take as long as it takes. */
  forks<K extends ForkCall>(
    kind: K,
    request: Request<K>,
    timeoutMs: number,
  ): Promise<Result<Reply<K>, PortError>> {
    return this.#call(kind, request, timeoutMs, () => {})
  }

  /** From now on local writes wait, until they are admitted. */
  holdWrites(): void {
    this.#admitted ??= Promise.withResolvers<void>()
  }

  admitWrites(): void {
    this.#admitted?.resolve()
    this.#admitted = undefined
  }

  async #call<
    K extends
      | 'apply'
      | 'definitions'
      | 'giveUp'
      | 'makeDurable'
      | 'purge'
      | 'schema'
      | 'schemaProgress'
      | 'stats'
      | ForkCall,
  >(
    kind: K,
    request: Request<K>,
    timeoutMs: number,
    late: (epoch: number) => void,
  ): Promise<Result<Reply<K>, PortError>> {
    const running = await this.#keeper.ready(timeoutMs)
    if (running === undefined)
      return { ok: false, error: { kind: 'lost', state: 'unknown', reason: 'the store is being restarted' } }
    const result = await running.port.call(kind, request, { deadlineMs: millis(timeoutMs) })
    if (!result.ok && result.error.kind === 'timeout') late(running.epoch)
    return result
  }

  #replied(reply: TransactReply): WriteOutcome {
    if (reply.kind === 'committed' && reply.version !== null)
      this.#ownHead = Math.max(this.#ownHead, reply.version)
    return { kind: 'reply', reply }
  }

  async #portFailed(running: StoreRunning, error: PortError): Promise<WriteOutcome | 'run-again'> {
    switch (error.kind) {
      case 'overloaded':
        return { kind: 'unavailable', reason: 'too many writes are waiting' }
      case 'failed':
        if (error.code !== 'memory') return { kind: 'failed', message: error.message }
        return (await this.#wasClean(running.epoch))
          ? { kind: 'memory', reason: error.message }
          : { kind: 'outcome-unknown' }
      case 'timeout':
        if (error.state === 'unchanged') return { kind: 'unavailable', reason: waitedInVain(error.afterMs) }
        this.#keeper.replace(running.epoch, 'a transaction passed its deadline')
        if (!(await this.#wasClean(running.epoch))) return { kind: 'outcome-unknown' }
        return error.isBystander === true
          ? { kind: 'unavailable', reason: sharedInVain(error.afterMs) }
          : { kind: 'timeout', afterMs: error.afterMs }
      case 'lost':
        return (await this.#wasClean(running.epoch)) ? 'run-again' : { kind: 'outcome-unknown' }
      default:
        return unreachable(error)
    }
  }

  /** Whether the process of this epoch ended without having committed anything that main did not hear of. */
  async #wasClean(epoch: number): Promise<boolean> {
    const successor = await this.#keeper.after(epoch, PROOF_WAIT_MS)
    return successor !== undefined && this.#lastDoubtful <= epoch
  }

  #receive(event: StoreEvent): void {
    if (event.kind === 'committed')
      for (const commit of event.commits) this.#ownHead = Math.max(this.#ownHead, commit.version)
    this.#options.onEvent(event)
  }

  #replaced(running: StoreRunning): void {
    const head = ownHead(running.ready)
    if (head !== this.#ownHead) this.#lastDoubtful = running.epoch
    this.#ownHead = Math.max(this.#ownHead, head)
    this.#options.onReplaced(running.ready)
  }
}

function sharedInVain(ms: number): string {
  return `another write in the same transaction took all of ${ms} ms; nothing was written`
}

function waitedInVain(ms: number): string {
  return `other writes took all of ${ms} ms; this one did not begin, and nothing was written`
}

async function probeState(port: Port<StoreContract>, timeoutMs: number): Promise<Result<StoreState, string>> {
  const state = await port.call('state', null, { deadlineMs: millis(timeoutMs) })
  return state.ok ? state : { ok: false, error: sentenceOf(state.error) }
}

function ownHead(state: StoreState): number {
  return state.knowledge.find(({ actor }) => actor === state.actor)?.head ?? 0
}
