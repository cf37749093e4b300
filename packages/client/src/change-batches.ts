/**
 * ChangeBatches: changes of a live result → batches of those that were evaluated together (I-CLIENT-2). An agent that gives
 * marks tells where a batch ends; one that gives none (the original, an older one) may have left it anywhere, so each change
 * is a batch. What has come of a batch outlives a break of the connection: the rest follows it, and then the mark.
 * Pure, and holds no rows.
 */
import type { Cell } from './cell.ts'
import { ProtocolError } from './error.ts'
import type { ChangeEvent, ColumnsEvent, EndOfQueryEvent, MarkEvent, RowEvent } from './event.ts'

/** Changes that belong together, in their order. What they lead to is a state that the query had, where the agent gives marks. */
export interface ChangesEvent<C = Cell> {
  readonly kind: 'changes'
  readonly changes: readonly ChangeEvent<C>[]
}

export type BatchEvent<C = Cell> = ColumnsEvent | RowEvent<C> | EndOfQueryEvent | ChangesEvent<C>

/** An agent's result has 1,000,000 rows at most, and one run takes all of them away and brings as many. */
export const BATCH_CHANGES_MAX = 2_000_000

export class ChangeBatches<C = Cell> {
  readonly #changesMax: number
  #hasMarks = false
  #waiting: ChangeEvent<C>[] = []

  constructor(changesMax: number = BATCH_CHANGES_MAX) {
    this.#changesMax = changesMax
  }

  /** Changes that came and were not given out. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** A connection begins. What waits is given out where nobody will say any more that it is whole. */
  opened(hasMarks: boolean): BatchEvent<C>[] {
    this.#hasMarks = hasMarks
    return hasMarks ? [] : this.#whole()
  }

  /** Another result begins: what waits is void. */
  forget(): void {
    this.#waiting = []
  }

  /** What is to be given out now. Throws ProtocolError for a batch beyond its bound. */
  take(event: ColumnsEvent | RowEvent<C> | EndOfQueryEvent | ChangeEvent<C> | MarkEvent): BatchEvent<C>[] {
    switch (event.kind) {
      case 'change':
        if (this.#waiting.length >= this.#changesMax)
          throw new ProtocolError(`more than ${this.#changesMax} changes came without a mark`)
        this.#waiting.push(event)
        return this.#hasMarks ? [] : this.#whole()
      case 'mark':
        // What lies between may have taken away the head that says that they come.
        this.#hasMarks = true
        return this.#whole()
      default:
        return [event]
    }
  }

  #whole(): BatchEvent<C>[] {
    if (this.#waiting.length === 0) return []
    const changes = this.#waiting
    this.#waiting = []
    return [{ kind: 'changes', changes }]
  }
}
