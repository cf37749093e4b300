/** What a command of the program is, and what it may touch. */
import type { OptionSpecs } from '../arguments.ts'

/** Results go to `out`, everything else to `err`. */
export interface CommandIo {
  readonly out: (text: string) => void
  /** Resolves when what was written to `out` is taken, so that a slow reader bounds what is held here. */
  readonly taken: () => Promise<void>
  readonly err: (text: string) => void
  readonly environment: NodeJS.ProcessEnv
}

/** `run` resolves to the exit code; refusals are thrown (StartRefusal, UsageError, Unreachable, RequestFailed). */
export interface Command {
  readonly usage: string
  readonly meaning: string
  readonly options: OptionSpecs
  run(argv: readonly string[], io: CommandIo): Promise<number>
}
