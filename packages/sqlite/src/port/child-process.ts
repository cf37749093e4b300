/**
 * Child-process carrier: the service is a process of its own, so that SIGKILL ends it inside a statement too. Structured
 * clone over Node's IPC pipe, one write per turn of the loop.
 * A child never outlives its parent: it ends when the channel does, or the pipe of its watch (watch-thread.ts), which a child
 * inside an endless statement hears of, too (Node has no parent-death signal).
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { must, type Port, type PortContract, type PortHandlers } from '@patina/base'
import { BegunCalls } from './begun-calls.ts'
import { Caller, type CallerOptions } from './caller.ts'
import type { Channel, ToCaller, ToService } from './message.ts'
import { Outbox } from './outbox.ts'
import { sentenceOf, serve } from './serve.ts'
import { Watch } from './watch.ts'
import { startWatch, startWatchThread, WATCH_PIPE } from './watch-thread.ts'

export interface ChildProcessOptions extends CallerOptions {
  /** The module that calls `serveParentProcess`. */
  readonly module: URL | string
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Default: those of this process, `--conditions` among them. */
  readonly execArgv?: readonly string[]
  /** Default: stdout and stderr of this process. */
  readonly output?: 'inherit' | 'ignore'
}

export interface ChildProcessPort<C extends PortContract> extends Port<C> {
  /** Of the child; undefined when it could not be started. */
  readonly pid: number | undefined
  readonly watch: Watch
  /** For people: how many calls of which kind wait for their answer, and what this one asks for. */
  describe(id?: number): string
}

/** Starts the process. Calls may be made at once; they wait until it listens. A failed start ends the port. */
export function openChildProcess<C extends PortContract>(options: ChildProcessOptions): ChildProcessPort<C> {
  const child = forkService(options)
  const watch = watchOf(child)
  return Object.assign(new Caller<C>(processChannel(child, watch), options), { pid: child.pid, watch })
}

/**
 * For a process that serves no port and is watched all the same: answers the one that has started it by `forkService`. When
 * that one is gone, this process may go on for so long.
 */
export function beWatched(graceMs: number): void {
  startWatchThread(new BegunCalls(), endSelf, { graceMs })
}

/** The caller's end of the watch of a process that `forkService` has started. */
export function watchOf(child: ChildProcess): Watch {
  return new Watch(child.stdio[WATCH_PIPE] as Socket)
}

/** The process, with so many more pipes after its channel and its watch. */
export function forkService(options: ChildProcessOptions, pipes = 0): ChildProcess {
  const output = options.output ?? 'inherit'
  return fork(options.module, options.args ?? [], {
    serialization: 'advanced',
    stdio: ['ignore', output, output, 'ipc', 'pipe', ...Array.from({ length: pipes }, () => 'pipe' as const)],
    env: options.env ?? process.env,
    ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
  })
}

export interface ServeOptions {
  /**
   * Whether handlers run statements on the main thread. Default true: then the watch is a thread, because a main thread
   * inside a statement answers nobody.
   */
  readonly blocks?: boolean
  /** Memory of this process above which it ends itself, telling which call was running. Default: no bound. */
  readonly memoryBytesMax?: number | undefined
}

/**
 * Serves the process that forked this one. `make` may throw: its sentence becomes the reason of the caller's `closed`.
 * Signals of a terminal are ignored: the parent gets them too and decides when its children end.
 */
export async function serveParentProcess<C extends PortContract>(
  make: (begun: BegunCalls) => PortHandlers<C> | Promise<PortHandlers<C>>,
  { blocks = true, memoryBytesMax }: ServeOptions = {},
): Promise<void> {
  if (process.send === undefined) throw new Error('this program is started by the agent, not by hand')
  const begun = new BegunCalls()
  if (blocks) startWatchThread(begun, endSelf, { memoryBytesMax })
  else startWatch(begun, { memoryBytesMax })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const channel = childChannel()
  try {
    serve(channel, await make(begun))
  } catch (cause) {
    process.exitCode = 1
    channel.send(['fatal', sentenceOf(cause)])
    channel.end()
  }
}

/** The caller's end of the channel that `fork` has made. */
export function processChannel(child: ChildProcess, watch?: Watch): Channel<ToService, ToCaller> {
  const outbox = new Outbox<ToService>(
    // A send to a dead child fails; its exit is what ends the calls.
    (batch, taken) => (child.connected ? child.send(batch as ToService[], () => taken()) : taken()),
    () => child.kill('SIGKILL'),
  )
  return {
    send: (message) => outbox.push(message),
    onMessages: (listener) =>
      child.on('message', (batch) => listener(batch as unknown as readonly ToCaller[])),
    onEnd: (listener) => {
      child.once('error', (cause) => listener(`could not be started: ${cause.message}`))
      // `close` and not `exit`: by then every message that the child wrote has been read.
      child.once('close', (code, signal) => {
        const overfull = watch?.overfull()
        if (overfull !== undefined)
          listener(`its memory passed its bound: ${Math.round(overfull.bytes / 2 ** 20)} MiB`, overfull.id)
        else listener(signal === null ? `exit code ${code}` : `ended by ${signal}`)
      })
    },
    end: () => outbox.flushAll(() => child.connected && child.disconnect()),
    kill: () => child.kill('SIGKILL'),
    ...(watch === undefined ? {} : { withdraw: (id) => watch.withdraw(id, WITHDRAW_MS) }),
  }
}

/** The watch answers within a millisecond where the machine has one to give. */
const WITHDRAW_MS = 500

function childChannel(): Channel<ToCaller, ToService> {
  must(process.send, 'serveParentProcess runs in a child process')
  const outbox = new Outbox<ToCaller>(
    (batch, taken) =>
      process.connected ? process.send?.(batch, undefined, undefined, () => taken()) : taken(),
    endSelf,
  )
  let ending = false
  return {
    send: (message) => outbox.push(message),
    onMessages: (listener) => process.on('message', (batch) => listener(batch as readonly ToService[])),
    onEnd: (listener) =>
      process.once('disconnect', () => {
        listener('disconnected')
        if (!ending) endSelf()
      }),
    end: () => {
      ending = true
      outbox.flushAll(() => {
        if (process.connected) process.disconnect?.()
        process.exit()
      })
    },
    kill: endSelf,
  }
}

/** Not `process.exit()`, and no exception that nobody catches: both wait for a statement that runs in a thread. */
export function endSelf(): void {
  process.kill(process.pid, 'SIGKILL')
}
