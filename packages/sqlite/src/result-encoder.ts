/**
 * A query's result as the original's NDJSON: a `columns` line, one `row` line each with its number from 1, then `eoq`,
 * or `error` where the result ends early. Written by hand, because JSON.stringify knows neither int64 nor the difference
 * of 1 and 1.0: INTEGER leaves as an exact integer, REAL always with `.` or `e`, NaN and ±Inf as null, BLOB as an array
 * of bytes. Encoded straight from better-sqlite3's raw rows into chunks of about 64 KiB.
 */
import { assert } from '@patina/base'

export interface ResultLimits {
  readonly rowsMax: number
  /** Of NDJSON. A result may pass it by less than one row and one chunk before it is cut. */
  readonly bytesMax: number
}

export interface ResultSource {
  readonly columns: readonly string[]
  /** Raw rows with safe integers. Consumed lazily, chunk by chunk, and ended when the consumer leaves. */
  readonly rows: Iterable<readonly unknown[]>
  readonly limits: ResultLimits
  readonly elapsedSeconds: () => number
  /** The sentence of an `error` line for what `rows` has thrown; rethrows what is not the statement's fault. */
  readonly explainError: (thrown: unknown) => string
}

/** UTF-16 units collected before they are encoded as one chunk; a row larger than this is a chunk with it. */
const CHUNK_UNITS = 64 * 1024

/** A row is built as one string, which the engine bounds at 2^29 units; above this it is not built at all. */
const ROW_UNITS_MAX = 256 * 1024 * 1024
/** The most that a byte of a blob takes (`255,`), and that a unit of text takes for all but control characters. */
const BLOB_BYTE_UNITS = 4
const TEXT_UNIT_UNITS = 2

/** The lines of one result, in chunks: yields all but the last, and returns that. A small result yields none. */
export function* encodeResult(source: ResultSource): Generator<Uint8Array, Uint8Array> {
  const { columns, rows, limits, elapsedSeconds, explainError } = source
  const encoder = new TextEncoder()
  let text = `{"columns":${JSON.stringify(columns)}}\n`
  let bytes = 0
  let count = 0
  let cut: string | undefined
  try {
    for (const row of rows) {
      cut = overLimit(count, bytes + text.length, limits) ?? overRowLimit(row)
      if (cut !== undefined) break
      count += 1
      text += rowLine(count, row)
      if (text.length < CHUNK_UNITS) continue
      const chunk = encoder.encode(text)
      text = ''
      bytes += chunk.length
      yield chunk
    }
  } catch (thrown) {
    cut = explainError(thrown)
  }
  text +=
    cut === undefined
      ? `{"eoq":{"time":${realText(elapsedSeconds())}}}\n`
      : `{"error":${JSON.stringify(cut)}}\n`
  return encoder.encode(text)
}

/** Judged by the sizes of the cells, before a large one is encoded: that alone would block the thread for seconds. */
function overRowLimit(row: readonly unknown[]): string | undefined {
  let units = 0
  for (const cell of row)
    if (typeof cell === 'string') units += TEXT_UNIT_UNITS * cell.length
    else if (cell instanceof Uint8Array) units += BLOB_BYTE_UNITS * cell.length
  return units > ROW_UNITS_MAX ? 'a row is larger than 256 MiB of JSON; select less of it' : undefined
}

/** One row as the original writes it, with its line end. */
export function rowLine(number: number, cells: readonly unknown[]): string {
  return `{"row":[${number},${cellsText(cells)}]}\n`
}

/** The cells of a row as a JSON array. Two rows have the same text exactly when a client cannot tell them apart. */
export function cellsText(cells: readonly unknown[]): string {
  let text = '['
  for (let i = 0; i < cells.length; i += 1) {
    if (i > 0) text += ','
    text += cellText(cells[i])
  }
  return `${text}]`
}

function cellText(cell: unknown): string {
  switch (typeof cell) {
    case 'string':
      return JSON.stringify(cell)
    case 'bigint':
      return cell.toString()
    case 'number':
      return realText(cell)
    default:
      if (cell === null) return 'null'
      assert(cell instanceof Uint8Array, `not a value of SQLite: ${typeof cell}`)
      return `[${cell.join(',')}]`
  }
}

/** A REAL keeps its kind: a whole one gets `.0`; JSON has no NaN and no infinity. */
function realText(real: number): string {
  if (!Number.isFinite(real)) return 'null'
  if (Object.is(real, -0)) return '-0.0'
  const text = String(real)
  return Number.isInteger(real) && !text.includes('e') ? `${text}.0` : text
}

function overLimit(rows: number, bytes: number, { rowsMax, bytesMax }: ResultLimits): string | undefined {
  if (rows >= rowsMax) return `the result has more than ${rowsMax} rows; narrow the query or use LIMIT`
  if (bytes >= bytesMax) return `the result is larger than ${bytesMax} bytes; narrow the query or use LIMIT`
  return undefined
}
