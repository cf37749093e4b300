/**
 * Inspector: what a client's statement is, reads and writes, told by SQLite itself: an authorizer callback while the
 * statement is prepared (and never run) against an in-memory copy of the schema. Enforces what a client must not do (I-SQL-1).
 * It uses node:sqlite, because better-sqlite3 has no authorizer, and never opens the database
 * file: two SQLite libraries in one process must not share a file. What does not prepare here is refused; that errs on
 * the safe side where the two libraries differ.
 * Cannot see `INSERT OR ROLLBACK` and its like: the store notices them after the statement.
 */
import { DatabaseSync } from 'node:sqlite'
import { err, ok, type Result } from '@patina/base'
import { Observation } from './authorizer.ts'
import { type InspectError, refusal, refusalOfSqlite } from './inspect-error.ts'
import { firstWords, isBlank } from './sql-text.ts'

/** Table → columns. A column set may be empty: only the number of rows matters then (`count(*)`). */
export type ColumnsByTable = ReadonlyMap<string, ReadonlySet<string>>

export interface StatementInfo {
  readonly kind: 'read' | 'write'
  /** EXPLAIN: it runs nothing, so its kind is `read`; `writes` is what the explained statement would write. */
  readonly explain: boolean
  /** Tables of the schema as it spells them, through views too; a generated column stands for all columns of its table. */
  readonly reads: ColumnsByTable
  readonly writes: ReadonlySet<string>
}

/** A definition that could not be copied: statements that need it will be refused. Triggers are left out on purpose. */
export interface SkippedDefinition {
  readonly sql: string
  readonly message: string
}

/** 1 MiB of SQL text is a mistake or an attack; data belongs into parameters. */
export const SQL_CHARS_MAX: number = 1024 * 1024

/**
 * Of SQLite's machine, for one statement. 1 MiB of VALUES has 250,000 to 500,000, which take 16 MiB once compiled; a list of
 * half a million numbers behind IN would have three times as many and take 57 MiB.
 */
const INSTRUCTIONS_MAX = 500_000

/** Verdicts remembered by text: applications send few texts, often. */
const REMEMBERED_MAX = 1024
/** Longer texts are inspected each time, so that the memory of the verdicts stays below 4 MiB. */
const REMEMBERED_CHARS_MAX = 2048

type Verdict = Result<StatementInfo, InspectError>

const EXPLAINED_WRITE: InspectError = {
  code: 'not-read-only',
  message:
    'EXPLAIN of a statement that writes is not served; explain a SELECT with the same FROM and WHERE instead',
}

export class Inspector {
  #db: DatabaseSync = emptyDatabase()
  /** Of the statement that is being prepared. */
  #seen: Observation = new Observation()
  /** By lower-case table name, for tables with generated columns. */
  #generated: ReadonlyMap<string, GeneratedColumns> = new Map()
  /** By lower-case name. */
  #kinds: ReadonlyMap<string, 'table' | 'view'> = new Map()
  readonly #remembered = new Map<string, Verdict>()

  constructor() {
    this.#authorize()
  }

  /** Replaces the copy of the schema by these CREATE statements (`SELECT sql FROM sqlite_schema`, in that order). */
  loadSchema(definitions: readonly string[]): readonly SkippedDefinition[] {
    const db = emptyDatabase()
    const skipped: SkippedDefinition[] = []
    for (const sql of definitions) {
      if (isTrigger(sql)) continue
      try {
        db.exec(sql)
      } catch (cause) {
        skipped.push({ sql, message: messageOf(cause) })
      }
    }
    this.#db.close()
    this.#db = db
    this.#generated = generatedColumns(db)
    this.#kinds = kindsByName(db)
    this.#remembered.clear()
    this.#authorize()
    return skipped
  }

  /** What the one statement of `sql` is, or why a client may not run it. About 10 µs, 0.1 µs for a text seen before. */
  inspect(sql: string): Verdict {
    const known = this.#remembered.get(sql)
    if (known !== undefined) return known
    const verdict = this.#judge(sql)
    if (sql.length <= REMEMBERED_CHARS_MAX) this.#remember(sql, verdict)
    return verdict
  }

  /**
   * As `inspect`, and refuses what is not a read. Nor is EXPLAIN of a write served: SQLite compiles the triggers of its
   * table, whose functions only the store has.
   */
  inspectRead(sql: string): Verdict {
    const verdict = this.inspect(sql)
    if (!verdict.ok || verdict.value.writes.size === 0) return verdict
    return err(verdict.value.explain ? EXPLAINED_WRITE : refusal('not-read-only'))
  }

  close(): void {
    this.#db.close()
  }

  /** Once per database: each change of the callback makes SQLite walk all statements that are not collected yet. */
  #authorize(): void {
    this.#db.setAuthorizer((action, first, second) => this.#seen.note(action, first, second))
  }

  #judge(sql: string): Verdict {
    if (sql.length > SQL_CHARS_MAX) return err(refusal('too-long', `${sql.length} characters`))
    // SQLite would stop reading at a NUL, and a lone surrogate has no UTF-8 form: both hide text from us.
    if (sql.includes('\0') || !sql.isWellFormed()) return err(refusal('bad-text'))
    if (isBlank(sql)) return err(refusal('empty'))
    const seen = new Observation()
    const prepared = this.#prepare(sql, seen)
    if (seen.refused !== undefined) return err(seen.refused)
    if (!prepared.ok) return err(refusalOfSqlite(prepared.error))
    const words = firstWords(sql)
    // VACUUM, VACUUM INTO and EXPLAIN VACUUM report nothing; whatever else reports nothing is not known to be harmless.
    if (seen.isEmpty) return err(refusal(words.includes('VACUUM') ? 'vacuum' : 'unknown-statement'))
    if (!isBlank(sql.slice(prepared.value.length))) return err(refusal('multiple-statements'))
    return ok(this.#describe(seen, words[0] === 'EXPLAIN'))
  }

  /** The text that SQLite took as the first statement, up to its semicolon. */
  #prepare(sql: string, seen: Observation): Result<string, string> {
    this.#seen = seen
    try {
      return ok(this.#db.prepare(sql).sourceSQL)
    } catch (cause) {
      return err(messageOf(cause))
    }
  }

  #describe(seen: Observation, explain: boolean): StatementInfo {
    const reads = new Map<string, Set<string>>()
    for (const [table, columns] of seen.reads) {
      // `count(*)` names what it counts, a common table expression too; those and views hold no rows of their own.
      const kind = this.#kinds.get(table.toLowerCase())
      if (kind === 'view' || (kind === undefined && columns.size === 0)) continue
      reads.set(table, this.#withInputs(table, columns))
    }
    const kind = seen.writes.size > 0 && !explain ? 'write' : 'read'
    return { kind, explain, reads, writes: seen.writes }
  }

  /** The authorizer names a generated column and not what it is made of, which may be any column of its row. */
  #withInputs(table: string, columns: Set<string>): Set<string> {
    const generated = this.#generated.get(table.toLowerCase())
    if (generated === undefined) return columns
    const usesGenerated = [...columns].some((column) => generated.generated.has(column))
    return usesGenerated ? new Set([...columns, ...generated.all]) : columns
  }

  #remember(sql: string, verdict: Verdict): void {
    if (this.#remembered.size >= REMEMBERED_MAX) {
      const [oldest] = this.#remembered.keys()
      if (oldest !== undefined) this.#remembered.delete(oldest)
    }
    this.#remembered.set(sql, verdict)
  }
}

interface GeneratedColumns {
  readonly all: ReadonlySet<string>
  readonly generated: ReadonlySet<string>
}

function emptyDatabase(): DatabaseSync {
  return new DatabaseSync(':memory:', {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: false,
    // A statement that is too deep or too wide for these is refused before it costs the process that runs it.
    limits: {
      sqlLength: 4 * SQL_CHARS_MAX,
      exprDepth: 1000,
      compoundSelect: 500,
      attach: 0,
      vdbeOp: INSTRUCTIONS_MAX,
    },
  })
}

function isTrigger(definition: string): boolean {
  const [create, kind, next] = firstWords(definition)
  if (create !== 'CREATE') return false
  return kind === 'TRIGGER' || ((kind === 'TEMP' || kind === 'TEMPORARY') && next === 'TRIGGER')
}

const COLUMNS_SQL = `
  SELECT lower(t.name) AS tableName, x.name AS name, x.hidden AS hidden
  FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS x WHERE t.type = 'table'`

function generatedColumns(db: DatabaseSync): ReadonlyMap<string, GeneratedColumns> {
  const byTable = new Map<string, { all: Set<string>; generated: Set<string> }>()
  for (const { tableName, name, hidden } of db.prepare(COLUMNS_SQL).iterate()) {
    const columns = byTable.get(String(tableName)) ?? { all: new Set(), generated: new Set() }
    byTable.set(String(tableName), columns)
    columns.all.add(String(name))
    if (hidden === 2 || hidden === 3) columns.generated.add(String(name))
  }
  for (const [table, columns] of byTable) if (columns.generated.size === 0) byTable.delete(table)
  return byTable
}

function kindsByName(db: DatabaseSync): ReadonlyMap<string, 'table' | 'view'> {
  const rows = db
    .prepare(`SELECT lower(name) AS name, type FROM sqlite_schema WHERE type IN ('table', 'view')`)
    .all()
  return new Map(rows.map((row) => [String(row.name), row.type === 'view' ? 'view' : 'table']))
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
