/**
 * ProgressBar: one line that is drawn again on a terminal; elsewhere a line for each quarter, so that a log stays short.
 */
import { formatCount } from './figures.ts'

const CELLS = 30
const QUARTERS = 4

export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export class ProgressBar {
  readonly #output: ProgressOutput
  readonly #label: string
  readonly #total: number
  #done = 0
  #drawn = -1

  constructor(output: ProgressOutput, label: string, total: number) {
    this.#output = output
    this.#label = label
    this.#total = total
  }

  advance(by: number): void {
    this.#done = Math.min(this.#total, this.#done + by)
    const steps = this.#output.isTTY === true ? CELLS : QUARTERS
    const reached = Math.floor((steps * this.#done) / this.#total)
    if (reached === this.#drawn || (reached === 0 && steps === QUARTERS)) return
    this.#drawn = reached
    this.#output.write(this.#output.isTTY === true ? this.#bar(reached) : this.#line())
  }

  #bar(cells: number): string {
    const end = cells === CELLS ? '\n' : ''
    return `\r  ${this.#label} [${'#'.repeat(cells)}${'-'.repeat(CELLS - cells)}] ${formatCount(this.#done)}${end}`
  }

  #line(): string {
    return `  ${this.#label}: ${formatCount(this.#done)} of ${formatCount(this.#total)}\n`
  }
}
