/** What a command of a program is, and what it may touch. */
import type { OptionSpecs } from './arguments.ts'

/** Results go to `out`, everything else to `err`. */
export interface CommandIo {
  readonly out: (text: string) => void
  /** Resolves when what was written to `out` is taken, so that a slow reader bounds what is held here. */
  readonly taken: () => Promise<void>
  readonly err: (text: string) => void
  readonly environment: NodeJS.ProcessEnv
  /** True where `out` is a person's terminal. */
  readonly terminal: boolean
  /** Aborted by Ctrl-C, which from this call on does not end the program by itself; a second one does. */
  readonly interrupted: () => AbortSignal
}

/** `run` resolves to the exit code; refusals are thrown (StartRefusal, UsageError and the errors of @patina/client). */
export interface Command {
  readonly usage: string
  readonly meaning: string
  readonly options: OptionSpecs
  /** Command lines as they are typed; in its own help only. */
  readonly examples?: readonly string[]
  run(argv: readonly string[], io: CommandIo): Promise<number>
}
