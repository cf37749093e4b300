/** RowSet: the rows of a subscription, rebuilt from its lines: `columns`, `row`s, `eoq`, then `change`s. */
import type { Parameter } from '@patina/test-cluster'

type Cells = readonly Parameter[]

interface Line {
  readonly columns?: readonly string[]
  readonly row?: readonly [rowId: number, cells: Cells]
  readonly eoq?: object
  readonly change?: readonly [kind: 'insert' | 'update' | 'delete', rowId: number, cells: Cells]
}

export class RowSet {
  readonly #rows = new Map<number, Cells>()
  #isComplete = false

  /** False until the first result has been read to its end. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** One line of the stream. Throws for what is no line of one. */
  apply(line: string): void {
    const { columns, row, eoq, change } = JSON.parse(line) as Line
    if (columns !== undefined) this.#begin()
    else if (row !== undefined) this.#rows.set(row[0], row[1])
    else if (eoq !== undefined) this.#isComplete = true
    else if (change === undefined) throw new Error(`no line of a subscription: ${line}`)
    else if (change[0] === 'delete') this.#rows.delete(change[1])
    else this.#rows.set(change[1], change[2])
  }

  firstCells(): Parameter[] {
    return [...this.#rows.values()].map(([first]) => first ?? null).sort()
  }

  /** What came before is void. */
  #begin(): void {
    this.#rows.clear()
    this.#isComplete = false
  }
}
