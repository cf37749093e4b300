/**
 * Queries over the reference fleet whose live results are held against the query run afresh: eight relations, each read in
 * six ways. The ways are those in which a result can depend on its rows: as they are, counted, grouped, distinct, by a
 * window, and cut off by a total order.
 */

/** Each gives (id, app, state, n). */
const RELATIONS: readonly string[] = [
  'SELECT id, app, state, port AS n FROM machines',
  `SELECT id, app, state, port AS n FROM machines WHERE state <> 'failed' AND port > 2`,
  'SELECT a.id, b.app, b.state, a.port + b.port AS n FROM machines a JOIN machines b ON b.app = a.app AND b.id > a.id',
  `SELECT a.id, b.id AS app, b.state, b.port AS n FROM machines a LEFT JOIN machines b ON b.port = a.port AND b.state = 'started' AND b.id <> a.id`,
  'SELECT m.id, p.name AS app, p.state, m.port AS n FROM machines m FULL JOIN patina_members p ON p.name = m.region',
  'SELECT id, app, state, port AS n FROM machines WHERE port > 3 UNION SELECT region, app, state, count(*) FROM machines GROUP BY 1, 2, 3',
  `WITH RECURSIVE step(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM step WHERE n < 6) SELECT 'p' || n AS id, (SELECT min(app) FROM machines WHERE port = n) AS app, (SELECT max(state) FROM machines WHERE port = n) AS state, n FROM step`,
  'SELECT id, app, (SELECT max(o.state) FROM machines o WHERE o.app = m.app AND o.port <= m.port) AS state, port AS n FROM machines m WHERE EXISTS (SELECT 1 FROM patina_members p WHERE p.name = m.region)',
]

const WAYS: readonly ((relation: string) => string)[] = [
  (relation) => relation,
  (relation) =>
    `SELECT count(*), sum(n), min(state), count(*) FILTER (WHERE state = 'started') FROM (${relation})`,
  (relation) =>
    `SELECT app, count(*), max(state), total(n) FROM (${relation}) GROUP BY app HAVING count(*) > 1`,
  (relation) => `SELECT DISTINCT state, app FROM (${relation})`,
  (relation) =>
    `SELECT id, n, row_number() OVER (PARTITION BY app ORDER BY id, state, n), sum(n) OVER (ORDER BY id, state, app, n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM (${relation})`,
  (relation) => `SELECT id, state, n FROM (${relation}) ORDER BY n DESC, id, app, state LIMIT 7 OFFSET 1`,
]

/** All different. */
export const LIVE_SHAPES: readonly string[] = RELATIONS.flatMap((relation) =>
  WAYS.map((way) => way(relation)),
)
