/**
 * The lines of query and subscription streams → events: `columns`, `row`, `eoq`, `change`, `mark`, `error`. Checks the
 * shape of each line and nothing of their order (event-order.ts).
 */
import { type Cell, type CellOptions, lineParser, NumberText, readCells } from './cell.ts'
import { IntegerRangeError, ProtocolError } from './error.ts'

/** Begins a result: what was known of an earlier one is void. */
export interface ColumnsEvent {
  readonly kind: 'columns'
  readonly columns: readonly string[]
}

export interface RowEvent<C = Cell> {
  readonly kind: 'row'
  /** In subscriptions the same as in later changes of this row. */
  readonly rowId: number
  readonly cells: readonly C[]
}

/** The result is complete as of this change. */
export interface EndOfQueryEvent {
  readonly kind: 'eoq'
  readonly seconds: number
  /** Absent in queries. */
  readonly changeId?: number
}

export interface ChangeEvent<C = Cell> {
  readonly kind: 'change'
  readonly change: 'insert' | 'update' | 'delete'
  readonly rowId: number
  /** The row after the change; of a deleted row the last known. */
  readonly cells: readonly C[]
  readonly changeId: number
}

/** The changes up to this one are whole: nothing is left of what was evaluated with them. */
export interface MarkEvent {
  readonly kind: 'mark'
  readonly changeId: number
}

/** The stream ends here. */
export interface ErrorEvent {
  readonly kind: 'error'
  readonly message: string
  readonly code: string | undefined
}

export type StreamEvent<C = Cell> =
  | ColumnsEvent
  | RowEvent<C>
  | EndOfQueryEvent
  | ChangeEvent<C>
  | MarkEvent
  | ErrorEvent

export type ReadEvent = (line: string) => StreamEvent

/** Reads a line; throws ProtocolError, and IntegerRangeError as the options say. */
export function eventReader(options: CellOptions): ReadEvent {
  const parse = lineParser(options)
  return (line) => {
    let value: unknown
    try {
      value = parse(line)
    } catch (cause) {
      if (cause instanceof IntegerRangeError) throw cause
      throw unexpected(line)
    }
    if (typeof value !== 'object' || value === null) throw unexpected(line)
    return eventOf(value as Line, options.blobs) ?? fail(line)
  }
}

interface Line {
  readonly columns?: unknown
  readonly row?: unknown
  readonly eoq?: unknown
  readonly change?: unknown
  readonly mark?: unknown
  readonly error?: unknown
  readonly code?: unknown
}

function eventOf(
  { row, change, mark, eoq, columns, error, code }: Line,
  blobs: CellOptions['blobs'],
): StreamEvent | undefined {
  if (Array.isArray(row)) return { kind: 'row', rowId: counter(row[0]), cells: readCells(row[1], blobs) }
  if (Array.isArray(change)) return changeOf(change, blobs)
  if (mark !== undefined) return { kind: 'mark', changeId: counter(mark) }
  if (typeof eoq === 'object' && eoq !== null) return endOf(eoq)
  if (Array.isArray(columns) && columns.every((name) => typeof name === 'string'))
    return { kind: 'columns', columns }
  if (typeof error === 'string')
    return { kind: 'error', message: error, code: typeof code === 'string' ? code : undefined }
  return undefined
}

function changeOf(change: readonly unknown[], blobs: CellOptions['blobs']): ChangeEvent | undefined {
  const [kind, rowId, cells, changeId] = change
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete') return undefined
  return {
    kind: 'change',
    change: kind,
    rowId: counter(rowId),
    cells: readCells(cells, blobs),
    changeId: counter(changeId),
  }
}

function endOf(eoq: { readonly time?: unknown; readonly change_id?: unknown }): EndOfQueryEvent {
  const seconds = numberOf(eoq.time ?? 0)
  if (Number.isNaN(seconds)) throw new ProtocolError('the time of an end of query is not a number')
  const { change_id: changeId } = eoq
  if (changeId === undefined || changeId === null) return { kind: 'eoq', seconds }
  return { kind: 'eoq', seconds, changeId: counter(changeId) }
}

function counter(value: unknown): number {
  const count = numberOf(value)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new ProtocolError('the id of a row or a change is not a whole number below 2^53')
}

function numberOf(value: unknown): number {
  if (value instanceof NumberText) return Number(value.text)
  return typeof value === 'number' ? value : Number.NaN
}

function fail(line: string): never {
  throw unexpected(line)
}

function unexpected(line: string): ProtocolError {
  return new ProtocolError(`a line of the answer is no event: ${line.slice(0, 100)}`)
}
