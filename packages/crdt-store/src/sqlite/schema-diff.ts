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
import { indexBody, sameSql } from './schema-text.ts'

/** One thing that is done; `sql` says it in SQL, or what the file has where something goes. */
export type SchemaChange =
  | { readonly kind: 'table-changed' | 'table-dropped'; readonly table: string; readonly sql: string }
  /** A change of the table that was under way is given up: the files want the table as it is, or otherwise. */
  | { readonly kind: 'rebuild-aborted'; readonly table: string; readonly sql: string }
  | {
      readonly kind: 'column-changed' | 'column-dropped'
      readonly table: string
      readonly column: string
      readonly sql: string
    }
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
  /** Tables whose rows are rewritten in slices: their changes are seen together, once all rows are. */
  readonly rebuilt: readonly string[]
}

export interface DiffOptions {
  /** What the files do not name goes, and what they define otherwise changes. Else the one is kept and the other refused. */
  readonly allowDestructive: boolean
}

/** A table of the file. */
export interface LiveTable extends TableStructure {
  /**
   * `plain`: it stands in the file, but nobody has replicated it yet. `adopting`: its rows are on their way to be. `changing`: a change
   * of it has not come to its end. `copying`: the table that will take the place of this one, which is being filled.
   */
  readonly state: 'adopting' | 'changing' | 'copying' | 'plain' | 'replicated'
}

export interface LiveStructure {
  readonly tables: readonly LiveTable[]
  readonly views: readonly ViewStructure[]
  /** Tables that were dropped, and of which rows are still there. */
  readonly leaving?: readonly string[]
  /** `table`, or `table.column`: forgotten here, and perhaps not elsewhere. */
  readonly purged?: ReadonlySet<string>
}

/** Throws SchemaError where the files want what cannot be had. */
export function diffSchema(
  wanted: SchemaStructure,
  live: LiveStructure,
  options: DiffOptions = { allowDestructive: false },
): SchemaDiff {
  const liveTables = new Map(live.tables.map((table) => [table.name, table]))
  const wantedTables = new Set(wanted.tables.map(({ name }) => name))
  const parts = wanted.tables.map((table) => diffTable(table, liveTables.get(table.name), options))
  refuseTakenNames(wanted, live)
  for (const { name, at } of wanted.tables)
    if (live.leaving?.includes(name) && !liveTables.has(name)) refuser(name, at)('changing', CHANGING)
  if (!options.allowDestructive) refusePurged(wanted, live)
  const views = diffViews(wanted.views, live.views)
  const unnamed = live.tables.filter(({ name, state }) => state !== 'plain' && !wantedTables.has(name))
  const dropped = options.allowDestructive ? unnamed : []
  for (const table of dropped) refuseUnderWay(table, table)
  return {
    // What goes, goes first: an index may move from one table to another, and a name from an index to a table.
    changes: [
      ...views.dropped,
      ...dropped.map(({ name, sql }): SchemaChange => ({ kind: 'table-dropped', table: name, sql })),
      ...parts.flatMap((part) => part.dropped),
      ...parts.flatMap(({ made }) => made),
      ...views.made,
    ],
    kept: [
      ...parts.flatMap(({ kept }) => kept),
      ...(options.allowDestructive ? [] : unnamed).map(({ name }) => ({ table: name })),
    ],
    rebuilt: parts.flatMap(({ rebuilt }) => rebuilt ?? []),
  }
}

/** Old values would show on some nodes and not here, and new ones lose against them there. */
function refusePurged(wanted: SchemaStructure, { tables, purged = new Set() }: LiveStructure): void {
  const known = new Set(
    tables.flatMap(({ name, columns }) => [name, ...columns.map((c) => `${name}.${c.name}`)]),
  )
  for (const { name, columns, at } of wanted.tables)
    for (const [what, column] of [
      [name, undefined],
      ...columns.map((c) => [`${name}.${c.name}`, c.name]),
    ] as const)
      if (purged.has(what) && !known.has(what))
        refuser(name, at)(
          'purged',
          `${what} was purged here, and other nodes may still hold old values of it; use another name, ` +
            'or allow destructive changes once all have purged it',
          column,
        )
}

const CHANGING = 'its last change is still being carried out; try again in a moment'

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

interface TableDiff extends DiffPart {
  readonly kept: readonly KeptPart[]
  /** The table's name where its rows must follow the change. */
  readonly rebuilt?: string
}

function diffTable(wanted: TableStructure, live: LiveTable | undefined, options: DiffOptions): TableDiff {
  const { name: table, sql } = wanted
  if (live === undefined) {
    const { made } = diffIndexes(wanted, [])
    return { dropped: [], made: [{ kind: 'table-created', table, sql }, ...made], kept: [] }
  }
  // What nobody has replicated yet has no stamps that could wait beside the clocks.
  const allowDestructive = options.allowDestructive && live.state !== 'plain'
  const lossy = lossyChanges(wanted, live)
  if (!allowDestructive) refuseChanged(wanted, live, lossy)
  const known = new Map(live.columns.map((column) => [column.name, column]))
  const added = wanted.columns.filter(({ name }) => !known.has(name))
  const named = new Set(wanted.columns.map(({ name }) => name))
  const unnamed = live.columns.filter(({ name }) => !named.has(name))
  if (allowDestructive && lossy.some(({ kind }) => kind === 'changed-key')) return diffNewKey(wanted, live)
  const indexes = diffIndexes(wanted, live.indexes)
  const changes = [...added.map((column) => addColumn(wanted, column)), ...indexes.made]
  const isRebuilt = allowDestructive && (lossy.length > 0 || unnamed.length > 0)
  if (changes.length > 0 || isRebuilt) refuseUnderWay(wanted, live)
  if (isRebuilt) {
    const gone = unnamed.map((column) => columnChange('column-dropped', table, column))
    const changed = lossy.map(
      ({ column }): SchemaChange =>
        column === undefined
          ? { kind: 'table-changed', table, sql: wanted.sql }
          : columnChange('column-changed', table, column),
    )
    return {
      dropped: [...gone, ...indexes.dropped],
      made: [...changed, ...changes],
      kept: [],
      rebuilt: table,
    }
  }
  const adopted: SchemaChange[] =
    live.state === 'plain' ? [{ kind: 'table-adopted', table, sql: live.sql }] : []
  return {
    dropped: indexes.dropped,
    made: [...changes, ...adopted],
    kept: unnamed.map(({ name }) => ({ table, column: name })),
  }
}

function columnChange(
  kind: 'column-changed' | 'column-dropped',
  table: string,
  { name, definition }: ColumnStructure,
): SchemaChange {
  return { kind, table, column: name, sql: definition }
}

/** Rows of other key columns are other rows: the table goes, and comes again without any of them. */
function diffNewKey(wanted: TableStructure, live: LiveTable): TableDiff {
  const { name: table, sql } = wanted
  refuseUnderWay(wanted, live)
  const { made } = diffIndexes(wanted, [])
  return {
    dropped: [{ kind: 'table-dropped', table, sql: live.sql }],
    made: [{ kind: 'table-created', table, sql }, ...made],
    kept: [],
  }
}

/** One change of a table at a time. */
function refuseUnderWay({ name, at }: TableStructure, { state }: LiveTable): void {
  if (state === 'adopting')
    refuser(name, at)(
      'adopting',
      'its rows are still being taken over into replication; try again in a moment',
    )
  if (state === 'changing') refuser(name, at)('changing', CHANGING)
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
    return sameSql(indexBody(there.sql), indexBody(sql))
      ? []
      : [{ kind: 'index-changed', table, index: name, sql }]
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

/** A change that takes what peers hold from its place, in words for whoever did not ask for it. */
interface LossyChange {
  readonly kind: 'changed-column' | 'changed-key' | 'changed-table'
  readonly message: string
  readonly column?: ColumnStructure
}

function refuseChanged(
  { name, at }: TableStructure,
  { state }: LiveTable,
  [first]: readonly LossyChange[],
): void {
  if (first === undefined) return
  const allow = state === 'plain' ? '' : ', or allow destructive changes'
  refuser(name, at)(first.kind, first.message + allow, first.column?.name)
}

/** What makes the rows of a table: changed under rows that peers hold, copies would differ. */
function lossyChanges(wanted: TableStructure, live: LiveTable): readonly LossyChange[] {
  const known = new Map(live.columns.map((column) => [column.name, column]))
  return [
    ...changedKey(wanted, live),
    ...changedOptions(wanted, live),
    ...wanted.columns.flatMap((column) => changedColumn(column, known.get(column.name))),
  ]
}

function changedKey(wanted: TableStructure, live: LiveTable): readonly LossyChange[] {
  const [wants, has] = [keyText(wanted), keyText(live)]
  if (wants === has) return []
  const message = `its key is (${has}) in the database and (${wants}) in the files; ${NEW_TABLE}`
  return [{ kind: 'changed-key', message }]
}

function changedOptions(wanted: TableStructure, live: LiveTable): readonly LossyChange[] {
  const options = [
    ['STRICT', wanted.isStrict, live.isStrict],
    ['WITHOUT ROWID', wanted.withoutRowid, live.withoutRowid],
  ] as const
  const changed = options
    .filter(([, inFiles, inDatabase]) => inFiles !== inDatabase)
    .map(
      ([option, , inDatabase]) =>
        `it is ${option} in the ${inDatabase ? 'database and not in the files' : 'files and not in the database'}; ` +
        `${inDatabase ? 'write' : 'remove'} ${option}, or ${NEW_TABLE}`,
    )
  if (wanted.checks.join() !== live.checks.join())
    changed.push(
      `its CHECK constraints differ from those in the database; take the change back, or ${NEW_TABLE}`,
    )
  return changed.map((message) => ({ kind: 'changed-table', message }))
}

function keyText({ columns }: TableStructure): string {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  return key
    .toSorted((a, b) => a.keyPosition - b.keyPosition)
    .map(({ name }) => name)
    .join(', ')
}

function changedColumn(wanted: ColumnStructure, live: ColumnStructure | undefined): readonly LossyChange[] {
  if (live === undefined) return []
  const what = changeOf(wanted, live)
  if (what === undefined) return []
  const message =
    `column ${wanted.name} has ${what.has} in the database and ${what.wants} in the files; take the change back, ` +
    'or add a column of another name'
  return [{ kind: 'changed-column', message, column: wanted }]
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
