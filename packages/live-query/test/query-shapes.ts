/**
 * Shapes of queries over the tables of fixture.ts, and histories of writes that touch what each of them reads: the subject of
 * the oracle tests. Every shape is deterministic: where rows are cut off, their order is total.
 */
import { MEMBERS_DEFINITION, type MemberRow } from '@patina/sqlite'
import fc from 'fast-check'

export const SHAPES: readonly string[] = [
  // One table.
  'SELECT id, app, state FROM machines',
  'SELECT app, weight FROM machines WHERE state = 1',
  'SELECT * FROM machines WHERE weight IS NULL OR weight > 1',
  `SELECT id, app FROM machines WHERE app = 'A' COLLATE NOCASE`,
  'SELECT id, typeof(weight), hex(weight), weight FROM machines',
  'SELECT id, weight + 1, -weight, weight || app FROM machines',
  `SELECT id, CASE WHEN weight IS NULL THEN 'none' WHEN weight > 1 THEN 'big' END FROM machines`,
  'SELECT rowid, coalesce(weight, state), nullif(app, node) FROM machines',
  'SELECT DISTINCT state FROM machines',
  'SELECT DISTINCT app COLLATE NOCASE FROM machines ORDER BY 1',
  // Joins.
  'SELECT m.id, m.app, a.owner FROM machines m JOIN apps a ON a.name = m.app',
  'SELECT m.id, a.name, a.owner FROM machines m JOIN apps a ON a.name = m.app',
  'SELECT m.id, a.owner FROM machines m LEFT JOIN apps a ON a.name = m.app',
  'SELECT a.name, m.id FROM machines m RIGHT JOIN apps a ON a.name = m.app AND m.state = 1',
  'SELECT m.id, a.name, a.owner FROM machines m FULL JOIN apps a ON a.name = m.app',
  'SELECT a.id, b.id FROM machines a JOIN machines b ON a.weight = b.weight AND a.id < b.id',
  'SELECT a.id, x.name, b.id FROM machines a LEFT JOIN (apps x LEFT JOIN machines b ON b.weight = x.size) ON x.name = a.app',
  'SELECT m.id, a.name FROM machines m CROSS JOIN apps a WHERE m.weight = a.size',
  'SELECT id, owner, name FROM machines, apps WHERE app = name AND state = 1 AND size BETWEEN 0 AND 2',
  "SELECT m.id, j.value FROM machines m, json_each(json_array(m.app, m.weight)) j WHERE typeof(m.weight) <> 'blob'",
  // Members.
  'SELECT name, state FROM patina_members',
  `SELECT m.id, p.name FROM machines m JOIN patina_members p ON p.name = m.app WHERE p.state = 'alive'`,
  'SELECT m.id, p.state, p.rtt_ms FROM machines m LEFT JOIN patina_members p ON p.name = m.app',
  'SELECT p.state, count(m.id) FROM patina_members p LEFT JOIN machines m ON m.app = p.name GROUP BY p.state',
  // Aggregates.
  'SELECT count(*) FROM machines',
  'SELECT count(*), sum(state), group_concat(DISTINCT app) FROM machines HAVING count(*) > 1',
  'SELECT count(*) FILTER (WHERE state = 1), max(weight) FILTER (WHERE state = 0) FROM machines',
  'SELECT app, count(*), max(weight) FROM machines GROUP BY app HAVING count(*) > 1',
  "SELECT id, max(weight) FROM machines WHERE typeof(weight) = 'integer' GROUP BY app",
  'SELECT state, app, avg(weight), total(weight), count(DISTINCT weight) FROM machines GROUP BY 1, 2',
  'SELECT json_group_array(id ORDER BY id), min(weight) FROM machines WHERE app IN (SELECT name FROM apps)',
  'SELECT (SELECT count(*) FROM machines), (SELECT max(size) FROM apps)',
  // Compounds.
  'SELECT app FROM machines UNION SELECT name FROM apps',
  'SELECT id, app FROM machines UNION ALL SELECT weight, node FROM machines',
  'SELECT name FROM apps EXCEPT SELECT app FROM machines',
  'SELECT app FROM machines WHERE state = 1 INTERSECT SELECT name FROM apps ORDER BY 1 LIMIT 2',
  'SELECT id, app FROM machines UNION SELECT size, name FROM apps ORDER BY 1 DESC, 2 LIMIT 3 OFFSET 1',
  'VALUES (1, (SELECT count(*) FROM machines)), (2, (SELECT sum(size) FROM apps))',
  // Common table expressions and subqueries.
  'WITH big AS (SELECT * FROM machines WHERE weight > 2) SELECT b.app, a.size FROM big b JOIN apps a ON a.name = b.app',
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 4) SELECT x, (SELECT count(*) FROM machines WHERE weight = x) FROM c',
  'WITH RECURSIVE up(id, depth) AS (SELECT id, 0 FROM machines WHERE state = 1 UNION SELECT m.id, depth + 1 FROM machines m JOIN up ON m.weight = up.id WHERE depth < 4) SELECT id, depth FROM up',
  'WITH s AS MATERIALIZED (SELECT app, count(*) AS n FROM machines GROUP BY app) SELECT a.name, s.n FROM apps a LEFT JOIN s ON s.app = a.name WHERE s.n IS NULL OR s.n > 1',
  'SELECT name FROM apps WHERE EXISTS (SELECT 1 FROM machines WHERE app = name AND state = 1)',
  'SELECT name FROM apps WHERE name NOT IN (SELECT app FROM machines)',
  'SELECT id, (SELECT count(*) FROM machines o WHERE o.app = m.app AND o.id < m.id) FROM machines m',
  'SELECT q.app, q.n FROM (SELECT app, count(*) AS n FROM machines GROUP BY app ORDER BY n DESC, app LIMIT 2) q',
  'SELECT id FROM machines WHERE (app, state) IN (SELECT name, size FROM apps)',
  // Order and windows.
  'SELECT app, weight FROM machines ORDER BY weight DESC, id LIMIT 3',
  'SELECT id, weight FROM machines ORDER BY weight, id LIMIT 2 OFFSET 1',
  'SELECT id, row_number() OVER (PARTITION BY app ORDER BY weight, id) FROM machines',
  'SELECT id, sum(state) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM machines',
  "SELECT id, rank() OVER w, lag(app, 1, '-') OVER w FROM machines WINDOW w AS (ORDER BY app, id)",
  'SELECT id, count(*) FILTER (WHERE state = 1) OVER (ORDER BY app GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM machines',
]

export type Step =
  | { readonly kind: 'write'; readonly sql: readonly string[] }
  | { readonly kind: 'members'; readonly rows: readonly MemberRow[] }
  | { readonly kind: 'restart' }

const app = fc.constantFrom('a', 'b', 'c', 'A')
const small = fc.integer({ min: 0, max: 4 })
const weight = fc.constantFrom(
  ...['0', '1', '2', '2.0', '-1.5', '1e300', 'NULL', "'x'", "''", "x'01'", "x''"],
  ...['9223372036854775807', '-9223372036854775808', '9007199254740993'],
)

const write = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(small, app, small, weight)
      .map(
        ([id, name, state, value]) =>
          `INSERT OR REPLACE INTO machines VALUES (${id}, '${name}', ${state % 2}, 'n', ${value})`,
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(small, weight)
      .map(([id, value]) => `UPDATE machines SET weight = ${value} WHERE id = ${id}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(small, app)
      .map(([id, name]) => `UPDATE machines SET app = '${name}' WHERE id = ${id}`),
  },
  { weight: 2, arbitrary: small.map((id) => `DELETE FROM machines WHERE id = ${id}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(app, small)
      .map(([name, size]) => `INSERT OR REPLACE INTO apps VALUES ('${name}', 'o${size}', ${size})`),
  },
  { weight: 1, arbitrary: app.map((name) => `DELETE FROM apps WHERE name = '${name}'`) },
)

const member: fc.Arbitrary<MemberRow> = fc
  .tuple(app, fc.constantFrom('alive', 'suspect', 'down'), fc.constantFrom(null, 6n, 50n))
  .map(([name, state, rtt]) => [name, name, '10.0.0.1:1', state, null, '{}', rtt, 0n])

export const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.array(write, { minLength: 1, maxLength: 3 }).map((sql): Step => ({ kind: 'write', sql })),
    },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(member, { maxLength: 3, selector: ([actor]) => actor })
        .map((rows): Step => ({ kind: 'members', rows })),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
  ),
  { minLength: 1, maxLength: 8 },
)

/** The members as a plain TEMP table, for whoever runs the shapes afresh. */
export const MEMBERS_FOR_ORACLE: string = MEMBERS_DEFINITION.replace('CREATE TABLE', 'CREATE TEMP TABLE')
