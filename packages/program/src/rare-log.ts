/**
 * RareLog: log lines that strangers or a broken peer can cause without limit. Of each kind one line an interval is
 * written, with how many there were since the last one; the counters of /metrics tell all. Does not know what the lines
 * are about.
 */
import type { Logger } from 'pino'

const INTERVAL_MS = 60_000
/** Kinds are few and named by the program; above this the one told longest ago is forgotten. */
const KINDS_MAX = 256

type Level = 'debug' | 'info' | 'warn'

interface Told {
  readonly at: number
  held: number
}

export class RareLog {
  readonly #log: Pick<Logger, Level>
  readonly #clock: () => number
  readonly #told = new Map<string, Told>()

  /** `clock`: monotonic milliseconds. */
  constructor(log: Pick<Logger, Level>, clock: () => number) {
    this.#log = log
    this.#clock = clock
  }

  /** Writes the line, or counts it for the next one of its kind. */
  tell(level: Level, kind: string, fields: object, message: string): void {
    const now = this.#clock()
    const told = this.#told.get(kind)
    if (told !== undefined && now - told.at < INTERVAL_MS) {
      told.held += 1
      return
    }
    this.#told.delete(kind)
    this.#told.set(kind, { at: now, held: 0 })
    const oldest = this.#told.keys().next()
    if (this.#told.size > KINDS_MAX && !oldest.done) this.#told.delete(oldest.value)
    this.#log[level](
      told === undefined || told.held === 0 ? fields : { ...fields, alike: told.held },
      message,
    )
  }
}
