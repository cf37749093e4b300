/**
 * Coordinates: those of all members, as rows of one array of floats of 32 bits, as they travel: 44 bytes a member, where an
 * object of numbers takes 220. A row is named by its place; who forgets a member gives its row back.
 */
import { type Coordinate, DIMENSIONS } from './coordinate.ts'

export const NO_COORDINATE = -1

const ROW = DIMENSIONS + 3
const ROWS_MIN = 16

export class Coordinates {
  #floats = new Float32Array(ROWS_MIN * ROW)
  #used = 0
  readonly #free: number[] = []

  /** Undefined for NO_COORDINATE. */
  get(row: number): Coordinate | undefined {
    if (row === NO_COORDINATE) return undefined
    const numbers = this.#floats.subarray(row * ROW, (row + 1) * ROW)
    const [height = 0, adjustment = 0, error = 0] = numbers.subarray(DIMENSIONS)
    return { place: [...numbers.subarray(0, DIMENSIONS)], height, adjustment, error }
  }

  /** Writes into this row, or into a new one for NO_COORDINATE; returns which. */
  put(known: number, { place, height, adjustment, error }: Coordinate): number {
    const row = known === NO_COORDINATE ? this.#take() : known
    this.#floats.set([...place, height, adjustment, error], row * ROW)
    return row
  }

  free(row: number): void {
    if (row !== NO_COORDINATE) this.#free.push(row)
  }

  #take(): number {
    const freed = this.#free.pop()
    if (freed !== undefined) return freed
    if ((this.#used + 1) * ROW > this.#floats.length) {
      const grown = new Float32Array(2 * this.#floats.length)
      grown.set(this.#floats)
      this.#floats = grown
    }
    this.#used += 1
    return this.#used - 1
  }
}
