/**
 * Fingerprint: everything of a store's file and connection that no client's statement may change, as one text: the schema, TEMP
 * objects too, the settings of the connection, the databases that it has open, the files beside it, what other connections have
 * written. Rows of clients' tables are left out, and the bookkeeping that follows from them.
 */
import { readdirSync } from 'node:fs'
import type { Database } from '@patina/sqlite'

/** What a statement could set. `data_version` tells of writes by other connections, which are readers. */
const PRAGMAS: readonly string[] = [
  ...['application_id', 'auto_vacuum', 'automatic_index', 'busy_timeout', 'cache_size', 'cell_size_check'],
  ...[
    'data_version',
    'defer_foreign_keys',
    'encoding',
    'foreign_keys',
    'ignore_check_constraints',
    'journal_mode',
  ],
  ...[
    'journal_size_limit',
    'legacy_alter_table',
    'locking_mode',
    'max_page_count',
    'mmap_size',
    'query_only',
  ],
  ...[
    'read_uncommitted',
    'recursive_triggers',
    'reverse_unordered_selects',
    'schema_version',
    'secure_delete',
  ],
  ...[
    'synchronous',
    'temp_store',
    'threads',
    'trusted_schema',
    'user_version',
    'wal_autocheckpoint',
    'writable_schema',
  ],
]

/** What no request of one actor touches; an actor's head rises with its versions. */
const ROWS: readonly string[] = [
  'SELECT * FROM main.sqlite_schema',
  'SELECT * FROM temp.sqlite_schema',
  'SELECT name, file FROM pragma_database_list',
  'SELECT * FROM __patina_meta',
  'SELECT ord, hex(actor) FROM __patina_actors',
  'SELECT * FROM __patina_names',
  'SELECT * FROM __patina_unknown',
  'SELECT * FROM __patina_views',
]

export function fingerprint(db: Database, folder: string): string {
  const values = [
    ROWS.map((sql) => db.prepare(sql).raw().all()),
    PRAGMAS.map((name) => [name, db.pragma(name, { simple: true })]),
    readdirSync(folder).sort(),
    db.inTransaction,
  ]
  return JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
