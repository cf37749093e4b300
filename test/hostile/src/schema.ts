/** The tables that are attacked: ordinary ones, and names that want quotes everywhere. */

export const SCHEMA = `
CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, t TEXT, b BLOB);
CREATE TABLE "odd; ""name" ("select" TEXT NOT NULL PRIMARY KEY, "Ünï" TEXT, "a;b" TEXT);
CREATE INDEX items_t ON items (t);
CREATE VIEW item_texts AS SELECT id, t FROM items WHERE t IS NOT NULL;
`

/** Folded. */
export const TABLES: ReadonlySet<string> = new Set(['items', 'odd; "name'])

/** Every row of theirs, as one text to compare. */
export const CONTENT_SQL: readonly string[] = [
  'SELECT id, n, typeof(n), t, typeof(t), hex(b), typeof(b) FROM items ORDER BY id',
  'SELECT "select", "Ünï", "a;b" FROM "odd; ""name" ORDER BY 1',
]

/** Tables and their columns, quoted. */
export const COLUMNS: readonly (readonly [table: string, columns: string])[] = [
  ['items', 'id, n, t, b'],
  ['"odd; ""name"', '"select", "Ünï", "a;b"'],
]
