/**
 * Publication: the destination of one template. What is rendered passes the guard, is written where it differs, and then the
 * command runs; what a crash may cut off is kept in a record beside the file. It decides nothing of when to render.
 */
import { type Clock, type Instant, millis } from '@patina/base'
import { isWritten, removeLeftovers, writeAtomically } from './atomic-write.ts'
import type { CommandOutcome, Commands } from './command.ts'
import { Guard, type Measures, type Shrinkage } from './core/guard.ts'
import type { TemplateJob } from './core/template-job.ts'
import { type RenderRecord, readRecord, writeRecord } from './render-record.ts'

export interface Rendered {
  readonly text: string
  readonly measures: Measures
  /** Of the template's texts. */
  readonly digest: string
}

export type PublicationEvent =
  | { readonly kind: 'written'; readonly bytes: number; readonly ownerKept: boolean }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'held'; readonly shrunk: readonly Shrinkage[]; readonly forMs: number }
  | { readonly kind: 'let-through'; readonly shrunk: readonly Shrinkage[] }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly outcome: CommandOutcome }

export interface PublicationParts {
  readonly commands: Commands
  readonly now: Clock
  readonly onEvent: (event: PublicationEvent) => void
}

/** `until`: of a held one, when it is to be rendered again. */
export type Published = { readonly kind: 'current' } | { readonly kind: 'held'; readonly until: Instant }

export class Publication {
  readonly #job: TemplateJob
  readonly #parts: PublicationParts
  readonly #guard: Guard | undefined
  #record: RenderRecord
  #held = false

  private constructor(job: TemplateJob, parts: PublicationParts, record: RenderRecord) {
    this.#job = job
    this.#parts = parts
    this.#record = record
    if (job.guard === undefined) return
    const { maxShrink, holdMs } = job.guard
    // What shrinks in small steps is seen over the time for which it would be held.
    const windowMs = Number.isFinite(holdMs) ? holdMs : WINDOW_MS
    this.#guard = new Guard({ maxShrink, holdMs, windowMs: millis(Math.max(1, windowMs)) }, record.sizes)
  }

  static async open(job: TemplateJob, parts: PublicationParts): Promise<Publication> {
    await removeLeftovers(job.destination)
    const record = await readRecord(job.destination)
    return new Publication(job, parts, record ?? { digest: '', sizes: new Map(), commandDue: false })
  }

  /** Throws what the file system says; the file is then as it was. */
  async publish({ text, measures, digest }: Rendered): Promise<Published> {
    const now = this.#parts.now()
    // Whoever edits a template may ask for less.
    if (digest !== this.#record.digest) this.#guard?.retain(new Set(measures.keys()))
    const verdict = this.#guard?.judge(measures, now) ?? { kind: 'pass', despite: [] }
    if (verdict.kind === 'held') {
      if (!this.#held)
        this.#parts.onEvent({ kind: 'held', shrunk: verdict.shrunk, forMs: verdict.until - now })
      this.#held = true
      return { kind: 'held', until: verdict.until }
    }
    this.#held = false
    if (verdict.despite.length > 0) this.#parts.onEvent({ kind: 'let-through', shrunk: verdict.despite })
    this.#guard?.accept(measures, now)
    await this.#write(text, digest)
    return { kind: 'current' }
  }

  /** The next `publish` passes the guard. False where nothing is held. */
  release(): boolean {
    return this.#guard?.release() ?? false
  }

  get isCommandDue(): boolean {
    return this.#record.commandDue
  }

  /** True where the command ended with 0. It is due until then. */
  async runCommand(): Promise<boolean> {
    const { command: argv, commandTimeoutMs: timeoutMs, killSignal, environment } = this.#job
    const outcome = await this.#parts.commands.run({ argv, timeoutMs, killSignal, environment })
    this.#parts.onEvent({ kind: 'command', argv, outcome })
    const done = outcome.end.kind === 'exit' && outcome.end.code === 0
    if (done) await this.#keep({ ...this.#record, commandDue: false })
    return done
  }

  async #write(text: string, digest: string): Promise<void> {
    const { destination, mode, backup, command } = this.#job
    const equal = await isWritten(destination, text, mode)
    const commandDue = command.length > 0 && (!equal || this.#record.commandDue)
    await this.#keep({ digest, sizes: this.#guard?.peaks() ?? new Map(), commandDue })
    const outcome = equal
      ? ({ kind: 'equal' } as const)
      : await writeAtomically(destination, text, { mode, backup })
    if (outcome.kind === 'equal') this.#parts.onEvent({ kind: 'unchanged' })
    else this.#parts.onEvent(outcome)
  }

  /** Before the content: what follows may be cut off. Nothing to keep costs no file. */
  async #keep(record: RenderRecord): Promise<void> {
    const { sizes, commandDue, digest } = this.#record
    const same =
      digest === record.digest && commandDue === record.commandDue && sameSizes(sizes, record.sizes)
    if (!same && (this.#guard !== undefined || this.#job.command.length > 0))
      await writeRecord(this.#job.destination, record)
    this.#record = record
  }
}

/** How far back is looked where things are held until somebody confirms. */
const WINDOW_MS = 300_000

function sameSizes(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([name, size]) => b.get(name) === size)
}
