/** The tables of the laws: every kind of key and column that the merge treats in its own way, as SQL and for the oracle. */
import type { ModelTable } from '../model/replica.ts'

const EARLY = `
  CREATE TABLE machines (
    id    TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE,
    n     INTEGER,
    extra
  );
  CREATE INDEX machines_label ON machines (label);
  -- Rows of lives only.
  CREATE TABLE tags (name TEXT NOT NULL, machine TEXT NOT NULL, PRIMARY KEY (name, machine)) WITHOUT ROWID;
`
const LATE = 'CREATE TABLE readings (id INTEGER PRIMARY KEY, load REAL DEFAULT 0.5, raw ANY) STRICT;'

export const LAW_TABLES: readonly ModelTable[] = [
  {
    name: 'machines',
    key: ['id'],
    columns: [
      { name: 'label', default: 'x' },
      { name: 'n', default: null },
      { name: 'extra', default: null },
    ],
  },
  { name: 'tags', key: ['name', 'machine'], columns: [] },
  {
    name: 'readings',
    key: ['id'],
    columns: [
      { name: 'load', default: 0.5 },
      { name: 'raw', default: null },
    ],
  },
]

/** A schema as some copies have it before the others: what they do not know yet waits beside the clocks. */
export interface LawSchema {
  readonly sql: string
  readonly tables: readonly ModelTable[]
}

export const EARLY_SCHEMA: LawSchema = { sql: EARLY, tables: LAW_TABLES.slice(0, 2) }
export const FULL_SCHEMA: LawSchema = { sql: EARLY + LATE, tables: LAW_TABLES }
