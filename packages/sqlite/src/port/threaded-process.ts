/**
 * Threaded-process carrier: the service is the threads of a child process, each with a pipe of its own to the caller, so
 * that the child's main thread is in nobody's way. It is still one process: it ends as a whole when one thread ends, and
 * SIGKILL ends it inside a statement. Calls and streams go to the thread with the fewest under way; what all threads must
 * hear is named when the process is started.
 */
import type { Socket } from 'node:net'
import {
  type CallOptions,
  must,
  ok,
  type Port,
  type PortContract,
  type PortError,
  type PortStream,
  type Result,
} from '@patina/base'
import { Caller } from './caller.ts'
import {
  type ChildProcessOptions,
  type ChildProcessPort,
  forkService,
  processChannel,
  watchOf,
} from './child-process.ts'
import { LatestValue } from './latest-value.ts'
import { pipeChannel } from './pipe.ts'
import { WATCH_PIPE } from './watch-thread.ts'

export interface ThreadedProcessOptions<C extends PortContract> extends ChildProcessOptions {
  /** As many as the module starts by `serveThreads`. */
  readonly threads: number
  /** Calls that each thread must answer before they are answered. */
  readonly askAll?: readonly (keyof C['calls'] & string)[]
  /**
   * Calls that tell what something is now. Answered with null at once; each thread hears them ahead of what is asked
   * later, and one that is busy hears only the newest.
   */
  readonly tellAll?: readonly (keyof C['calls'] & string)[]
}

/** The descriptors after stdin, stdout, stderr, the channel of the process itself and its watch. */
export const FIRST_PIPE: number = WATCH_PIPE + 1

/** Starts the process. Calls may be made at once; they wait until the threads listen. A failed start ends the port. */
export function openThreadedProcess<C extends PortContract>(
  options: ThreadedProcessOptions<C>,
): ChildProcessPort<C> {
  const child = forkService(options, options.threads)
  const whole = new Caller<NoContract>(processChannel(child), options)
  const threads = Array.from({ length: options.threads }, (_, at) => {
    const channel = pipeChannel<never, never>(child.stdio[FIRST_PIPE + at] as Socket, {
      // With the reason of the process, by when everything that its threads wrote has been read.
      ended: (listener) => void whole.closed.then(({ reason }) => listener(reason)),
      kill: () => whole.kill(),
    })
    return new Caller<C>(channel, options)
  })
  return Object.assign(new ThreadedPort<C>(whole, threads, options), {
    pid: child.pid,
    watch: watchOf(child),
    describe: () => threads.map((thread) => thread.describe()).join('; '),
  })
}

/** The process itself only starts and ends. */
interface NoContract {
  readonly calls: Record<never, never>
  readonly streams: Record<never, never>
  readonly event: never
}

class ThreadedPort<C extends PortContract> implements Port<C> {
  readonly closed: Promise<{ readonly reason: string }>
  readonly #whole: Port<NoContract>
  readonly #threads: readonly Port<C>[]
  readonly #askAll: ReadonlySet<string>
  /** By kind, one a thread: a thread inside a long statement keeps no other from hearing. */
  readonly #tellAll: ReadonlyMap<string, readonly LatestValue<unknown>[]>

  constructor(
    whole: Port<NoContract>,
    threads: readonly Port<C>[],
    { askAll = [], tellAll = [] }: ThreadedProcessOptions<C>,
  ) {
    this.closed = whole.closed
    this.#whole = whole
    this.#threads = threads
    this.#askAll = new Set(askAll)
    this.#tellAll = new Map(
      tellAll.map((kind) => [
        kind,
        threads.map((port) => new LatestValue((value) => port.call(kind, value))),
      ]),
    )
  }

  get pending(): number {
    return this.#threads.reduce((sum, port) => sum + port.pending, 0)
  }

  call<K extends keyof C['calls'] & string>(
    kind: K,
    request: C['calls'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<C['calls'][K]['reply'], PortError>> {
    const told = this.#tellAll.get(kind)
    if (told !== undefined) {
      for (const latest of told) latest.set(request)
      return Promise.resolve(ok(null))
    }
    if (!this.#askAll.has(kind)) return this.#leastBusy().call(kind, request, options)
    return Promise.all(this.#threads.map((port) => port.call(kind, request, options))).then(
      (replies) => replies.find((reply) => !reply.ok) ?? must(replies[0], 'a process has threads'),
    )
  }

  openStream<K extends keyof C['streams'] & string>(
    kind: K,
    request: C['streams'][K]['request'],
    options?: CallOptions,
  ): Promise<Result<PortStream<C['streams'][K]['head']>, PortError>> {
    return this.#leastBusy().openStream(kind, request, options)
  }

  onEvent(listener: (event: C['event']) => void): void {
    for (const port of this.#threads) port.onEvent(listener)
  }

  /** The threads finish what was asked of them; the process waits for them and ends. */
  async close(): Promise<void> {
    for (const port of this.#threads) void port.close()
    await this.#whole.close()
  }

  kill(): void {
    this.#whole.kill()
  }

  #leastBusy(): Port<C> {
    let best = must(this.#threads[0], 'a process has threads')
    for (const port of this.#threads) if (port.pending < best.pending) best = port
    return best
  }
}
