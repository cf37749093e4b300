/**
 * Definitions of the same tables as different nodes may have them, drawn at random: tables and columns that are there or not, types
 * and options that keep other values, keys of another type or name, an index.
 */
import type { Prng, SqliteValue } from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'

export interface DrawnColumn {
  readonly name: string
  readonly definition: string
  /** What a row shows whose cell has no stamp here. */
  readonly default: SqliteValue
}

export interface DrawnTable {
  readonly name: string
  readonly key: readonly string[]
  readonly columns: readonly DrawnColumn[]
  readonly sql: string
}

export type DrawnSchema = readonly DrawnTable[]

/** Tables, and columns as `table.column`. */
export type Names = ReadonlySet<string>

const TABLES = ['t', 'u']
const COLUMNS = ['a', 'b', 'c']
const NO_NAMES: Names = new Set()

const PLAIN = ['', 'TEXT', 'INTEGER', 'REAL', 'NUMERIC', "TEXT NOT NULL DEFAULT 'd'", 'INT DEFAULT 3']
const STRICT = ['ANY', 'TEXT', 'INTEGER', 'REAL', 'BLOB']
const KEYS = [
  'id TEXT NOT NULL',
  'id TEXT NOT NULL',
  'id INTEGER NOT NULL',
  'id NUMERIC NOT NULL',
  'k TEXT NOT NULL',
]

/** A schema without certain names. */
export function drawSchema(prng: Prng, without: Names = NO_NAMES): DrawnSchema {
  return TABLES.filter((name) => prng.chance(5, 6) && !without.has(name)).map((name) =>
    drawTable(prng, name, without),
  )
}

/** All columns but certain names, and whatever anybody wrote. */
export function widest(without: Names = NO_NAMES): DrawnSchema {
  return TABLES.filter((name) => !without.has(name)).map((name) =>
    tableOf(name, 'id TEXT NOT NULL', { types: columnsOf(name, without).map((c) => [c, '']) }),
  )
}

export const WIDEST: DrawnSchema = widest()

function columnsOf(table: string, without: Names): readonly string[] {
  return COLUMNS.filter((column) => !without.has(`${table}.${column}`))
}

function drawTable(prng: Prng, name: string, without: Names): DrawnTable {
  const isStrict = prng.chance(1, 5)
  const types = columnsOf(name, without)
    .filter(() => prng.chance(3, 4))
    .map((column) => [column, prng.pick(isStrict ? STRICT : PLAIN)] as const)
  const options = [...(isStrict ? ['STRICT'] : []), ...(prng.chance(1, 3) ? ['WITHOUT ROWID'] : [])]
  const key = prng.pick(isStrict ? KEYS.filter((each) => !each.includes('NUMERIC')) : KEYS)
  return tableOf(name, key, { types: prng.shuffle([...types]), options, isIndexed: prng.chance(1, 3) })
}

function tableOf(
  name: string,
  key: string,
  {
    types,
    options = [],
    isIndexed = false,
  }: {
    readonly types: readonly (readonly [name: string, definition: string])[]
    readonly options?: readonly string[]
    readonly isIndexed?: boolean
  },
): DrawnTable {
  const [keyName = ''] = key.split(' ')
  const columns = types.map(([column, definition]) => ({
    name: column,
    definition,
    default: defaultOf(definition),
  }))
  const texts = [
    key,
    ...columns.map((column) => `${column.name} ${column.definition}`),
    `PRIMARY KEY (${keyName})`,
  ]
  const table = `CREATE TABLE ${name} (${texts.join(', ')}) ${options.join(', ')};`
  const indexed = columns[0]?.name ?? keyName
  return {
    name,
    key: [keyName],
    columns,
    sql: isIndexed ? `${table} CREATE INDEX ${name}_i ON ${name} (${indexed});` : table,
  }
}

function defaultOf(definition: string): SqliteValue {
  if (definition.includes("'d'")) return 'd'
  return definition.includes('DEFAULT 3') ? 3n : null
}

export function schemaSql(schema: DrawnSchema): string {
  return schema.map(({ sql }) => sql).join('\n')
}

const IDS: readonly SqliteValue[] = ['x', '1', 1n, 2n, 'y']
const VALUES: readonly SqliteValue[] = [
  null,
  1n,
  2n,
  1,
  1.5,
  -0,
  'a',
  '1',
  '1.0',
  '',
  'long'.repeat(250),
  new Uint8Array([7]),
]

/** A statement on a table as its node has it; it may fail on a rule of the table. */
export function drawStatement(prng: Prng, table: DrawnTable): SqlStatement {
  const { name, key, columns } = table
  const [id, value] = [prng.pick(IDS), prng.pick(VALUES)]
  const column = columns.length === 0 ? undefined : prng.pick(columns).name
  const what = prng.below(10)
  if (what < 2) return { sql: `DELETE FROM ${name} WHERE ${key[0]} = ?`, params: [id] }
  if (what < 6 && column !== undefined)
    return { sql: `UPDATE OR IGNORE ${name} SET ${column} = ? WHERE ${key[0]} = ?`, params: [value, id] }
  if (what < 7 && column !== undefined)
    return { sql: `UPDATE OR IGNORE ${name} SET ${column} = ?`, params: [value] }
  return drawInsert(prng, table)
}

/** The same of a new row, or of one that is there. */
export function drawInsert(prng: Prng, { name, key, columns }: DrawnTable): SqlStatement {
  const named = [...key, ...columns.filter(() => prng.chance(2, 3)).map((each) => each.name)]
  const values = named.map((_, i) => prng.pick(i === 0 ? IDS : VALUES))
  const verb = prng.pick(['INSERT OR IGNORE', 'REPLACE'])
  return {
    sql: `${verb} INTO ${name} (${named.join(', ')}) VALUES (${named.map(() => '?').join(', ')})`,
    params: values,
  }
}
