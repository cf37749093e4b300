/**
 * ChildKeeper: keeps one child process running: starts it, waits until it answers, replaces it when it ends or when its
 * owner or its watch says that it is stuck, with a growing pause while it keeps failing. Knows nothing of what the child serves:
 * store-child.ts and readers-child.ts do.
 */
import { err, type Port, type PortContract, type Result } from '@patina/base'
import type { ChildProcessPort } from '@patina/sqlite'
import { within } from './deadline.ts'
import { dumpStall } from './stall-dump.ts'
import { type Stall, type StallLimits, StallWatch } from './stall-watch.ts'

/** A child that answers. `epoch` numbers the processes of one keeper, from 1. */
export interface Running<C extends PortContract, Ready> {
  readonly port: WatchablePort<C>
  readonly ready: Ready
  readonly epoch: number
}

/** A port of a process can be watched from outside; one of a test has no process. */
export type WatchablePort<C extends PortContract> = Port<C> &
  Partial<Pick<ChildProcessPort<C>, 'pid' | 'watch' | 'describe'>>

export interface StallOptions extends StallLimits {
  /** Where what a stalled process was doing is written down. */
  readonly dumpFolder: string
}

export interface ChildOptions<C extends PortContract, Ready> {
  readonly role: string
  readonly spawn: () => WatchablePort<C>
  /** Absent: a process that stands is found by the deadlines of its calls alone. */
  readonly stall?: StallOptions | undefined
  /** Asks the new process for its first answer; the error is a sentence. */
  readonly probe: (port: Port<C>) => Promise<Result<Ready, string>>
  /** stop-first: the old process must be gone before the new one starts (it holds a lock). */
  readonly order: 'stop-first' | 'start-first'
  /** start-first: how long the old process may finish what it has under way. */
  readonly drainMs: number
  readonly onEvent?: (event: C['event']) => void
  readonly onRestart: (restart: { readonly role: string; readonly reason: string }) => void
  readonly onReplaced?: (running: Running<C, Ready>) => void
  readonly onFailure: (failure: {
    readonly role: string
    readonly reason: string
    readonly retryMs: number
  }) => void
}

/** Pause before the n-th start in a row that failed, n from 1: 100 ms doubling to 10 s. */
export function restartDelayMs(failures: number): number {
  return failures < 1 ? 0 : Math.min(10_000, 100 * 2 ** Math.min(failures - 1, 10))
}

/** A process that lived this long was not part of a crash loop. */
const STABLE_MS = 10_000

/** A killed process is gone within milliseconds, or hangs in the kernel; its lock then refuses the next start for a while. */
const KILLED_MS = 5_000

export class ChildKeeper<C extends PortContract, Ready> {
  readonly #options: ChildOptions<C, Ready>
  #running: Running<C, Ready> | undefined
  #next: PromiseWithResolvers<void> = Promise.withResolvers()
  #epoch = 0
  #failures = 0
  #startedAt = 0
  /** True while a replacement is being brought up: at most one at a time. */
  #replacing = false
  #closed = false
  readonly #retired = new Set<WatchablePort<C>>()
  /** Of the running process. */
  #stallWatch: StallWatch | undefined

  constructor(options: ChildOptions<C, Ready>) {
    this.#options = options
  }

  /** The first start: one attempt, whose failure is the caller's to tell. */
  async start(): Promise<Result<Ready, string>> {
    const launched = await this.#launch()
    if (!launched.ok) return launched
    this.#adopt(launched.value)
    return { ok: true, value: launched.value.ready }
  }

  current(): Running<C, Ready> | undefined {
    return this.#running
  }

  /** The running child, waiting for it up to `ms`; undefined where there is none by then. */
  async ready(ms: number): Promise<Running<C, Ready> | undefined> {
    if (this.#running === undefined && !this.#closed) await within(ms, this.#next.promise)
    return this.#running
  }

  /** Waits until another process than `epoch` answers, up to `ms`. */
  async after(epoch: number, ms: number): Promise<Running<C, Ready> | undefined> {
    const until = performance.now() + ms
    while (!this.#closed && (this.#running === undefined || this.#running.epoch <= epoch)) {
      const left = until - performance.now()
      if (left <= 0) return undefined
      await within(left, this.#next.promise)
    }
    return this.#running
  }

  /** Replaces the process of this epoch; nothing where it is replaced already. `drainMs`: less than usual, where it is urgent. */
  replace(epoch: number, reason: string, drainMs: number = this.#options.drainMs): void {
    const running = this.#running
    if (running?.epoch !== epoch || this.#replacing || this.#closed) return
    if (this.#options.order === 'stop-first') {
      this.#running = undefined
      running.port.kill()
    }
    void this.#bringUp(running, reason, drainMs)
  }

  pending(): number {
    let pending = this.#running?.port.pending ?? 0
    for (const port of this.#retired) pending += port.pending
    return pending
  }

  /** Of the running process, and of old ones that finish their work. */
  pids(): number[] {
    const ports = [...this.#retired, ...(this.#running === undefined ? [] : [this.#running.port])]
    return ports.flatMap(({ pid }) => pid ?? [])
  }

  /** Lets the child end itself, up to `ms`, then kills it; retired ones at once. */
  async close(ms: number): Promise<void> {
    this.#closed = true
    this.#stallWatch?.stop()
    this.#next.resolve()
    for (const port of this.#retired) port.kill()
    const port = this.#running?.port
    this.#running = undefined
    if (port === undefined) return
    await within(ms, port.close())
    port.kill()
    await within(KILLED_MS, port.closed)
  }

  async #bringUp(old: Running<C, Ready>, reason: string, drainMs: number): Promise<void> {
    this.#replacing = true
    this.#options.onRestart({ role: this.#options.role, reason })
    if (performance.now() - this.#startedAt > STABLE_MS) this.#failures = 0
    if (this.#options.order === 'stop-first') await within(KILLED_MS, old.port.closed)
    for (let first = true; !this.#closed; first = false) {
      if (!first || this.#failures > 0) await pause(restartDelayMs(this.#failures))
      if (this.#closed) break
      this.#failures += 1
      const launched = await this.#launch()
      if (launched.ok) {
        this.#replacing = false
        this.#adopt(launched.value)
        this.#options.onReplaced?.(launched.value)
        if (this.#options.order === 'start-first') void this.#retire(old.port, drainMs)
        return
      }
      const retryMs = restartDelayMs(this.#failures)
      this.#options.onFailure({ role: this.#options.role, reason: launched.error, retryMs })
    }
    this.#replacing = false
  }

  async #launch(): Promise<Result<Running<C, Ready>, string>> {
    this.#epoch += 1
    const epoch = this.#epoch
    const port = this.#options.spawn()
    if (this.#options.onEvent !== undefined) port.onEvent(this.#options.onEvent)
    const ready = await this.#options.probe(port)
    if (ready.ok && !this.#closed) return { ok: true, value: { port, ready: ready.value, epoch } }
    port.kill()
    await within(KILLED_MS, port.closed)
    return ready.ok ? err('the agent is stopping') : ready
  }

  #adopt(running: Running<C, Ready>): void {
    this.#running = running
    this.#startedAt = performance.now()
    this.#watchStalls(running)
    const waiting = this.#next
    this.#next = Promise.withResolvers()
    waiting.resolve()
    void running.port.closed.then(({ reason }) => {
      if (this.#running !== running || this.#closed) return
      this.#running = undefined
      if (!this.#replacing) void this.#bringUp(running, `ended by itself: ${reason}`, 0)
    })
  }

  #watchStalls(running: Running<C, Ready>): void {
    this.#stallWatch?.stop()
    const { stall } = this.#options
    const { watch } = running.port
    if (stall === undefined || watch === undefined) return
    this.#stallWatch = new StallWatch(watch, stall, (found) => void this.#stalled(running, stall, found))
  }

  async #stalled(
    { port, epoch }: Running<C, Ready>,
    { dumpFolder }: StallOptions,
    stall: Stall,
  ): Promise<void> {
    const { pid, watch, describe = () => 'unknown' } = port
    if (watch === undefined || this.#running?.epoch !== epoch) return
    const { role } = this.#options
    const process = { role, pid, watch, describe: (id?: number) => describe.call(port, id) }
    const path = await dumpStall(dumpFolder, process, stall)
    this.replace(epoch, `stalled: ${stall.why}; see ${path ?? 'no dump: it could not be written'}`, 0)
    // Also where its successor starts first: it serves nobody, and what it was asked runs again there.
    port.kill()
  }

  /** An old process finishes its neighbours' work, then goes; the stuck statement goes with it. */
  async #retire(port: WatchablePort<C>, drainMs: number): Promise<void> {
    this.#retired.add(port)
    const until = performance.now() + drainMs
    while (port.pending > 0 && performance.now() < until && !this.#closed) await pause(RETIRE_POLL_MS)
    port.kill()
    await within(KILLED_MS, port.closed)
    this.#retired.delete(port)
  }
}

const RETIRE_POLL_MS = 50

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
