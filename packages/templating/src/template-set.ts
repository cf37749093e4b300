/**
 * TemplateSet: the templates of one process. They share one renderer, one live result for each query and one run of equal
 * commands; they do not share their failures. Jobs can be exchanged while it runs.
 */
import { isDeepStrictEqual } from 'node:util'
import { Commands } from './command.ts'
import type { TemplateJob } from './core/template-job.ts'
import type { SourceEvent } from './live-result.ts'
import { pause } from './pause.ts'
import type { QuerySource } from './query-source.ts'
import { Renderer } from './renderer.ts'
import { Results } from './results.ts'
import { type TemplateEvent, TemplateRunner } from './template-runner.ts'

export interface TemplateSetOptions {
  readonly source: QuerySource
  /** Results stay current, or are read once. */
  readonly mode: 'live' | 'once'
  /** What templates and commands see. */
  readonly environment: NodeJS.ProcessEnv
  readonly onEvent: (job: TemplateJob, event: TemplateEvent) => void
  readonly onSource: (event: SourceEvent) => void
}

interface Running {
  readonly runner: TemplateRunner
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** A command under way may come to its end when the process is asked to end. */
const STOP_MS = 5_000

export class TemplateSet {
  readonly #options: TemplateSetOptions
  readonly #renderer: Renderer
  readonly #results: Results
  readonly #commands: Commands
  #running: readonly Running[] = []

  constructor(options: TemplateSetOptions) {
    this.#options = options
    const { source, mode, environment, onSource } = options
    this.#renderer = new Renderer({ environment })
    this.#results = new Results({
      source,
      mode: mode === 'live' ? 'live' : 'plain',
      onSource,
      onDrop: (key) => this.#renderer.forget(key),
    })
    this.#commands = new Commands(environment)
  }

  /** Different queries that are followed, and how many of them have a source that is away. */
  get queries(): { readonly followed: number; readonly stale: number } {
    return { followed: this.#results.size, stale: this.#results.stale }
  }

  /** A runner for who renders once. */
  runner(job: TemplateJob): TemplateRunner {
    return new TemplateRunner(job, {
      renderer: this.#renderer,
      results: this.#results,
      commands: this.#commands,
      onEvent: (event) => this.#options.onEvent(job, event),
    })
  }

  /** These jobs and no others from now on. One that is the same goes on, and renders again. */
  async apply(jobs: readonly TemplateJob[]): Promise<void> {
    const going = this.#running.filter(
      ({ runner }) => !jobs.some((job) => isDeepStrictEqual(job, runner.job)),
    )
    // Before its successor, which may have the same destination.
    await this.#stop(going)
    const staying = this.#running.filter((running) => !going.includes(running))
    for (const { runner } of staying) runner.refresh()
    const coming = jobs.filter((job) => !staying.some(({ runner }) => isDeepStrictEqual(job, runner.job)))
    this.#running = [...staying, ...coming.map((job) => this.#start(job))]
  }

  /** Lets through what guards hold; how many held something. */
  release(): number {
    return this.#running.filter(({ runner }) => runner.release()).length
  }

  async close(): Promise<void> {
    const stopped = this.#stop(this.#running)
    this.#running = []
    this.#renderer.close()
    await stopped
  }

  #start(job: TemplateJob): Running {
    const stop = new AbortController()
    const runner = this.runner(job)
    return { runner, stop, ended: runner.run(stop.signal) }
  }

  async #stop(running: readonly Running[]): Promise<void> {
    if (running.length === 0) return
    for (const { stop } of running) stop.abort()
    const ended = Promise.all(running.map((each) => each.ended))
    const late = new AbortController()
    await Promise.race([ended.finally(() => late.abort()), pause(STOP_MS, late.signal)])
    if (!late.signal.aborted) this.#commands.kill()
    await ended
  }
}
