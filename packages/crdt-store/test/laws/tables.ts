/** The tables of the laws: every kind of key and column that the merge treats in its own way, as SQL and as the oracle has them. */
import type { ModelTable } from '../model/replica.ts'

export const LAW_SCHEMA = `
  CREATE TABLE machines (
    id    TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE,
    n     INTEGER,
    extra
  );
  CREATE INDEX machines_label ON machines (label);
  -- Rows of lives only.
  CREATE TABLE tags (name TEXT NOT NULL, machine TEXT NOT NULL, PRIMARY KEY (name, machine)) WITHOUT ROWID;
  CREATE TABLE readings (id INTEGER PRIMARY KEY, load REAL DEFAULT 0.5, raw ANY) STRICT;
`

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
