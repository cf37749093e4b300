/**
 * Reader: runs clients' queries on read-only connections, behind a Port: stream kind `query`, a head with the columns or
 * a refusal, then the result as NDJSON bytes. A statement that is still open pins an old snapshot for its connection and
 * keeps it busy, so each open stream has a connection of its own, from a bounded pool.
 * The head comes with the first chunk, so that what most clients ask costs one message back.
 * Every statement is inspected first (inspect.ts, against the schema that the connection sees), then must be read-only by
 * the word of the connection's own SQLite, and the connection cannot write anyway.
 * Does not end an endless statement: only the death of its process does, and that is the owner's decision.
 */
import type { PortHandlers, Result, ServedStream } from '@patina/base'
import BetterSqlite3 from 'better-sqlite3'
import { Inspector } from './inspect.ts'
import { LAG_TABLE, type LagRow } from './lag-table.ts'
import { MEMBERS_TABLE, type MemberRow } from './members-table.ts'
import { OpenResult } from './open-result.ts'
import { bindArguments } from './parameters.ts'
import { type PreparedQuery, ReaderConnection } from './reader-connection.ts'
import { encodeResult, type ResultLimits } from './result-encoder.ts'
import type { SqlStatement } from './statement.ts'

export interface QueryRequest extends ResultLimits {
  readonly statement: SqlStatement
}

/** `refused`: the statement is at fault (HTTP 400). `failed`: this reader is (retry, or the disk). */
export type QueryHead =
  | { readonly kind: 'rows'; readonly columns: readonly string[] }
  | { readonly kind: 'refused' | 'failed'; readonly code: string; readonly message: string }

export interface ReaderContract {
  readonly calls: {
    /** Answers once the reader can work. */
    readonly ready: { readonly request: null; readonly reply: true }
    /** The whole of `patina_members`; until the first list comes, queries that read it fail as `overloaded`. */
    readonly members: { readonly request: readonly MemberRow[]; readonly reply: null }
    /** The whole of `patina_lag`; the same holds for it. */
    readonly lag: { readonly request: readonly LagRow[]; readonly reply: null }
  }
  readonly streams: { readonly query: { readonly request: QueryRequest; readonly head: QueryHead } }
  readonly event: never
}

export interface ReaderOptions {
  readonly path: string
  /** Connections, which is open streams, of this reader. Above it a query fails as `overloaded`. Default 8. */
  readonly connectionsMax?: number
}

const CONNECTIONS_MAX = 8

/** Opens the first connection at once, so that a database that cannot be read refuses the start. Throws OpenError. */
export function readerHandlers(options: ReaderOptions): PortHandlers<ReaderContract> {
  const reader = new Reader(options)
  return {
    calls: {
      ready: () => true,
      members: (rows) => {
        reader.members(rows)
        return null
      },
      lag: (rows) => {
        reader.lag(rows)
        return null
      },
    },
    streams: { query: (request) => reader.query(request) },
    stop: () => reader.close(),
  }
}

class Reader {
  readonly #path: string
  readonly #connectionsMax: number
  readonly #inspector = new Inspector()
  /** Of the schema that the inspector holds. */
  #inspectedVersion: unknown
  readonly #idle: ReaderConnection[] = []
  #open = 0
  #members: readonly MemberRow[] | undefined
  #lag: readonly LagRow[] | undefined

  constructor({ path, connectionsMax = CONNECTIONS_MAX }: ReaderOptions) {
    this.#path = path
    this.#connectionsMax = connectionsMax
    this.#idle.push(this.#connect())
  }

  query({ statement, ...limits }: QueryRequest): ServedStream<QueryHead> {
    const connection = this.#take()
    if (connection === undefined) {
      const message = `all ${this.#connectionsMax} connections of this reader are in use; try again`
      return headOnly({ kind: 'failed', code: 'overloaded', message })
    }
    const prepared = this.#prepare(connection, statement)
    if (prepared.ok) return this.#answer(connection, prepared.value, limits)
    this.#idle.push(connection)
    return headOnly(prepared.error)
  }

  /** The newest list. Each connection takes it over before its next query; what is under way goes on with its own. */
  members(rows: readonly MemberRow[]): void {
    this.#members = rows
  }

  /** As `members`. */
  lag(rows: readonly LagRow[]): void {
    this.#lag = rows
  }

  /** Streams that are still open keep their connections until they end. */
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close()
    this.#inspector.close()
  }

  #take(): ReaderConnection | undefined {
    const connection = this.#idle.pop() ?? (this.#open < this.#connectionsMax ? this.#connect() : undefined)
    connection?.setMembers(this.#members)
    connection?.setLag(this.#lag)
    return connection
  }

  #connect(): ReaderConnection {
    const connection = new ReaderConnection(this.#path)
    this.#open += 1
    return connection
  }

  #prepare(connection: ReaderConnection, { sql, params }: SqlStatement): Result<Bound, Refusal> {
    this.#followSchema(connection)
    const inspected = this.#inspector.inspectRead(sql)
    if (!inspected.ok) return refused(inspected.error.code, inspected.error.message)
    const { reads } = inspected.value
    if (this.#members === undefined && reads.has(MEMBERS_TABLE)) return MEMBERS_UNKNOWN
    if (this.#lag === undefined && reads.has(LAG_TABLE)) return LAG_UNKNOWN
    try {
      const query = connection.prepare(sql)
      if (query === undefined) return refused('not-read-only', 'statement is not readonly')
      const bound = bindArguments(query.parameters, params)
      if (!bound.ok) return refused(bound.error.kind, bound.error.message)
      return { ok: true, value: { query, values: bound.value } }
    } catch (thrown) {
      const { code, message } = sqliteErrorOf(thrown)
      if (code === 'SQLITE_ERROR') return refused('invalid', message)
      return { ok: false, error: { kind: 'failed', code, message } }
    }
  }

  /** The inspector's copy of the schema follows the file's, at the price of one PRAGMA a query. */
  #followSchema(connection: ReaderConnection): void {
    const version = connection.schemaVersion()
    if (version === this.#inspectedVersion) return
    this.#inspector.loadSchema(connection.definitions())
    this.#inspectedVersion = version
  }

  /** Runs until the first chunk is there: most results are whole by then, and cost no further message. */
  #answer(
    connection: ReaderConnection,
    { query, values }: Bound,
    limits: ResultLimits,
  ): ServedStream<QueryHead> {
    const { statement, columns } = query
    const started = performance.now()
    const result = encodeResult({
      columns,
      rows: { [Symbol.iterator]: () => statement.iterate(...values) },
      limits,
      elapsedSeconds: () => (performance.now() - started) / 1000,
      explainError: (thrown) => sqliteErrorOf(thrown).message,
    })
    const release = (): void => {
      this.#idle.push(connection)
    }
    const head: QueryHead = { kind: 'rows', columns }
    const chunks = new OpenResult(result, release)
    const first = chunks.begin()
    return first.done ? { head, whole: first.value } : { head, chunks }
  }
}

interface Bound {
  readonly query: PreparedQuery
  readonly values: readonly unknown[]
}

type Refusal = Exclude<QueryHead, { readonly kind: 'rows' }>

/** An empty list would be a wrong answer: whoever acts on it would take every member for gone. */
const MEMBERS_UNKNOWN = unknownYet('the members are')
const LAG_UNKNOWN = unknownYet('the lag is')

function unknownYet(what: string): { readonly ok: false; readonly error: Refusal } {
  const message = `${what} not known yet, because the agent has just started; try again`
  return { ok: false, error: { kind: 'failed', code: 'overloaded', message } }
}

function refused(code: string, message: string): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error: { kind: 'refused', code, message } }
}

function headOnly(head: QueryHead): ServedStream<QueryHead> {
  return { head, whole: new Uint8Array(0) }
}

/** What SQLite or its binding says of a statement; everything else is a bug of ours and goes on up. */
function sqliteErrorOf(thrown: unknown): { readonly code: string; readonly message: string } {
  if (thrown instanceof BetterSqlite3.SqliteError) return thrown
  throw thrown
}
