/**
 * Hashes of replicated tables over what matters to their replication: names and affinities of key and other columns, NOT NULL,
 * defaults, STRICT. Left out is what each node may have as it likes: the order of columns, indexes, views, generated columns,
 * CHECK, WITHOUT ROWID.
 */
import { createHash } from 'node:crypto'
import { HASH_BYTES, NO_SCHEMA, type SchemaHashes } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type { NamesTable } from './names-table.ts'
import { affinityOf, structureOf, type TableStructure } from './schema-structure.ts'

export function schemaHashes(db: Database, names: NamesTable): SchemaHashes {
  const tables = names
    .tables()
    .toSorted()
    .map((table) => ({ table, hash: hashOf(meaningOf(structureOf(db, table))) }))
  return tables.length === 0
    ? NO_SCHEMA
    : { all: hashOf(tables.map(({ table, hash }) => [table, hash])), tables }
}

/** Two tables are the same to replication where this is the same value. */
function meaningOf({ name, columns, isStrict }: TableStructure): unknown {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  const data = columns.filter(({ keyPosition, generated }) => keyPosition === 0 && !generated)
  const typeOf = (declared: string): string => (isStrict ? declared.toUpperCase() : affinityOf(declared))
  return [
    name,
    isStrict,
    key
      .toSorted((a, b) => a.keyPosition - b.keyPosition)
      .map((column) => [column.name, typeOf(column.declaredType)]),
    data
      .map((column) => [column.name, typeOf(column.declaredType), column.notNull, column.defaultSql])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ]
}

function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value))
    .digest('hex')
    .slice(0, 2 * HASH_BYTES)
}
