/**
 * Child-process carrier: the service is a process of its own, so that SIGKILL ends it inside a statement too. Structured
 * clone over Node's IPC pipe, one write per turn of the loop.
 * A child never outlives its parent: it ends when the pipe does, and because a child inside an endless statement cannot
 * hear of that, a thread beside it watches the parent's process id (Node has no parent-death signal).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { must, type Port, type PortContract, type PortHandlers } from '@patina/base'
import { Caller, type CallerOptions } from './caller.ts'
import type { Channel, ToCaller, ToService } from './message.ts'
import { Outbox } from './outbox.ts'
import { sentenceOf, serve } from './serve.ts'

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
}

/** Starts the process. Calls may be made at once; they wait until it listens. A failed start ends the port. */
export function openChildProcess<C extends PortContract>(options: ChildProcessOptions): ChildProcessPort<C> {
  const child = forkService(options)
  return Object.assign(new Caller<C>(processChannel(child), options), { pid: child.pid })
}

/** The process, with so many more pipes after its channel. */
export function forkService(options: ChildProcessOptions, pipes = 0): ChildProcess {
  const output = options.output ?? 'inherit'
  return fork(options.module, options.args ?? [], {
    serialization: 'advanced',
    stdio: ['ignore', output, output, 'ipc', ...Array.from({ length: pipes }, () => 'pipe' as const)],
    env: options.env ?? process.env,
    ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
  })
}

export interface ServeOptions {
  /**
   * Whether handlers run statements on the main thread. Default true: then a thread (6.6 MiB) watches the parent,
   * because a main thread inside a statement does not hear of its end.
   */
  readonly blocks?: boolean
}

/**
 * Serves the process that forked this one. `make` may throw: its sentence becomes the reason of the caller's `closed`.
 * Signals of a terminal are ignored: the parent gets them too and decides when its children end.
 */
export async function serveParentProcess<C extends PortContract>(
  make: () => PortHandlers<C> | Promise<PortHandlers<C>>,
  { blocks = true }: ServeOptions = {},
): Promise<void> {
  if (process.send === undefined) throw new Error('this program is started by the agent, not by hand')
  if (blocks) watchParent()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const channel = childChannel()
  try {
    serve(channel, await make())
  } catch (cause) {
    process.exitCode = 1
    channel.send(['fatal', sentenceOf(cause)])
    channel.end()
  }
}

/** The caller's end of the channel that `fork` has made. */
export function processChannel(child: ChildProcess): Channel<ToService, ToCaller> {
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
      child.once('close', (code, signal) =>
        listener(signal === null ? `exit code ${code}` : `ended by ${signal}`),
      )
    },
    end: () => outbox.flushAll(() => child.connected && child.disconnect()),
    kill: () => child.kill('SIGKILL'),
  }
}

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

const PARENT_WATCH_MS = 500

/** Ends this process when its parent is gone, even while its main thread is inside a statement. */
function watchParent(): void {
  const source = `
    const { workerData } = require('node:worker_threads')
    setInterval(() => {
      if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL')
    }, workerData.everyMs)`
  const watch = new Worker(source, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: { parent: process.ppid, everyMs: PARENT_WATCH_MS },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 0 },
  })
  watch.unref()
  watch.once('error', endSelf)
}
