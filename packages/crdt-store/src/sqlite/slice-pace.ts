/**
 * SlicePace: how many rows a slice of a schema change takes along. Rows cost what the table, its indexes and the disk make them cost; whoever
 * writes waits for a slice. So a slice that took too long halves the next one, and short ones let it grow again.
 */
import type { StoreLimits } from '../limits.ts'

/** Each commit has a price of its own: fewer rows would make the whole take much longer, and nobody wait less. */
const ROWS_MIN = 8

export class SlicePace {
  /** Of the next slice. */
  rows: number
  readonly #rowsMax: number
  readonly #ms: number

  constructor({
    schemaSliceRowsMax,
    schemaSliceMs,
  }: Pick<StoreLimits, 'schemaSliceMs' | 'schemaSliceRowsMax'>) {
    this.rows = schemaSliceRowsMax
    this.#rowsMax = schemaSliceRowsMax
    this.#ms = schemaSliceMs
  }

  /** A slice of so many rows took so long. */
  took(ms: number): void {
    if (ms > this.#ms) this.rows = Math.max(Math.min(ROWS_MIN, this.#rowsMax), Math.floor(this.rows / 2))
    else if (ms < this.#ms / 2) this.rows = Math.min(this.#rowsMax, this.rows * 2)
  }
}
