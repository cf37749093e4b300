/**
 * WriteJournal: what clients may expect of their rows: a write that was acknowledged is there, one without an answer may be
 * there or not. It holds for rows that one agent alone writes, one write of a row at a time: then an acknowledged write
 * follows all that were sent before it, answered or not. Knows rows as key and value, and nothing of agents.
 */

/** undefined: the row is not there. */
export type RowValue = number | undefined

/** Contradictions that are told; one is enough to fail. */
const TOLD_MAX = 10

export class WriteJournal {
  /** What each row may hold, the last acknowledged value first. */
  readonly #possible = new Map<string, readonly RowValue[]>()
  acknowledgedCount = 0
  unansweredCount = 0

  acknowledged(key: string, value: RowValue): void {
    this.acknowledgedCount += 1
    this.#possible.set(key, [value])
  }

  unanswered(key: string, value: RowValue): void {
    this.unansweredCount += 1
    this.#possible.set(key, [...(this.#possible.get(key) ?? [undefined]), value])
  }

  /** Sentences about rows that hold what they cannot, the first few; empty where all is well. */
  contradictions(rows: ReadonlyMap<string, number>): string[] {
    const told: string[] = []
    for (const [key, possible] of this.#possible) {
      if (possible.includes(rows.get(key))) continue
      told.push(`${key} holds ${text(rows.get(key))} and may hold ${possible.map(text).join(' or ')}`)
      if (told.length === TOLD_MAX) break
    }
    for (const key of rows.keys()) {
      if (told.length === TOLD_MAX) break
      if (!this.#possible.has(key)) told.push(`${key} is there, and nobody wrote it`)
    }
    return told
  }
}

function text(value: RowValue): string {
  return value === undefined ? 'nothing' : String(value)
}
