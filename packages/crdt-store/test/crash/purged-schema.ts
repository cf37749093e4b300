/** What comes and goes while a process is killed: a column and a table, which are purged when they are gone. */
import type { PurgeRequest, SchemaFile } from '../../src/index.ts'

export const NARROW = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a);'
export const WIDE = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a, c);
                     CREATE TABLE u (id TEXT NOT NULL PRIMARY KEY, x);`
export const GONE: readonly PurgeRequest[] = [{ table: 't', column: 'c' }, { table: 'u' }]

export function schemaFiles(sql: string): readonly SchemaFile[] {
  return [{ name: 'purged.sql', sql }]
}
