/**
 * SchemaWork: the schema of an open store. Applies schema files, keeps what the store knows of its tables, and does what a change
 * leaves to do in slices, each a transaction of its own: rows of adopted tables are stamped, rows of rebuilt ones copied, what has
 * no place any more goes beside the clocks, and what has one again moves in. All of it goes on at the next start.
 */
import type { LocalCommit, SchemaHashes } from '@patina/base'
import { type Database, type Durability, type Inspector, setSynchronous, TempViews } from '@patina/sqlite'
import { foldName, type TableDefinition } from '../core/table.ts'
import type { TouchedTable } from '../core/touched.ts'
import { SchemaLost } from '../errors.ts'
import { withoutChecks } from './check-constraints.ts'
import { refuseForeignChanges } from './foreign-changes.ts'
import type { NamesTable } from './names-table.ts'
import { Purge, type PurgeCount, type PurgeRequest } from './purge.ts'
import { rebuilds } from './rebuilds-table.ts'
import { asRemote, isCulprit, remoteContext, retryAllQuarantined, writeOutcome } from './remote-batch.ts'
import { type ReplicatedTable, replicatedTable } from './replicated-table.ts'
import { moveResidue, type Residue } from './residue.ts'
import { readSchema, type SchemaFile } from './schema.ts'
import { adoptSlice, isAdopting } from './schema-adopt.ts'
import { changeSchema, definitionOf, diffFile } from './schema-apply.ts'
import type { DiffOptions, SchemaDiff } from './schema-diff.ts'
import { schemaHashes } from './schema-hashes.ts'
import { abortRebuild, oldName, Rebuild, withoutRewriting } from './schema-rebuild.ts'
import { TakeOver } from './schema-unknown.ts'
import type { StoreParts } from './store-parts.ts'

/** What a slice of the work has done. */
export interface SchemaSlice {
  /** The version of rows that were adopted. */
  readonly commit: LocalCommit | undefined
  /** Clients may name something else from here on. */
  readonly changesSchema: boolean
  readonly touched: readonly TouchedTable[]
  /** Why the change of a table was given up. */
  readonly failed?: string
}

/** Work that is under way. `rows` of `of`: clocks, those of dead rows too. */
export interface SchemaProgress {
  readonly table: string
  readonly work: 'adopting' | 'copying' | 'moving' | 'purging'
  readonly rows?: number
  readonly of?: number
}

export interface SchemaWorkOptions {
  readonly durability: Durability
  readonly names: NamesTable
  readonly inspector: Inspector
  /** By folded name; filled here. */
  readonly tables: Map<string, ReplicatedTable>
}

const NOTHING: SchemaSlice = { commit: undefined, changesSchema: false, touched: [] }

export class SchemaWork {
  readonly #parts: StoreParts
  readonly #options: SchemaWorkOptions
  readonly #views: TempViews
  readonly #takeOver: TakeOver
  readonly #purge: Purge
  #rebuilds: readonly Rebuild[] = []

  constructor(parts: StoreParts, options: SchemaWorkOptions) {
    this.#parts = parts
    this.#options = options
    this.#views = new TempViews(parts.db, 'writer')
    this.#takeOver = new TakeOver(parts)
    this.#purge = new Purge(parts)
    this.#load()
  }

  /** Makes the change in one transaction, as far as no rows must follow. Throws SchemaError; then nothing has changed. */
  apply(files: readonly SchemaFile[], options: DiffOptions): SchemaDiff {
    const wanted = readSchema(files)
    const { db, transactions, limits } = this.#parts
    // CHECK is for local writes: a column that is added does not test rows that peers have merged.
    const diff = withoutChecks(db, () =>
      withoutRewriting(db, () =>
        transactions.run(() => changeSchema(db, this.#options.names, { wanted, limits, options })),
      ),
    )
    if (diff.changes.length > 0) this.#reload()
    return diff
  }

  diff(files: readonly SchemaFile[], options: DiffOptions): SchemaDiff {
    return diffFile(this.#parts.db, this.#options.names, readSchema(files), options)
  }

  /** What peers compare with theirs. */
  hashes(): SchemaHashes {
    return schemaHashes(this.#parts.db, this.#options.names)
  }

  /** Views that connections have beside what the file says. */
  viewDefinitions(): readonly string[] {
    return this.#views.definitions()
  }

  /** What is under way. */
  progress(): readonly SchemaProgress[] {
    return [
      ...this.#parts.residues.map(({ name, old }) => ({
        table: name,
        work: 'moving' as const,
        rows: (old.clocks.after(0, 1)[0]?.clock.rowid ?? 1) - 1,
        of: old.clocks.last(),
      })),
      ...this.#rebuilds.map((rebuild) => ({
        table: rebuild.table,
        work: 'copying' as const,
        ...rebuild.progress(),
      })),
      ...this.#parts.adopting.map(({ name }) => ({ table: name, work: 'adopting' as const })),
      ...this.#takeOver.waiting().map((table) => ({ table, work: 'moving' as const })),
      ...this.#purge.pending().map(({ table }) => ({ table, work: 'purging' as const })),
    ]
  }

  /** The next slice; undefined: nothing is left to do. Throws SQLite's error, with nothing of the slice done. */
  slice(): SchemaSlice | undefined {
    const started = performance.now()
    const slice = this.#next()
    this.#parts.pace.took(performance.now() - started)
    return slice
  }

  #next(): SchemaSlice | undefined {
    const [residue] = this.#parts.residues
    if (residue !== undefined) return this.#moveResidue(residue)
    const [rebuild] = this.#rebuilds
    if (rebuild !== undefined) return this.#rebuild(rebuild)
    const [definition] = this.#parts.adopting
    if (definition !== undefined) return this.#adopt(definition)
    const touched = this.#takeOver.moveSlice()
    if (touched !== undefined) return { ...NOTHING, touched }
    return this.#purge.slice() ? NOTHING : undefined
  }

  /** Forgets what is unknown here, in slices; with `isDry` it only counts. Throws RequestRefused. */
  purge({ table, column }: PurgeRequest, isDry: boolean): PurgeCount {
    const request = { table: foldName(table), column: column === undefined ? undefined : foldName(column) }
    return isDry ? this.#purge.count(request) : this.#purge.begin(request)
  }

  /** Whether rows wait that are in no table of the schema and not beside the clocks yet. */
  hasResidue(): boolean {
    return this.#parts.residues.length > 0
  }

  #adopt(definition: TableDefinition): SchemaSlice {
    const { commit, isLast, touched } = adoptSlice(this.#parts, definition, this.#options.durability)
    if (isLast) this.#loadAndRetry()
    return { commit, changesSchema: isLast, touched }
  }

  #rebuild(rebuild: Rebuild): SchemaSlice {
    const { db, transactions } = this.#parts
    try {
      const isDone = rebuild.slice((work) => transactions.run(work))
      if (!isDone) return NOTHING
      this.#loadAndRetry()
      return { ...NOTHING, changesSchema: true, touched: [{ table: rebuild.table, columns: 'all' }] }
    } catch (cause) {
      // A rule of the new definition refuses a row (an index whose expression fails on it): nobody has seen any of it.
      if (!isCulprit(cause)) throw cause
      transactions.run(() => abortRebuild(db, this.#options.names, rebuild.table))
      this.#reload()
      const failed = `table ${rebuild.table} stays as it was: ${(cause as Error).message}`
      return { ...NOTHING, changesSchema: true, failed }
    }
  }

  #moveResidue(residue: Residue): SchemaSlice {
    const { db } = this.#parts
    setSynchronous(db, 'NORMAL')
    const { names } = this.#options
    const context = remoteContext(this.#parts)
    const hasMore = withoutChecks(db, () =>
      asRemote(this.#parts, () => {
        const more = moveResidue(this.#parts, names, { residue, context })
        writeOutcome(this.#parts, context)
        return more
      }),
    )
    if (!hasMore) this.#reload()
    return { ...NOTHING, touched: context.touched.tables() }
  }

  #loadAndRetry(): void {
    this.#reload()
    retryAllQuarantined(this.#parts)
  }

  /** After a change that is committed. Statements for a schema that is gone would write what they do not know. */
  #reload(): void {
    try {
      this.#load()
    } catch (cause) {
      this.#options.tables.clear()
      throw new SchemaLost(
        `the schema has changed, and could not be read again: ${(cause as Error).message}`,
        { cause },
      )
    }
  }

  /** What is known of the schema's tables, made anew. */
  #load(): void {
    const { db, adopting, capture, statements } = this.#parts
    const { names, tables } = this.#options
    tables.clear()
    const definitions = names.tables().map((name) => definitionOf(db, names, name))
    adopting.splice(0, adopting.length, ...definitions.filter(({ name }) => isAdopting(db, name)))
    for (const definition of definitions) {
      if (adopting.includes(definition)) continue
      refuseForeignChanges(db, definition)
      capture.watch(definition)
      tables.set(definition.name, replicatedTable(db, definition))
    }
    this.#loadRebuilds()
    this.#views.follow()
    this.#options.inspector.loadSchema([...userSchemaSql(db), ...this.viewDefinitions()])
    statements.forget()
    this.#takeOver.begin()
    this.#purge.reload()
  }

  #loadRebuilds(): void {
    const { db, residues, tables, pace } = this.#parts
    const { names } = this.#options
    const define = (table: string): TableDefinition => definitionOf(db, names, table)
    const rows = rebuilds(db)
    this.#rebuilds = rows
      .filter(({ phase }) => phase === 'copying')
      .map(({ name }) => new Rebuild(db, names, { table: name, define, pace }))
    const left = rows
      .filter(({ phase }) => phase !== 'copying')
      .map(({ name, phase }): Residue => {
        return { name, phase, old: replicatedTable(db, define(oldName(name))), now: tables.get(name) }
      })
    residues.splice(0, residues.length, ...left)
  }
}

/** CREATE statements of what clients may name: tables and indexes without ours. */
export function userSchemaSql(db: Database): string[] {
  return db
    .prepare<[], string>(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index')
       AND tbl_name NOT LIKE '%\\_\\_patina\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       ORDER BY type DESC`,
    )
    .pluck()
    .all()
}
