/**
 * Renderer: renders templates in a process of their own, one at a time, and ends that process where it does not answer in
 * time; the next render starts another. It hands each result over once, and again when it is another.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Settled } from './outcome.ts'
import type { RenderAnswer, RenderFailure, RenderReady, RenderRequest } from './render-message.ts'

export interface RenderTask {
  readonly source: string
  readonly values: { readonly [name: string]: unknown }
  readonly timeoutMs: number
  readonly outputBytesMax: number
  /** By queryKey: all that the template asked for the last time. */
  readonly results: ReadonlyMap<string, Settled>
}

export interface RendererOptions {
  /** Of JavaScript objects in the process. */
  readonly memoryMegabytes?: number
  /** Default: this one's. */
  readonly environment?: NodeJS.ProcessEnv
}

const MODULE = new URL(
  import.meta.url.endsWith('.ts') ? './render-process.ts' : './render-process.js',
  import.meta.url,
)

/** Rows, code and output of the largest template. */
const MEMORY_MEGABYTES = 256
/** On top of the limit of a render: for its rows on their way, and so that the process can say itself where it was. */
const GRACE_MS = 3_000
/** A process that starts on a busy machine. */
const START_MS = 30_000

export class Renderer {
  readonly #options: RendererOptions
  #process: RenderProcess | undefined
  /** The render under way; the next one waits for it. */
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: RendererOptions = {}) {
    this.#options = options
  }

  /** Never rejects: what ends a render is an outcome. */
  render(task: RenderTask): Promise<RenderAnswer> {
    const rendered = this.#tail.then(() => this.#render(task))
    this.#tail = rendered
    return rendered
  }

  /** Results that nobody uses any more need not be kept. */
  forget(key: string): void {
    this.#process?.forget(key)
  }

  /** Ends the process, also inside of a render. */
  close(): void {
    this.#closed = true
    this.#process?.kill()
  }

  async #render(task: RenderTask): Promise<RenderAnswer> {
    if (this.#closed) return answerOf({ message: 'the renderer is closed', stopped: true })
    // It may have ended in the last render, or since.
    if (this.#process === undefined || this.#process.hasEnded())
      this.#process = new RenderProcess(this.#options)
    return await this.#process.render(task)
  }
}

class RenderProcess {
  readonly #child: ChildProcess
  /** Revision of each result that the process has. */
  readonly #sent = new Map<string, number>()
  readonly #forget = new Set<string>()
  readonly #ready: Promise<void>
  #lastId = 0
  #ended = false
  #waiting: ((answer: RenderAnswer) => void) | undefined

  constructor({ memoryMegabytes = MEMORY_MEGABYTES, environment = process.env }: RendererOptions) {
    this.#child = fork(fileURLToPath(MODULE), [], {
      serialization: 'advanced',
      // What a template prints with console.log is for people, as our log is.
      stdio: ['ignore', 2, 2, 'ipc'],
      env: environment,
      // Of this process' own options only those that say where packages are: others are for its program (`--eval`, `--test`).
      execArgv: [
        ...process.execArgv.filter((option) => option.startsWith('--conditions=')),
        `--max-old-space-size=${memoryMegabytes}`,
      ],
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ready = promise
    this.#child.on('message', (message: RenderAnswer | RenderReady) => {
      if (message.id === 0) resolve()
      else this.#waiting?.(message as RenderAnswer)
    })
    const end = (why: string): void => {
      this.#ended = true
      resolve()
      this.#waiting?.(answerOf({ message: why, stopped: true }))
    }
    this.#child.once('error', (cause) => end(`the process for templates: ${cause.message}`))
    this.#child.once('exit', (code, signal) =>
      end(
        `it ended its process (${signal ?? `exit code ${code}`}); at a guess it took more than ${memoryMegabytes} MB`,
      ),
    )
  }

  hasEnded(): boolean {
    return this.#ended
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  forget(key: string): void {
    if (this.#sent.delete(key)) this.#forget.add(key)
  }

  async render({ results, ...task }: RenderTask): Promise<RenderAnswer> {
    const starting = setTimeout(() => this.kill(), START_MS)
    await this.#ready
    clearTimeout(starting)
    if (this.#ended) return answerOf({ message: 'the process for templates does not start', stopped: true })
    const news = [...results].filter(([key, { revision }]) => this.#sent.get(key) !== revision)
    this.#lastId += 1
    const request: RenderRequest = {
      id: this.#lastId,
      ...task,
      uses: [...results.keys()],
      results: news.map(([key, { outcome }]) => [key, outcome]),
      forget: [...this.#forget],
    }
    this.#forget.clear()
    for (const [key, { revision }] of news) this.#sent.set(key, revision)
    return await this.#ask(request)
  }

  async #ask(request: RenderRequest): Promise<RenderAnswer> {
    const { promise, resolve } = Promise.withResolvers<RenderAnswer>()
    this.#waiting = resolve
    const late = setTimeout(() => {
      this.#ended = true
      this.kill()
      const message = `it did not end within ${request.timeoutMs} ms and was killed`
      resolve(answerOf({ message, file: request.source, stopped: true }))
    }, request.timeoutMs + GRACE_MS)
    // What cannot be sent is told by the end of the process.
    this.#child.send(request, () => {})
    const answer = await promise
    clearTimeout(late)
    this.#waiting = undefined
    return answer
  }
}

function answerOf(failure: RenderFailure): RenderAnswer {
  return { id: -1, outcome: { kind: 'failed', failure }, calls: [], files: [], digest: '' }
}
