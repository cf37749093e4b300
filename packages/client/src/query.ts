/**
 * Query: one SELECT and its rows as they come. Nothing is sent before the first use; the rows can be had once. Who stops
 * early ends the query at the agent.
 */
import type { Answer } from './answer.ts'
import { ApiError, ConnectionError, ProtocolError } from './error.ts'
import type { ReadEvent, StreamEvent } from './event.ts'
import { isBlank } from './live-lines.ts'
import { LineSplitter } from './ndjson.ts'

/** More rows than this are for iterating, not for an array. */
export const ALL_ROWS_MAX = 1_000_000

export interface QueryParts<Row> {
  readonly open: () => Promise<Answer>
  readonly readEvent: ReadEvent
  readonly rowOf: (cells: readonly unknown[], columns: readonly string[]) => Row
  readonly silenceMs: number
  readonly lineCharsMax: number
}

export class Query<Row> implements AsyncIterable<Row> {
  readonly #parts: QueryParts<Row>
  #events: AsyncGenerator<StreamEvent, void, undefined> | undefined
  #columns: Promise<readonly string[]> | undefined
  #taken = false
  #seconds: number | undefined

  constructor(parts: QueryParts<Row>) {
    this.#parts = parts
  }

  /** The time that the agent names at the end of the rows; undefined before. */
  get seconds(): number | undefined {
    return this.#seconds
  }

  /** Sends the query where that has not happened yet. Without reading the rows, call `close` afterwards. */
  columns(): Promise<readonly string[]> {
    this.#columns ??= this.#begin()
    return this.#columns
  }

  /** All rows. Throws RangeError above `rowsMax`. */
  async all(rowsMax: number = ALL_ROWS_MAX): Promise<Row[]> {
    const rows: Row[] = []
    for await (const row of this) {
      if (rows.length === rowsMax) throw new RangeError(`the result has more than ${rowsMax} rows; iterate`)
      rows.push(row)
    }
    return rows
  }

  /** Ends the query where it is not at its end yet. */
  async close(): Promise<void> {
    this.#taken = true
    await this.#events?.return()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    if (this.#taken) throw new TypeError('the rows of a query can be had once; send it again')
    this.#taken = true
    return this.#rows()
  }

  async *#rows(): AsyncGenerator<Row, void, undefined> {
    const columns = await this.columns()
    const { rowOf } = this.#parts
    for await (const event of this.#events ?? []) {
      if (event.kind === 'row' && this.#seconds === undefined) yield rowOf(event.cells, columns)
      else if (event.kind === 'eoq') this.#seconds = event.seconds
      else throw failure(event)
    }
  }

  async #begin(): Promise<readonly string[]> {
    this.#events = readEvents(await this.#parts.open(), this.#parts)
    const { value: first } = await this.#events.next()
    if (first?.kind === 'columns') return first.columns
    await this.#events.return()
    throw failure(first ?? undefined)
  }
}

/** Reads on behind the end line, so that the connection can be used again. */
async function* readEvents(
  answer: Answer,
  {
    readEvent,
    silenceMs,
    lineCharsMax,
  }: Pick<QueryParts<unknown>, 'readEvent' | 'silenceMs' | 'lineCharsMax'>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const splitter = new LineSplitter(lineCharsMax)
  let ended = false
  for await (const chunk of answer.chunks(() => silenceMs))
    for (const line of splitter.push(chunk)) {
      if (isBlank(line)) continue
      const event = readEvent(line)
      ended ||= event.kind === 'eoq'
      yield event
    }
  // A line without its newline is cut off; nobody can tell where.
  if (!ended) throw new ConnectionError('broken', answer.address, 'the answer ended before its end line')
}

function failure(event: StreamEvent | undefined): Error {
  if (event?.kind === 'error') return new ApiError(event.message, { status: 200, code: event.code })
  return new ProtocolError(`${event?.kind ?? 'nothing'} came where it has no place`)
}
