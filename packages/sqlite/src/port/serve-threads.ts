/**
 * The service's side of threaded-process.ts: a main thread that starts the others and does nothing else, and what runs in
 * each of them. A thread that ends without being asked takes the process with it: its owner starts another.
 */
import { Socket } from 'node:net'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { must, type PortContract, type PortHandlers } from '@patina/base'
import { endSelf, serveParentProcess } from './child-process.ts'
import type { ToCaller, ToService } from './message.ts'
import { pipeChannel } from './pipe.ts'
import { sentenceOf, serve } from './serve.ts'
import { FIRST_PIPE } from './threaded-process.ts'

export interface ServeThreadsOptions {
  /** The module of a thread, which calls `serveThread`. */
  readonly thread: URL
  /** Structured-clone data for each thread. */
  readonly data: unknown
  /** As many as `openThreadedProcess` was told. */
  readonly threads: number
  /** As in ServeOptions. */
  readonly memoryBytesMax?: number | undefined
}

/** What a thread tells the main thread: how its start went, and that it ends because it was asked to. */
type ThreadWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'ending' }

interface ThreadData {
  readonly pipe: number
  readonly data: unknown
}

/** Serves the process that forked this one. The sentence of a thread that refuses becomes the reason of `closed`. */
export async function serveThreads({
  thread,
  data,
  threads,
  memoryBytesMax,
}: ServeThreadsOptions): Promise<void> {
  const start = async (): Promise<PortHandlers<PortContract>> => {
    const workers = Array.from({ length: threads }, (_, at) => {
      const own: ThreadData = { pipe: FIRST_PIPE + at, data }
      return watch(new Worker(thread, { workerData: own }))
    })
    await Promise.all(workers.map(({ started }) => started))
    const ended = Promise.all(workers.map((worker) => worker.ended)).then(() => {})
    return { calls: {}, streams: {}, stop: () => ended }
  }
  await serveParentProcess(start, { blocks: false, memoryBytesMax })
}

/** Serves this thread's pipe. `make` gets the data of `serveThreads`; what it throws ends the process with its sentence. */
export async function serveThread<C extends PortContract, Data>(
  make: (data: Data) => PortHandlers<C> | Promise<PortHandlers<C>>,
): Promise<void> {
  const main = must(parentPort, 'serveThread runs in a worker thread')
  const { pipe, data } = workerData as ThreadData
  const tell = (word: ThreadWord): void => main.postMessage(word)
  try {
    const handlers = await make(data as Data)
    serve(
      threadChannel(pipe, () => tell({ kind: 'ending' })),
      handlers,
    )
    tell({ kind: 'ready' })
  } catch (cause) {
    tell({ kind: 'refused', sentence: sentenceOf(cause) })
  }
}

/** Its end in order is the end of this thread: nothing else keeps it alive. */
function threadChannel(
  pipe: number,
  ending: () => void,
): ReturnType<typeof pipeChannel<ToCaller, ToService>> {
  const socket = new Socket({ fd: pipe, readable: true, writable: true, allowHalfOpen: true })
  const channel = pipeChannel<ToCaller, ToService>(socket, {
    ended: (listener) => socket.once('close', () => listener('the pipe is closed')),
    kill: endSelf,
  })
  let asked = false
  // The caller is gone without a word: so must this process be, whatever its other threads are in.
  socket.once('end', () => {
    if (!asked) endSelf()
  })
  return {
    ...channel,
    end: () => {
      asked = true
      ending()
      channel.end()
    },
  }
}

interface Watched {
  /** Rejects with the sentence of a thread that does not come up. */
  readonly started: Promise<void>
  /** When it has ended because it was asked to. */
  readonly ended: Promise<void>
}

/**
 * Listens from the first moment on: a thread may be gone again before the last one is up. One that ends by itself takes
 * the process with it, whose owner starts another.
 */
function watch(worker: Worker): Watched {
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let [isReady, inOrder] = [false, false]
  let thrown: string | undefined
  worker.on('message', (word: ThreadWord) => {
    isReady ||= word.kind === 'ready'
    inOrder ||= word.kind === 'ending'
    if (word.kind === 'ready') started.resolve()
    if (word.kind === 'refused') started.reject(new Error(word.sentence))
  })
  worker.on('error', (cause) => {
    thrown = sentenceOf(cause)
  })
  worker.once('exit', (code) => {
    const reason = `a thread ended by itself: ${thrown ?? `exit code ${code}`}`
    if (!isReady) started.reject(new Error(reason))
    else if (inOrder && code === 0) ended.resolve()
    else {
      console.error(reason)
      endSelf()
    }
  })
  return { started: started.promise, ended: ended.promise }
}
