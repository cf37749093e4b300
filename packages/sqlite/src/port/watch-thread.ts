/**
 * The watch of a service's process, at the process's side: answers over a pipe of its own how long the loop has not come
 * round, what is running, and where in the code it is, and takes back calls that have not begun. In a process that runs
 * statements it is a thread, which answers while the main thread is inside of one; where nothing blocks the main
 * thread, it runs there. It also is how a process hears that its parent is gone, inside an endless statement too: then the pipe
 * ends, and the process with it.
 * A process that takes more memory than it may says which call was running, under number 0, and ends itself: statements can make
 * gigabytes out of a line of text, and SQLite's own bounds of memory are off in this build (I-SQL-2).
 * Asks and answers are lines of JSON: `[number, ask, argument]` and `[number, answer]`.
 */
import { Worker } from 'node:worker_threads'
import { type BegunCalls, type SharedWords, WORDS } from './begun-calls.ts'

/** The descriptor after stdin, stdout, stderr and the channel. */
export const WATCH_PIPE = 4

/** What a caller may ask. The argument of `withdraw` is the id of a call; the others have none. */
export type WatchAsk = 'pulse' | 'withdraw' | 'stack'

/** `withdrawn`: it has not begun and never will · `bystander`: it has, and another call is worked on · `begun`: neither is known. */
export type Withdrawal = 'begun' | 'bystander' | 'withdrawn'

export interface Pulse {
  /** Since the loop came round for the last time. */
  readonly loopLagMs: number
  readonly running: 'nothing' | 'call' | 'upkeep'
  /** Where a call is running. */
  readonly id: number
  readonly forMs: number
}

/** What a process says before it ends because of its memory. */
export interface Overfull {
  readonly bytes: number
  /** The call that was running; undefined where it is not known. */
  readonly id: number | undefined
}

export interface WatchData {
  readonly memory: SharedArrayBuffer
  readonly words: SharedWords
  readonly pipe: number
  /** False where it runs on the thread that it watches. */
  readonly isThread: boolean
  /** How long the process may go on when its parent is gone. */
  readonly graceMs: number
  /** Of the whole process; 0: no bound. */
  readonly memoryBytesMax: number
  readonly memoryEveryMs: number
}

const BEAT_EVERY_MS = 500

/** A statement fills about 1 GiB a second: by so much a bound is passed at most before it is seen, and some more. */
const MEMORY_EVERY_MS = 200

export interface WatchOptions {
  /** How long the process may go on when its parent is gone. Default 0. */
  readonly graceMs?: number
  /** Memory of the whole process above which it ends itself. Default: no bound. */
  readonly memoryBytesMax?: number | undefined
}

/** Watches this process by a thread (8 MiB). `failed` is called where the thread ends by itself. */
export function startWatchThread(
  begun: BegunCalls,
  failed: () => void,
  { graceMs = 0, memoryBytesMax = 0 }: WatchOptions = {},
): void {
  begun.beat()
  setInterval(() => begun.beat(), BEAT_EVERY_MS).unref()
  const data: WatchData = { ...dataOf(begun), isThread: true, graceMs, memoryBytesMax }
  const thread = new Worker(`(${serveWatch.toString()})(require('node:worker_threads').workerData)`, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 0 },
  })
  thread.unref()
  thread.once('error', failed)
}

/** Watches this process from its main thread, which nothing blocks. */
export function startWatch(begun: BegunCalls, { memoryBytesMax = 0 }: WatchOptions = {}): void {
  serveWatch({ ...dataOf(begun), isThread: false, graceMs: 0, memoryBytesMax })
}

function dataOf(begun: BegunCalls): Pick<WatchData, 'memory' | 'words' | 'pipe' | 'memoryEveryMs'> {
  return { memory: begun.memory, words: WORDS, pipe: WATCH_PIPE, memoryEveryMs: MEMORY_EVERY_MS }
}

/**
 * Runs in the thread as text: it must use nothing of this module. The stack of a loop that stands is had by interrupting it
 * as a debugger does, which reaches JavaScript, however endless, and no native call: there nothing answers.
 */
function serveWatch({ memory, words, pipe, isThread, graceMs, ...limits }: WatchData): void {
  const { Socket } = process.getBuiltinModule('node:net')
  const shared = new Int32Array(memory)
  const socket = new Socket({ fd: pipe, readable: true, writable: true })
  const since = (at: number): number =>
    Math.max(0, (Number(process.hrtime.bigint() / 1_000_000n) - Atomics.load(shared, at)) | 0)

  const pulse = (): Pulse => {
    const running = (['nothing', 'call', 'upkeep'] as const)[Atomics.load(shared, words.running)] ?? 'nothing'
    return {
      loopLagMs: isThread ? since(words.beat) : 0,
      running,
      id: Atomics.load(shared, words.runningId),
      forMs: running === 'nothing' ? 0 : since(words.runningSince),
    }
  }
  const hasBegun = (id: number): boolean => ((Atomics.load(shared, words.lastBegun) - id) | 0) >= 0
  const takesBack = (id: number): boolean => {
    const slot = words.firstSlot + (id % words.slots)
    const there = Atomics.load(shared, slot)
    if (there === (id | 0)) return true
    // The slot of a withdrawn call that may still begin is not given away; of one that has begun the mark is the complement.
    if (hasBegun(id) || (there > 0 && !hasBegun(there))) return false
    return Atomics.compareExchange(shared, slot, there, id | 0) === there
  }
  const withdraw = (id: number): Withdrawal => {
    if (takesBack(id)) return 'withdrawn'
    const { running, id: runningId } = pulse()
    return hasBegun(id) && running === 'call' && runningId !== (id | 0) ? 'bystander' : 'begun'
  }
  const stack = (answer: (frames: readonly string[]) => void): void => {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connectToMainThread()
    const urls = new Map<string, string>()
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
    session.once('Debugger.paused', ({ params }) => {
      const frames = params.callFrames.map(({ functionName, location: { scriptId, lineNumber } }) => {
        return `${functionName || '(anonymous)'} (${urls.get(scriptId)}:${lineNumber + 1})`
      })
      session.post('Debugger.resume', () => session.disconnect())
      answer(frames)
    })
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  }
  const serve = ([number, ask, argument]: [number, WatchAsk, number]): void => {
    const answer = (value: unknown): void => void socket.write(`${JSON.stringify([number, value])}\n`)
    if (ask === 'pulse') answer(pulse())
    else if (ask === 'withdraw') answer(withdraw(argument))
    else if (isThread) stack(answer)
    else answer([])
  }

  const endOverfull = (): void => {
    const bytes = process.memoryUsage.rss()
    if (bytes <= limits.memoryBytesMax) return
    const { running, id } = pulse()
    const word: Overfull = { bytes, id: running === 'call' ? id : undefined }
    // Whoever reads it or not, the process ends: the pipe takes a line at once.
    socket.write(`${JSON.stringify([0, word])}\n`, () => process.kill(process.pid, 'SIGKILL'))
  }
  if (limits.memoryBytesMax > 0) setInterval(endOverfull, limits.memoryEveryMs).unref()

  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) serve(JSON.parse(line))
  })
  socket.on('error', () => {})
  // The parent is gone. Not `process.exit()`, which waits for statements.
  socket.once('close', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs))
  if (!isThread) socket.unref()
}
