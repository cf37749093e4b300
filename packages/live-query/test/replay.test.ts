/**
 * The oracle: for many shapes of queries and random histories, what a client rebuilt from the stream equals the query run
 * afresh, from the first row and from every point at which it may come back, across restarts of the engine.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsText } from '@patina/sqlite'
import fc from 'fast-check'
import { Bench, Client, EVERYTHING, linesOf } from './fixture.ts'

const QUERIES = [
  'SELECT id, app, state FROM machines',
  'SELECT app, weight FROM machines WHERE state = 1',
  'SELECT m.id, m.app, a.owner FROM machines m JOIN apps a ON a.name = m.app',
  'SELECT m.id, a.name, a.owner FROM machines m JOIN apps a ON a.name = m.app',
  'SELECT m.id, a.owner FROM machines m LEFT JOIN apps a ON a.name = m.app',
  'SELECT m.id, a.name, a.owner FROM machines m FULL JOIN apps a ON a.name = m.app',
  'SELECT a.id, b.id FROM machines a JOIN machines b ON a.weight = b.weight AND a.id < b.id',
  'SELECT count(*) FROM machines',
  'SELECT count(*), sum(weight), group_concat(DISTINCT app) FROM machines HAVING count(*) > 1',
  'SELECT app, count(*), max(weight) FROM machines GROUP BY app HAVING count(*) > 1',
  'SELECT id, max(weight) FROM machines GROUP BY app',
  'SELECT DISTINCT state FROM machines',
  'SELECT app FROM machines UNION SELECT name FROM apps',
  'SELECT id, app FROM machines UNION ALL SELECT weight, node FROM machines',
  'SELECT name FROM apps EXCEPT SELECT app FROM machines',
  'WITH big AS (SELECT * FROM machines WHERE weight > 2) SELECT b.app, a.size FROM big b JOIN apps a ON a.name = b.app',
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 4) SELECT x, (SELECT count(*) FROM machines WHERE weight = x) FROM c',
  'SELECT id, row_number() OVER (PARTITION BY app ORDER BY weight, id) FROM machines',
  'SELECT app, weight FROM machines ORDER BY weight DESC, id LIMIT 3',
  'SELECT id, weight FROM machines ORDER BY weight LIMIT 2 OFFSET 1',
  'SELECT name FROM apps WHERE EXISTS (SELECT 1 FROM machines WHERE app = name AND state = 1)',
  'SELECT m.id, j.value FROM machines m, json_each(json_array(m.app, m.weight)) j',
] as const

const app = fc.constantFrom('a', 'b', 'c')
const small = fc.integer({ min: 0, max: 4 })
const write = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(small, app, small, fc.constantFrom('1', '2', '2.0', 'NULL', "'x'", "x'01'"))
      .map(
        ([id, name, state, weight]) =>
          `INSERT OR REPLACE INTO machines VALUES (${id}, '${name}', ${state % 2}, 'n', ${weight})`,
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(small, small)
      .map(([id, weight]) => `UPDATE machines SET weight = ${weight} WHERE id = ${id}`),
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
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(write, { minLength: 1, maxLength: 3 })
      .map((sql) => ({ kind: 'write' as const, sql })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)
const history = fc.array(step, { minLength: 1, maxLength: 8 })

function afresh(bench: Bench, sql: string): string[] {
  const rows = bench.writer.prepare<[], unknown[]>(sql).raw().all()
  return rows.map((row) => JSON.stringify(JSON.parse(cellsText(row)))).sort()
}

/** The result at some change, and a client that comes back with it. */
type Point = { readonly client: Client; readonly changeId: number }

function frozen(client: Client): Client {
  return new Client(client.id, client.hash, client.subscriber, client)
}

test('replaying the changes from any point gives the query run afresh', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(history, (steps) => {
      const bench = new Bench()
      try {
        bench.write(
          `INSERT INTO machines VALUES (1, 'a', 1, 'n', 2), (2, 'b', 0, 'n', 2); INSERT INTO apps VALUES ('a', 'o', 1)`,
        )
        let clients = QUERIES.map((sql) => bench.subscribe(sql).read())
        const points: Point[][] = QUERIES.map(() => [])
        for (const step of steps) {
          for (const [i, client] of clients.entries())
            points[i]?.push({ client: frozen(client), changeId: client.lastChangeId })
          if (step.kind === 'write') bench.write(step.sql.join(';'))
          else {
            // What is written while the engine is away is told by nobody.
            bench.engine.close()
            bench.writer.exec(`UPDATE machines SET weight = 4 WHERE id < 3`)
            bench.engine = bench.open()
            bench.settle()
            clients = clients.map((client) => resumed(bench, client))
          }
          for (const [i, sql] of QUERIES.entries())
            assert.deepEqual(clients[i]?.read().sorted(), afresh(bench, sql), sql)
        }
        for (const [i, sql] of QUERIES.entries())
          for (const { client } of points[i] ?? [])
            assert.deepEqual(resumed(bench, client).read().sorted(), afresh(bench, sql), sql)
      } finally {
        bench.close()
      }
    }),
    { numRuns: 25 },
  )
})

/** A client comes back with what it has: with `from`, or for all rows where it has seen no change yet. */
function resumed(bench: Bench, client: Client): Client {
  const { head, subscriber } = bench.engine.subscribe({ id: client.id, from: client.lastChangeId })
  assert(head.kind === 'subscribed' && subscriber !== undefined, JSON.stringify(head))
  return client.lastChangeId > 0
    ? new Client(client.id, client.hash, subscriber, client)
    : new Client(client.id, client.hash, subscriber)
}

test('updates are told where the statement proves the row, and deletes and inserts elsewhere', () => {
  const bench = new Bench()
  bench.write(`INSERT INTO machines VALUES (1, 'a', 1, 'n', 1), (2, 'a', 1, 'n', 1)`)
  const proven = bench.subscribe('SELECT id, weight FROM machines').read()
  const unproven = bench.subscribe('SELECT weight FROM machines').read()
  const count = bench.subscribe('SELECT count(*), sum(weight) FROM machines').read()
  bench.write('UPDATE machines SET weight = 7 WHERE id = 2')
  assert.deepEqual(proven.read().changes(), ['update [2,7]'])
  assert.deepEqual(unproven.read().changes(), ['delete [1]', 'insert [7]'])
  assert.deepEqual(count.read().changes(), ['update [2,8]'])
  assert.deepEqual([...proven.rows.keys()], [1, 2])
  bench.close()
})

test('numbers of rows are stable and never given out twice', () => {
  const bench = new Bench()
  bench.write(`INSERT INTO machines VALUES (1, 'a', 1, 'n', 1), (2, 'b', 1, 'n', 1)`)
  const client = bench.subscribe('SELECT app FROM machines').read()
  bench.write('DELETE FROM machines WHERE id = 2')
  bench.restart()
  bench.write(`INSERT INTO machines VALUES (3, 'b', 1, 'n', 1)`)
  const again = bench.openStream({ id: client.id }).read()
  assert.deepEqual(
    [...again.rows],
    [
      [1, '["a"]'],
      [3, '["b"]'],
    ],
  )
  assert.equal(linesOf(again.subscriber).length, 0)
  bench.engine.changed(EVERYTHING)
  bench.close()
})
