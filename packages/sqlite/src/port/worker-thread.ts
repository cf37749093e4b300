/**
 * Worker-thread carrier: the service is a thread of this process. Cheaper than a process and not expendable:
 * terminating a thread waits for the statement that it runs, so an owner that must be able to stop statements puts
 * such threads into a child process and kills that.
 */
import { parentPort, Worker } from 'node:worker_threads'
import { must, type Port, type PortContract, type PortHandlers } from '@patina/base'
import { Caller, type CallerOptions } from './caller.ts'
import type { Channel, ToCaller, ToService } from './message.ts'
import { Outbox } from './outbox.ts'
import { sentenceOf, serve } from './serve.ts'

export interface WorkerThreadOptions extends CallerOptions {
  /** The module that calls `serveParentThread`. */
  readonly module: URL
  /** Structured-clone data for the module (`workerData`). */
  readonly data?: unknown
}

export function openWorkerThread<C extends PortContract>(options: WorkerThreadOptions): Port<C> {
  const worker = new Worker(options.module, { workerData: options.data })
  return new Caller<C>(parentChannel(worker), options)
}

/** Serves the thread that started this one. `make` may throw: its sentence becomes the reason of `closed`. */
export async function serveParentThread<C extends PortContract>(
  make: () => PortHandlers<C> | Promise<PortHandlers<C>>,
): Promise<void> {
  const channel = threadChannel()
  try {
    serve(channel, await make())
  } catch (cause) {
    channel.send(['fatal', sentenceOf(cause)])
    channel.end()
  }
}

function parentChannel(worker: Worker): Channel<ToService, ToCaller> {
  let thrown: string | undefined
  const outbox = new Outbox<ToService>(
    (batch, taken) => {
      worker.postMessage(batch)
      taken()
    },
    () => void worker.terminate(),
  )
  return {
    send: (message) => outbox.push(message),
    onMessages: (listener) => worker.on('message', listener),
    onEnd: (listener) => {
      worker.once('error', (cause) => {
        thrown = sentenceOf(cause)
      })
      worker.once('exit', (code) => listener(thrown ?? `exit code ${code}`))
    },
    end: () => outbox.flushAll(() => void worker.terminate()),
    kill: () => void worker.terminate(),
  }
}

function threadChannel(): Channel<ToCaller, ToService> {
  const port = must(parentPort, 'serveParentThread runs in a worker thread')
  const outbox = new Outbox<ToCaller>(
    (batch, taken) => {
      port.postMessage(batch)
      taken()
    },
    () => process.exit(1),
  )
  return {
    send: (message) => outbox.push(message),
    onMessages: (listener) => port.on('message', listener),
    onEnd: (listener) => port.once('close', () => listener('closed')),
    end: () => outbox.flushAll(() => port.close()),
    kill: () => process.exit(1),
  }
}
