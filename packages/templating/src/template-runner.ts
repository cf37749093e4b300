/**
 * TemplateRunner: keeps one file current. It renders when a result that the template asked for has changed and is quiet,
 * when a file of the template has changed, and when somebody asks; it tries again what failed for a reason that may pass.
 * Queries are found by rendering: one that is not known yet has no rows, is asked for, and the template is rendered again.
 */
import { type Clock, earliest, type Instant, instant, latest, NEVER } from '@patina/base'
import type { Commands } from './command.ts'
import type { Measure, Measures } from './core/guard.ts'
import { type Burst, dueAt, withChange } from './core/quiescence.ts'
import type { TemplateJob } from './core/template-job.ts'
import { fileStamp } from './file-stamp.ts'
import type { Settled } from './outcome.ts'
import { pause } from './pause.ts'
import { Publication, type PublicationEvent, type Rendered } from './publication.ts'
import type { RenderAnswer, RenderCall, RenderFailure } from './render-message.ts'
import type { Renderer } from './renderer.ts'
import type { HeldResult, Results } from './results.ts'

export type TemplateEvent =
  | PublicationEvent
  | { readonly kind: 'rendered'; readonly ms: number; readonly queries: number }
  | { readonly kind: 'failed'; readonly failure: RenderFailure }

export interface RunnerParts {
  readonly renderer: Renderer
  readonly results: Results
  readonly commands: Commands
  readonly onEvent: (event: TemplateEvent) => void
}

interface Attempt {
  readonly rendered: Rendered | undefined
  /** By its time limit, the end of its process, or because it asks without end. */
  readonly stopped: boolean
}

/** Renders in a row that each ask for something new. A query in a loop over rows costs one, whatever the number of rows. */
const PASSES_MAX = 32
/** How often the template's files are looked at. */
const FILES_MS = 1_000
/** Pauses after what may pass: a full disk, an agent that is away. Doubling. */
const RETRY_MS_FIRST = 1_000
const RETRY_MS_MAX = 10_000
/** The longest after what costs something each time: a command that fails, a template that has to be stopped. */
const REST_MS_MAX = 60_000

const now: Clock = () => instant(performance.now())

export class TemplateRunner {
  readonly job: TemplateJob
  readonly #parts: RunnerParts
  readonly #held = new Map<string, HeldResult>()
  readonly #files = new Map<string, string | null>()
  /** What the last render asked for that came to its end. */
  #goodKeys: readonly string[] = []
  /** What the last render was given. */
  #settled: ReadonlyMap<string, Settled> = new Map()
  #publication: Publication | undefined
  /** What changed since the last render began. */
  #burst: Burst | undefined
  /** A render that is due without a change: the first, a held one, one that failed. */
  #againAt: Instant = instant(0)
  /** No render before it: the last one had to be stopped. */
  #restUntil: Instant = instant(0)
  #commandAt: Instant = NEVER
  #failures = 0
  #commandFailures = 0
  #told: string | undefined
  #wakeup = new AbortController()

  constructor(job: TemplateJob, parts: RunnerParts) {
    this.job = job
    this.#parts = parts
  }

  /** Renders now, as after an edit. */
  refresh(): void {
    this.#againAt = instant(0)
    this.#restUntil = instant(0)
    this.#wakeup.abort()
  }

  /** Lets through what the guard holds. False where it holds nothing. */
  release(): boolean {
    const released = this.#publication?.release() ?? false
    if (released) this.refresh()
    return released
  }

  /** Nothing is written. Undefined where the template failed, which an event tells. Rejects where the source is away. */
  async renderOnly(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#renderComplete(signal)).rendered?.text
  }

  /**
   * Renders, writes and runs the command once. False where the template failed, the guard holds or the command failed. Rejects
   * where the source is away or the file cannot be written. `confirm`: the guard lets it through.
   */
  async once(signal: AbortSignal, confirm: boolean): Promise<boolean> {
    const publication = await this.#open()
    const { rendered } = await this.#renderComplete(signal)
    if (rendered === undefined) return false
    const first = await publication.publish(rendered)
    if (first.kind === 'held' && !(confirm && publication.release())) return false
    if (first.kind === 'held') await publication.publish(rendered)
    return !publication.isCommandDue || (await publication.runCommand())
  }

  /** Keeps the file current until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const looking = setInterval(() => this.#lookAtFiles(), FILES_MS)
    try {
      while (!signal.aborted) {
        await this.#due(signal)
        if (signal.aborted) break
        if (this.#renderAt() <= now()) await this.#turn(signal)
        else await this.#command()
      }
    } finally {
      clearInterval(looking)
      for (const held of this.#held.values()) held.release()
    }
  }

  async #open(): Promise<Publication> {
    const { commands, onEvent } = this.#parts
    this.#publication ??= await Publication.open(this.job, { commands, now, onEvent })
    return this.#publication
  }

  #renderAt(): Instant {
    const burst = this.#burst === undefined ? NEVER : dueAt(this.#burst, this.job.wait)
    return latest(earliest(burst, this.#againAt), this.#restUntil)
  }

  /** Returns when something is to be done. */
  async #due(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#wakeup = new AbortController()
      const ms = earliest(this.#renderAt(), this.#commandAt) - now()
      if (ms <= 0 || signal.aborted) return
      await pause(ms, AbortSignal.any([signal, this.#wakeup.signal]))
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    this.#burst = undefined
    this.#againAt = NEVER
    try {
      const { rendered, stopped } = await this.#renderComplete(signal)
      if (stopped) {
        // It may have been the machine. Changes do not make it come sooner.
        this.#restUntil = this.#later(REST_MS_MAX)
        this.#againAt = this.#restUntil
      }
      // What else fails waits for a change of rows or files: the same would come of the same.
      if (rendered === undefined) return
      const published = await (await this.#open()).publish(rendered)
      this.#failures = 0
      this.#told = undefined
      if (published.kind === 'held') this.#againAt = published.until
      else await this.#command()
    } catch (cause) {
      if (signal.aborted) return
      this.#tell({ message: cause instanceof Error ? cause.message : String(cause) })
      this.#againAt = this.#later(RETRY_MS_MAX)
    }
  }

  /** Runs the command if it is due; one that fails is tried again, because the file is written and it has to be used. */
  async #command(): Promise<void> {
    this.#commandAt = NEVER
    try {
      const publication = await this.#open()
      if (!publication.isCommandDue) return
      if (await publication.runCommand()) this.#commandFailures = 0
      else this.#commandAt = this.#commandLater()
    } catch (cause) {
      // The record of it could not be written.
      this.#tell({ message: cause instanceof Error ? cause.message : String(cause) })
      this.#commandAt = this.#commandLater()
    }
  }

  #commandLater(): Instant {
    this.#commandFailures += 1
    return instant(now() + retryMs(this.#commandFailures, REST_MS_MAX))
  }

  #later(longestMs: number): Instant {
    this.#failures += 1
    return instant(now() + retryMs(this.#failures, longestMs))
  }

  /** Renders until nothing is missing. Rejects where the source is away. */
  async #renderComplete(signal: AbortSignal): Promise<Attempt> {
    const began = now()
    for (let pass = 1; ; pass += 1) {
      const answer = await this.#pass(signal)
      // Whoever ends a process ends what renders, too.
      signal.throwIfAborted()
      const { outcome, calls, digest } = answer
      if (outcome.kind === 'output') {
        this.#goodKeys = calls.map(({ key }) => key)
        this.#holdOnly(this.#goodKeys)
        if (this.#isOfNow()) this.#burst = undefined
        this.#parts.onEvent({ kind: 'rendered', ms: now() - began, queries: calls.length })
        const measures = measuresOf(calls, this.#settled)
        return { rendered: { text: outcome.text, measures, digest }, stopped: false }
      }
      const failure =
        outcome.kind === 'failed' ? outcome.failure : pass === PASSES_MAX ? this.#endless() : undefined
      if (failure !== undefined) {
        // Else a template that asks for something else at each failure would follow ever more.
        this.#holdOnly([...this.#goodKeys, ...calls.map(({ key }) => key)])
        this.#tell(failure)
        return { rendered: undefined, stopped: failure.stopped === true }
      }
      this.#holdAll(calls)
    }
  }

  #endless(): RenderFailure {
    const message = `each of ${PASSES_MAX} renders asked for something new`
    return { message, file: this.job.source, stopped: true }
  }

  /** The last render had all that is known: what changed while rows were waited for is in it. */
  #isOfNow(): boolean {
    return [...this.#held].every(([key, held]) => this.#settled.get(key)?.revision === held.revision())
  }

  async #pass(signal: AbortSignal): Promise<RenderAnswer> {
    const entries = [...this.#held].map(async ([key, held]) => [key, await held.settled(signal)] as const)
    this.#settled = new Map(await Promise.all(entries))
    const { source, values, renderTimeoutMs: timeoutMs, outputBytesMax } = this.job
    const task = { source, values, timeoutMs, outputBytesMax, results: this.#settled }
    const answer = await this.#parts.renderer.render(task)
    // What a failed render has not come to stays watched; a process that was killed has told of none at all.
    if (answer.outcome.kind === 'output') this.#files.clear()
    if (!this.#files.has(source)) this.#files.set(source, fileStamp(source))
    for (const { path, stamp } of answer.files) this.#files.set(path, stamp)
    return answer
  }

  #holdAll(calls: readonly RenderCall[]): void {
    for (const call of calls) {
      if (this.#held.has(call.key)) continue
      this.#held.set(
        call.key,
        this.#parts.results.hold(call, () => this.#changed()),
      )
    }
  }

  #holdOnly(keys: readonly string[]): void {
    const wanted = new Set(keys)
    for (const [key, held] of this.#held) {
      if (wanted.has(key)) continue
      held.release()
      this.#held.delete(key)
    }
  }

  #changed(): void {
    this.#burst = withChange(this.#burst, now())
    this.#wakeup.abort()
  }

  #lookAtFiles(): void {
    const others = [...this.#files].filter(([path, stamp]) => fileStamp(path) !== stamp)
    if (others.length === 0) return
    for (const [path] of others) this.#files.set(path, fileStamp(path))
    this.refresh()
  }

  /** The same failure at each try is told once. */
  #tell(failure: RenderFailure): void {
    const text = JSON.stringify(failure)
    if (text === this.#told) return
    this.#told = text
    this.#parts.onEvent({ kind: 'failed', failure })
  }
}

function retryMs(failures: number, longestMs: number): number {
  return Math.min(longestMs, RETRY_MS_FIRST * 2 ** Math.min(failures - 1, 10))
}

/** Rows by text of the query, over all its parameters: one app of many that ends is no shrinkage. */
function measuresOf(calls: readonly RenderCall[], settled: ReadonlyMap<string, Settled>): Measures {
  const measures = new Map<string, Measure>()
  for (const { sql, key, maxShrink } of calls) {
    const outcome = settled.get(key)?.outcome
    if (maxShrink === false || outcome === undefined || 'failure' in outcome) continue
    const size = outcome.rows.length + (measures.get(sql)?.size ?? 0)
    measures.set(sql, { size, maxShrink: maxShrink ?? measures.get(sql)?.maxShrink })
  }
  return measures
}
