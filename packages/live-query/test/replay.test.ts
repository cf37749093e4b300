/**
 * The oracle: for many shapes of queries and random histories, what a client rebuilt from the stream equals the query run
 * afresh, from the first row and from every point at which it may come back, across restarts of the engine.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsText, type MemberRow } from '@patina/sqlite'
import fc from 'fast-check'
import { Bench, Client, EVERYTHING, linesOf } from './fixture.ts'
import { history, MEMBERS_FOR_ORACLE, SHAPES } from './query-shapes.ts'

const NO_MEMBERS: readonly MemberRow[] = []

/** A bench whose writer can run the shapes itself. */
function newBench(): Bench {
  const bench = new Bench()
  bench.writer.exec(MEMBERS_FOR_ORACLE)
  bench.engine.members(NO_MEMBERS)
  bench.write(
    `INSERT INTO machines VALUES (1, 'a', 1, 'n', 2), (2, 'b', 0, 'n', 2); INSERT INTO apps VALUES ('a', 'o', 1)`,
  )
  return bench
}

function setMembers(bench: Bench, rows: readonly MemberRow[]): void {
  bench.writer.exec('DELETE FROM temp.patina_members')
  const insert = bench.writer.prepare('INSERT INTO temp.patina_members VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  for (const row of rows) insert.run(row)
  bench.engine.members(rows)
  bench.settle()
}

function afresh(bench: Bench, sql: string): string[] {
  const rows = bench.writer.prepare<[], unknown[]>(sql).raw().all()
  return rows.map((row) => JSON.stringify(JSON.parse(cellsText(row)))).sort()
}

/** The result at some change, and a client that comes back with it. */
type Point = { readonly client: Client; readonly changeId: number }

function frozen(client: Client): Client {
  return new Client(client.id, client.hash, client.subscriber, client)
}

test('there are as many shapes as the oracle promises, each one that SQLite takes', () => {
  const bench = newBench()
  assert.ok(new Set(SHAPES).size >= 40, `${SHAPES.length}`)
  for (const sql of SHAPES) assert.doesNotThrow(() => afresh(bench, sql), sql)
  bench.close()
})

test('replaying the changes from any point gives the query run afresh', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(history, (steps) => {
      const bench = newBench()
      let members = NO_MEMBERS
      try {
        let clients = SHAPES.map((sql) => bench.subscribe(sql).read())
        const points: Point[][] = SHAPES.map(() => [])
        for (const step of steps) {
          for (const [i, client] of clients.entries())
            points[i]?.push({ client: frozen(client), changeId: client.lastChangeId })
          if (step.kind === 'write') bench.write(step.sql.join(';'))
          else if (step.kind === 'members') {
            members = step.rows
            setMembers(bench, members)
          } else {
            // What is written while the engine is away is told by nobody.
            bench.engine.close()
            bench.writer.exec(`UPDATE machines SET weight = 4 WHERE id < 3`)
            bench.engine = bench.open()
            bench.engine.members(members)
            bench.settle()
            clients = clients.map((client) => resumed(bench, client))
          }
          for (const [i, sql] of SHAPES.entries())
            assert.deepEqual(clients[i]?.read().sorted(), afresh(bench, sql), sql)
        }
        for (const [i, sql] of SHAPES.entries())
          for (const { client } of points[i] ?? [])
            assert.deepEqual(resumed(bench, client).read().sorted(), afresh(bench, sql), sql)
      } finally {
        bench.close()
      }
    }),
    { numRuns: 15 },
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
