/**
 * What must change in a file so that it is as the schema files say: pure, on structures that SQLite has read for both.
 * Only what needs no look at the rows is a change; whatever would alter or lose what peers may hold is refused, with table,
 * column and what to write instead. What the file has and the files do not name is kept and told.
 * Does not touch a database: schema-apply.ts does.
 */
import { quote } from './quote.ts'
import { refuser } from './schema-rules.ts'
import type {
  ColumnStructure,
  IndexStructure,
  SchemaStructure,
  TableStructure,
  ViewStructure,
} from './schema-structure.ts'
import { sameSql } from './schema-text.ts'

/** One thing that is done; `sql` says it in SQL. */
export type SchemaChange =
  | { readonly kind: 'table-created' | 'table-adopted'; readonly table: string; readonly sql: string }
  | {
      readonly kind: 'column-added'
      readonly table: string
      readonly column: string
      readonly sql: string
    }
  | {
      readonly kind: 'index-created' | 'index-changed' | 'index-dropped'
      readonly table: string
      readonly index: string
      readonly sql: string
    }
  | {
      readonly kind: 'view-created' | 'view-changed' | 'view-dropped'
      readonly view: string
      readonly sql: string
    }

/** What stays in the file although no schema file names it: a whole table, or a column of one. */
export interface KeptPart {
  readonly table: string
  readonly column?: string
}

export interface SchemaDiff {
  /** In the order in which they are made. */
  readonly changes: readonly SchemaChange[]
  readonly kept: readonly KeptPart[]
}

/** A table of the file. */
export interface LiveTable extends TableStructure {
  /** `plain`: it stands in the file, but nobody has replicated it yet. `adopting`: its rows are on their way to be. */
  readonly state: 'adopting' | 'plain' | 'replicated'
}

export interface LiveStructure {
  readonly tables: readonly LiveTable[]
  readonly views: readonly ViewStructure[]
}

/** Throws SchemaError where the files want what cannot be had. */
export function diffSchema(wanted: SchemaStructure, live: LiveStructure): SchemaDiff {
  const liveTables = new Map(live.tables.map((table) => [table.name, table]))
  const wantedTables = new Set(wanted.tables.map(({ name }) => name))
  const parts = wanted.tables.map((table) => diffTable(table, liveTables.get(table.name)))
  refuseTakenNames(wanted, live)
  const views = diffViews(wanted.views, live.views)
  const keptTables = live.tables.filter(({ name, state }) => state !== 'plain' && !wantedTables.has(name))
  return {
    // What goes, goes first: an index may move from one table to another, and a name from an index to a table.
    changes: [
      ...views.dropped,
      ...parts.flatMap(({ dropped }) => dropped),
      ...parts.flatMap(({ made }) => made),
      ...views.made,
    ],
    kept: [...parts.flatMap(({ kept }) => kept), ...keptTables.map(({ name }) => ({ table: name }))],
  }
}

/** Names that something has which the files do not speak of. */
function refuseTakenNames(wanted: SchemaStructure, live: LiveStructure): void {
  const speaksOf = new Set(wanted.tables.map(({ name }) => name))
  const tables = new Set(live.tables.map(({ name }) => name))
  const indexes = live.tables.flatMap(({ name, indexes }) =>
    speaksOf.has(name) ? [] : indexes.map((index) => [index.name, name] as const),
  )
  const tableByIndex = new Map(indexes)
  for (const { name, at } of wanted.views)
    if (tables.has(name))
      refuser(undefined, at)(
        'taken-name',
        `view ${name} has the name of a table in the database; give it another name`,
      )
  for (const table of wanted.tables)
    for (const { name, at } of table.indexes)
      if (tableByIndex.has(name))
        refuser(table.name, at)(
          'taken-name',
          `table ${tableByIndex.get(name)} in the database has an index ${name} already; give this one another name`,
        )
}

interface DiffPart {
  readonly dropped: readonly SchemaChange[]
  readonly made: readonly SchemaChange[]
}

function diffTable(
  wanted: TableStructure,
  live: LiveTable | undefined,
): DiffPart & { readonly kept: readonly KeptPart[] } {
  const { name: table, sql } = wanted
  if (live === undefined) {
    const { made } = diffIndexes(wanted, [])
    return { dropped: [], made: [{ kind: 'table-created', table, sql }, ...made], kept: [] }
  }
  refuseChangedTable(wanted, live)
  const known = new Map(live.columns.map((column) => [column.name, column]))
  const added = wanted.columns.filter(({ name }) => !known.has(name))
  for (const column of wanted.columns) refuseChangedColumn(wanted, column, known.get(column.name))
  const named = new Set(wanted.columns.map(({ name }) => name))
  const kept = live.columns
    .filter(({ name }) => !named.has(name))
    .map(({ name }) => ({ table, column: name }))
  const indexes = diffIndexes(wanted, live.indexes)
  const changes = [...added.map((column) => addColumn(wanted, column)), ...indexes.made]
  if (live.state === 'adopting' && changes.length > 0)
    refuser(table, wanted.at)(
      'adopting',
      'its rows are still being taken over into replication; try again in a moment',
    )
  const adopted: SchemaChange[] =
    live.state === 'plain' ? [{ kind: 'table-adopted', table, sql: live.sql }] : []
  return {
    dropped: indexes.dropped,
    made: [...changes, ...adopted],
    kept,
  }
}

function addColumn(wanted: TableStructure, { name, definition, keyPosition }: ColumnStructure): SchemaChange {
  const { name: table, at } = wanted
  if (keyPosition > 0)
    refuser(table, at)(
      'changed-key',
      `column ${name} cannot join the key of a table with rows; ${NEW_TABLE}`,
      name,
    )
  return {
    kind: 'column-added',
    table,
    column: name,
    sql: `ALTER TABLE ${quote(table)} ADD COLUMN ${definition}`,
  }
}

function diffIndexes({ name: table, indexes }: TableStructure, live: readonly IndexStructure[]): DiffPart {
  const known = new Map(live.map((index) => [index.name, index]))
  const named = new Set(indexes.map(({ name }) => name))
  const dropped: SchemaChange[] = live
    .filter(({ name }) => !named.has(name))
    .map(({ name, sql }) => ({ kind: 'index-dropped', table, index: name, sql }))
  const made = indexes.flatMap(({ name, sql }): SchemaChange[] => {
    const there = known.get(name)
    if (there === undefined) return [{ kind: 'index-created', table, index: name, sql }]
    return sameSql(there.sql, sql) ? [] : [{ kind: 'index-changed', table, index: name, sql }]
  })
  return { dropped, made }
}

function diffViews(wanted: readonly ViewStructure[], live: readonly ViewStructure[]): DiffPart {
  const known = new Map(live.map((view) => [view.name, view]))
  const named = new Set(wanted.map(({ name }) => name))
  const dropped = live.filter(({ name }) => !named.has(name)).map((view) => viewChange('view-dropped', view))
  const made = wanted.flatMap((view) => {
    const there = known.get(view.name)
    if (there === undefined) return [viewChange('view-created', view)]
    return sameSql(there.body, view.body) ? [] : [viewChange('view-changed', view)]
  })
  return { dropped, made }
}

function viewChange(
  kind: 'view-created' | 'view-changed' | 'view-dropped',
  { name, body }: ViewStructure,
): SchemaChange {
  return { kind, view: name, sql: `CREATE VIEW ${quote(name)}${body}` }
}

const NEW_TABLE = 'make a table of another name and copy the rows'

/** What makes the rows of a table: changed under rows that peers hold, copies would differ. */
function refuseChangedTable(wanted: TableStructure, live: LiveTable): void {
  const refuse = refuser(wanted.name, wanted.at)
  const [wants, has] = [keyText(wanted), keyText(live)]
  if (wants !== has)
    refuse('changed-key', `its key is (${has}) in the database and (${wants}) in the files; ${NEW_TABLE}`)
  const options = [
    ['STRICT', wanted.isStrict, live.isStrict],
    ['WITHOUT ROWID', wanted.withoutRowid, live.withoutRowid],
  ] as const
  for (const [option, inFiles, inDatabase] of options)
    if (inFiles !== inDatabase)
      refuse(
        'changed-table',
        `it is ${option} in the ${inDatabase ? 'database and not in the files' : 'files and not in the database'}; ` +
          `${inDatabase ? 'write' : 'remove'} ${option}, or ${NEW_TABLE}`,
      )
  if (wanted.checks.join() !== live.checks.join())
    refuse(
      'changed-table',
      `its CHECK constraints differ from those in the database; take the change back, or ${NEW_TABLE}`,
    )
}

function keyText({ columns }: TableStructure): string {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  return key
    .toSorted((a, b) => a.keyPosition - b.keyPosition)
    .map(({ name }) => name)
    .join(', ')
}

function refuseChangedColumn(
  { name: table, at }: TableStructure,
  wanted: ColumnStructure,
  live: ColumnStructure | undefined,
): void {
  if (live === undefined) return
  const what = changeOf(wanted, live)
  if (what === undefined) return
  refuser(table, at)(
    'changed-column',
    `column ${wanted.name} has ${what.has} in the database and ${what.wants} in the files; take the change back, ` +
      'or add a column of another name',
    wanted.name,
  )
}

/** The first thing in which two definitions of a column differ, in words. */
function changeOf(
  wanted: ColumnStructure,
  live: ColumnStructure,
): { readonly has: string; readonly wants: string } | undefined {
  for (const describe of COLUMN_TRAITS) {
    const [wants, has] = [describe(wanted), describe(live)]
    if (!sameSql(wants, has)) return { has, wants }
  }
  return undefined
}

const COLUMN_TRAITS: readonly ((column: ColumnStructure) => string)[] = [
  ({ declaredType }) => (declaredType === '' ? 'no type' : `the type ${declaredType}`),
  // A key of a WITHOUT ROWID table is NOT NULL whether or not that was written.
  ({ notNull, keyPosition }) => (notNull || keyPosition > 0 ? 'NOT NULL' : 'no NOT NULL'),
  ({ defaultSql }) => (defaultSql === null || isNull(defaultSql) ? 'no DEFAULT' : `DEFAULT ${defaultSql}`),
  ({ clauses }) =>
    clauses.length === 0 ? 'no CHECK, COLLATE or AS' : clauses.join(' ').replaceAll('\n', ' '),
]

function isNull(defaultSql: string): boolean {
  return /^\(*\s*null\s*\)*$/i.test(defaultSql)
}
