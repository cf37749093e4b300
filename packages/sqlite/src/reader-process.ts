/**
 * The readers' process: spreads calls and streams over a few threads, each with its own read-only connections, so that a
 * long query holds up only its thread. Which kinds there are is the composer's choice: the agent adds the store's
 * `serve` to `query` by a thread module of its own. The process is expendable: it is killed when a statement passes its
 * deadline, and it ends itself when one of its threads does.
 */
import {
  must,
  type Port,
  type PortContract,
  PortFailure,
  type PortHandlers,
  type ServedStream,
} from '@patina/base'
import type { MemberRow } from './members-table.ts'
import { LatestValue } from './port/latest-value.ts'
import { openWorkerThread } from './port/worker-thread.ts'
import type { ReaderContract } from './reader.ts'

export interface ReaderProcessOptions<C extends PortContract> {
  /** The module of a thread: calls `serveParentThread` with handlers for all kinds, those of ReaderContract among them. */
  readonly thread: URL
  /** Given to each thread as `workerData`. */
  readonly data: unknown
  /** Default 2. */
  readonly threads?: number
  /** What is passed on beside ReaderContract's kinds. */
  readonly calls?: readonly (keyof C['calls'] & string)[]
  readonly streams?: readonly (keyof C['streams'] & string)[]
}

const THREADS = 2

/** Two services as one. A kind that both have is the second's. */
export function mergeHandlers<A extends PortContract, B extends PortContract>(
  first: PortHandlers<A>,
  second: PortHandlers<B>,
): PortHandlers<MergedContract<A, B>> {
  const merged = {
    calls: { ...first.calls, ...second.calls },
    streams: { ...first.streams, ...second.streams },
    start: (emit: (event: A['event'] | B['event']) => void) => {
      first.start?.(emit)
      second.start?.(emit)
    },
    closing: () => {
      first.closing?.()
      second.closing?.()
    },
    stop: async () => {
      await first.stop?.()
      await second.stop?.()
    },
  }
  return merged as unknown as PortHandlers<MergedContract<A, B>>
}

export interface MergedContract<A extends PortContract, B extends PortContract> {
  readonly calls: A['calls'] & B['calls']
  readonly streams: A['streams'] & B['streams']
  readonly event: A['event'] | B['event']
}

/** Handlers for `serveParentProcess`. Resolves when every thread is ready; throws the sentence of one that refuses. */
export async function readerProcessHandlers<C extends PortContract = ReaderContract>(
  options: ReaderProcessOptions<C>,
): Promise<PortHandlers<MergedContract<ReaderContract, C>>> {
  const threads = new ReaderThreads(options.thread, options.data, options.threads ?? THREADS)
  await threads.ready()
  const calls = ['ready', ...(options.calls ?? [])].map((kind) => [kind, threads.callHandler(kind)])
  const streams = ['query', ...(options.streams ?? [])].map((kind) => [kind, threads.streamHandler(kind)])
  const members = (rows: readonly MemberRow[]): null => {
    threads.members(rows)
    return null
  }
  return {
    calls: { ...Object.fromEntries(calls), members },
    streams: Object.fromEntries(streams),
    stop: () => threads.close(),
  }
}

class ReaderThreads {
  readonly #ports: readonly Port<PortContract>[]
  /** One a thread: one that is inside a long statement keeps no other from hearing. */
  readonly #members: readonly LatestValue<readonly MemberRow[]>[]
  #closing = false

  constructor(module: URL, data: unknown, count: number) {
    this.#ports = Array.from({ length: count }, () => openWorkerThread<PortContract>({ module, data }))
    this.#members = this.#ports.map((port) => new LatestValue((rows) => port.call('members', rows)))
  }

  async ready(): Promise<void> {
    for (const port of this.#ports) {
      const reply = await port.call('ready', null)
      if (!reply.ok) throw new Error(reply.error.kind === 'lost' ? reply.error.reason : reply.error.kind)
    }
    // Unhandled on purpose: a process that has lost a thread is replaced as a whole.
    for (const port of this.#ports) void port.closed.then(({ reason }) => this.#threadEnded(reason))
  }

  /** Handed to each thread at once, ahead of what is asked after it. */
  members(rows: readonly MemberRow[]): void {
    for (const latest of this.#members) latest.set(rows)
  }

  callHandler(kind: string): (request: unknown) => Promise<unknown> {
    return async (request) => {
      const reply = await this.#leastBusy().call(kind, request)
      if (!reply.ok) throw new PortFailure(reply.error)
      return reply.value
    }
  }

  streamHandler(kind: string): (request: unknown) => Promise<ServedStream<unknown>> {
    return async (request) => {
      const opened = await this.#leastBusy().openStream(kind, request)
      if (!opened.ok) throw new PortFailure(opened.error)
      return opened.value
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#ports.map((port) => port.close()))
  }

  #leastBusy(): Port<PortContract> {
    const [first, ...others] = this.#ports
    return others.reduce(
      (best, port) => (port.pending < best.pending ? port : best),
      must(first, 'no reader threads'),
    )
  }

  #threadEnded(reason: string): void {
    if (!this.#closing) throw new Error(`a reader thread ended: ${reason}`)
  }
}
