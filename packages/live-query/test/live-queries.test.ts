/** The engine: sharing, resuming, refusals, bounds, members, schema changes, and what costs no run. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { MemberRow } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import type { LiveQueriesOptions } from '../src/sqlite/live-queries.ts'
import { Bench, linesOf } from './fixture.ts'

const IDS = 'SELECT id, app FROM machines'

function member(actor: string, state: string, rtt = 1n): MemberRow {
  return [actor, `name-${actor}`, '10.0.0.1:1', state, 'r', '{}', rtt, 0n]
}

describe('live queries', () => {
  let bench: Bench
  const withOptions = (options: Partial<LiveQueriesOptions>): void => {
    bench.close()
    bench = new Bench(options)
  }
  const insert = (id: number, app = 'a'): void =>
    bench.write(`INSERT INTO machines VALUES (${id}, '${app}', 1, 'n', ${id})`)
  const runs = (): number[] => bench.engine.list().map((info) => info.runs)

  beforeEach(() => {
    bench = new Bench()
  })
  afterEach(() => bench.close())

  it('tells columns, rows, the end of the query, and then changes with contiguous ids', () => {
    insert(1)
    const client = bench.subscribe(IDS).read()
    insert(2)
    bench.write(`UPDATE machines SET app = 'b' WHERE id = 1; DELETE FROM machines WHERE id = 2`)
    const [columns, row, end, ...changes] = client.read().lines
    assert.deepEqual(columns, { columns: ['id', 'app'] })
    assert.deepEqual(row, { row: [1, [1, 'a']] })
    assert.equal(end !== undefined && 'eoq' in end && end.eoq.change_id, 0)
    assert.deepEqual(changes, [
      { change: ['insert', 2, [2, 'a'], 1] },
      { change: ['delete', 2, [2, 'a'], 2] },
      { change: ['update', 1, [1, 'b'], 3] },
    ])
  })

  it('shares a result among equal queries, and only among those', () => {
    const statement = { sql: 'SELECT id FROM machines WHERE app = :app', params: { ':app': 'a' } }
    const first = bench.openStream({ statement })
    const equal = bench.openStream({
      statement: { ...statement, sql: ` select id ${statement.sql.slice(9)}` },
    })
    const spaced = bench.openStream({
      statement: { ...statement, sql: `${statement.sql.replace(' FROM', '\n  FROM /* x */')};` },
    })
    const other = bench.openStream({ statement: { ...statement, params: { ':app': 'b' } } })
    const real = bench.openStream({ statement: { sql: 'SELECT ?', params: [1] } })
    const integer = bench.openStream({ statement: { sql: 'SELECT ?', params: [1n] } })
    assert.equal(spaced.id, first.id)
    assert.equal(spaced.hash, first.hash)
    assert.equal(new Set([first, equal, other, real, integer].map(({ id }) => id)).size, 5)
    assert.match(first.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.match(first.hash, /^[0-9a-f]{16}$/)
    assert.equal(bench.engine.list().length, 5)
    insert(1)
    assert.equal(first.read().rows.size, 1)
    assert.equal(spaced.read().rows.size, 1)
  })

  it('keeps names of columns apart that SQLite takes from the text', () => {
    const plain = bench.subscribe('SELECT id + 1 FROM machines').read()
    const spaced = bench.subscribe('SELECT id  + 1 FROM machines').read()
    assert.deepEqual(spaced.lines[0], { columns: ['id  + 1'] })
    assert.notEqual(plain.id, spaced.id)
  })

  it('runs nothing for a change of a column or table that no query reads', () => {
    insert(1)
    bench.subscribe(IDS)
    bench.subscribe('SELECT count(*) FROM apps')
    bench.write(`UPDATE machines SET weight = 9`, [{ table: 'machines', columns: ['weight'] }])
    assert.deepEqual(runs(), [0, 0])
    bench.write(`UPDATE machines SET app = 'z'`, [{ table: 'machines', columns: ['app', 'weight'] }])
    assert.deepEqual(runs(), [1, 0])
    bench.write(`INSERT INTO apps VALUES ('x', 'y', 1)`, [{ table: 'apps', columns: 'all' }])
    assert.deepEqual(runs(), [1, 1])
  })

  it('commits what one slice changes together, before anybody hears of it', () => {
    const clients = [IDS, 'SELECT count(*) FROM machines', 'SELECT sum(id) FROM machines'].map((sql) =>
      bench.subscribe(sql).read(),
    )
    const file = new BetterSqlite3(join(bench.folder, 'live.db'), { readonly: true })
    const committed = file.prepare<[], number>('SELECT count(*) FROM changes').pluck()
    const seen: (number | undefined)[] = []
    for (const { subscriber } of clients) subscriber.onReady(() => seen.push(committed.get()))
    insert(1)
    const told = clients.reduce((sum, client) => sum + client.read().lastChangeId, 0)
    assert.equal(told, 3)
    assert.deepEqual(seen, [3, 3, 3])
    bench.engine.endAll()
    file.close()
  })

  it('compares every result anew where nobody can tell what has changed', () => {
    const client = bench.subscribe(IDS).read()
    bench.subscribe('SELECT count(*) FROM apps')
    bench.writer.exec(`INSERT INTO machines VALUES (1, 'a', 1, 'n', 1)`)
    bench.engine.changed('all')
    bench.settle()
    assert.equal(client.read().rows.size, 1)
    assert.deepEqual(runs(), [1, 1])
  })

  it('lets changes that come while a query rests share its next run', () => {
    // The clock moves when a run is asked for its end: fourth reading of a slice that runs one query.
    let moves: number[] = []
    withOptions({
      clock: () => {
        bench.pass(moves.shift() ?? 0)
        return bench.now
      },
    })
    const client = bench.subscribe(IDS).read()
    moves = [0, 0, 0, 100]
    insert(1)
    assert.deepEqual(runs(), [1])
    for (let id = 2; id <= 5; id += 1) {
      bench.writer.exec(`INSERT INTO machines VALUES (${id}, 'a', 1, 'n', 1)`)
      bench.engine.changed([{ table: 'machines', columns: 'all' }])
      assert.equal(bench.engine.work(), bench.now + 100)
    }
    assert.deepEqual(runs(), [1])
    bench.settle()
    assert.deepEqual(runs(), [2])
    assert.equal(client.read().rows.size, 5)
  })

  it('resumes with `from`: what follows, without the query being run', () => {
    const client = bench.subscribe(IDS).read()
    for (let id = 1; id <= 4; id += 1) insert(id)
    const before = runs()
    const resumed = bench.resume(client.id, 2)
    const ids = linesOf(resumed.subscriber).map((line) => 'change' in line && line.change[3])
    assert.deepEqual(ids, [3, 4])
    assert.deepEqual(linesOf(bench.resume(client.id, 4).subscriber), [])
    const many = Array.from({ length: 200 }, (_, i) => bench.resume(client.id, 1 + (i % 4)))
    bench.settle()
    for (const [i, { subscriber }] of many.entries()) assert.equal(linesOf(subscriber).length, 3 - (i % 4))
    assert.deepEqual(runs(), before)
    const zero = bench.resume(client.id, 0).read()
    assert.equal(zero.rows.size, 4)
    assert.equal(zero.lastChangeId, 4)
  })

  it('skips rows where it is asked to, and tells what follows', () => {
    insert(1)
    const client = bench.subscribe(IDS, { skipRows: true })
    assert.deepEqual(linesOf(client.subscriber), [])
    insert(2)
    assert.deepEqual(linesOf(client.subscriber), [{ change: ['insert', 2, [2, 'a'], 1] }])
  })

  it('says that history is gone in the words of the original', () => {
    withOptions({ limits: { historyChangesMax: 2 } })
    const client = bench.subscribe(IDS).read()
    for (let id = 1; id <= 5; id += 1) insert(id)
    bench.restart()
    const { subscriber } = bench.resume(client.id, 1)
    const error = 'subscription already deleted older changes, min change id: 4'
    assert.deepEqual(linesOf(subscriber), [{ error }])
    assert.equal(subscriber.take(), 'end')
    assert.equal(linesOf(bench.resume(client.id, 3).subscriber).length, 2)
  })

  it('refuses what cannot be resumed', () => {
    const statement = { sql: IDS, params: [] }
    const unknown = '00000000-0000-4000-8000-000000000000'
    assert.deepEqual(bench.head({ id: unknown }), {
      kind: 'not-found',
      code: 'unknown-subscription',
      message: `could not find subscription with id ${unknown}`,
    })
    for (const from of [0, 3])
      assert.deepEqual(bench.head({ statement, from }), {
        kind: 'refused',
        code: 'no-subscription',
        message: 'a `from` query param was supplied, but no existing subscription found',
      })
    const { id } = bench.subscribe(IDS)
    const head = bench.head({ id, from: 1 })
    assert.equal(head.kind === 'refused' && head.code, 'unknown-change')
  })

  it('refuses what is no SELECT that it can run', () => {
    const code = (sql: string, params: readonly bigint[] = []): string => {
      const head = bench.head({ statement: { sql, params } })
      assert.equal(head.kind, 'refused', sql)
      return head.kind === 'refused' ? head.code : ''
    }
    assert.equal(code('DELETE FROM machines'), 'not-read-only')
    assert.equal(code('EXPLAIN SELECT 1'), 'not-read-only')
    assert.equal(code('SELECT * FROM later'), 'unknown-table')
    assert.equal(code('SELECT 1; SELECT 2'), 'multiple-statements')
    assert.equal(code('PRAGMA user_version'), 'pragma')
    assert.equal(code('SELECT ?'), 'parameter-count')
    assert.equal(code(`SELECT json('{')`), 'invalid')
    bench.writer.exec('CREATE TABLE __patina_x (a); CREATE TABLE y__patina_clock (a)')
    assert.equal(code('SELECT count(*) FROM __patina_x'), 'internal-table')
    assert.equal(code('SELECT id FROM machines JOIN y__patina_clock ON a = id'), 'internal-table')
    assert.equal(code('SELECT * FROM sqlite_sequence'), 'internal-table')
    assert.deepEqual(bench.engine.list(), [])
  })

  it('ends a query that fails later, with the reason', () => {
    const client = bench.subscribe('SELECT abs(weight) FROM machines').read()
    bench.write(`INSERT INTO machines VALUES (1, 'a', 1, 'n', -9223372036854775808)`)
    assert.deepEqual(client.read().error(), { error: 'integer overflow', code: 'invalid' })
    assert.equal(client.subscriber.take(), 'end')
    assert.deepEqual(bench.engine.list(), [])
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
  })

  it('bounds rows and bytes of a result, queries, and streams', () => {
    withOptions({ limits: { rowsMax: 2, resultBytesMax: 100, queriesMax: 2, subscribersMax: 3 } })
    insert(1)
    const client = bench.subscribe(IDS).read()
    const wide = bench.head({ statement: { sql: `SELECT zeroblob(100)`, params: [] } })
    assert.equal(wide.kind === 'refused' && wide.code, 'too-large')
    bench.subscribe('SELECT 1')
    assert.equal(bench.head({ statement: { sql: 'SELECT 2', params: [] } }).kind, 'overloaded')
    bench.subscribe(IDS)
    assert.equal(bench.head({ id: client.id }).kind, 'overloaded')
    insert(2)
    insert(3)
    assert.equal(client.read().error()?.code, 'too-large')
  })

  it('cuts off one that falls behind, and nobody else; it resumes where it was told to', () => {
    withOptions({ limits: { bufferBytesMax: 200 } })
    const slow = bench.subscribe(IDS).read()
    const quick = bench.subscribe(IDS).read()
    for (let id = 1; id <= 20; id += 1) {
      insert(id)
      quick.read()
      if (id === 3) slow.read()
    }
    assert.equal(quick.rows.size, 20)
    assert.equal(slow.lastChangeId, 3)
    const lagged = slow.read().error()
    assert.equal(lagged?.code, 'lagged')
    assert.equal(lagged?.last_change_id, slow.lastChangeId)
    assert.equal(linesOf(bench.resume(slow.id, slow.lastChangeId).subscriber).length, 20 - slow.lastChangeId)
  })

  it('holds new rows back where too much waits for slow readers', () => {
    withOptions({ limits: { waitingBytesMax: 1000 } })
    for (let id = 1; id <= 50; id += 1) insert(id, 'a-long-name')
    const slow = bench.subscribe(IDS)
    assert.equal(bench.head({ statement: { sql: IDS, params: [] } }).kind, 'overloaded')
    slow.read()
    assert.equal(bench.head({ statement: { sql: IDS, params: [] } }).kind, 'subscribed')
  })

  it('drops a result that nobody has listened to for ten minutes', () => {
    const client = bench.subscribe(IDS)
    bench.pass(60 * 60_000)
    bench.engine.sweep()
    bench.engine.unsubscribe(client.id, client.subscriber)
    bench.pass(10 * 60_000 - 1)
    bench.engine.sweep()
    assert.equal(bench.engine.list().length, 1)
    bench.pass(1)
    bench.engine.sweep()
    assert.equal(bench.engine.list().length, 0)
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
  })

  it('gives one that fell behind ten minutes to come back', () => {
    withOptions({ limits: { bufferBytesMax: 1 } })
    const client = bench.subscribe(IDS)
    bench.pass(60 * 60_000)
    insert(1)
    bench.engine.sweep()
    assert.equal(bench.engine.info(client.id)?.subscribers, 0)
  })

  it('joins members, and runs when what it reads of them changes', () => {
    insert(1)
    bench.writer.exec(`UPDATE machines SET node = 'm1'`)
    const healthy = `SELECT id, app FROM machines JOIN patina_members ON node = actor WHERE patina_members.state = 'alive'`
    bench.engine.members([member('m1', 'alive'), member('m2', 'alive')])
    const client = bench.subscribe(healthy).read()
    assert.equal(client.rows.size, 1)
    const set = (...rows: MemberRow[]): void => {
      bench.engine.members(rows)
      bench.settle()
    }
    set(member('m1', 'alive'), member('m2', 'alive'))
    set(member('m1', 'alive', 2n), member('m2', 'alive'))
    assert.deepEqual(runs(), [0])
    set(member('m1', 'down', 2n), member('m2', 'alive'))
    assert.deepEqual(client.read().changes(), ['delete [1,"a"]'])
    set(member('m1', 'alive'))
    assert.equal(client.read().rows.size, 1)
    assert.deepEqual(runs(), [2])
    const write = bench.head({ statement: { sql: 'DELETE FROM patina_members', params: [] } })
    assert.equal(write.kind, 'refused')
  })

  it('reads through views, and knows the tables behind them', () => {
    bench.writer.exec('CREATE VIEW big AS SELECT id FROM machines WHERE weight > 1')
    const client = bench.subscribe('SELECT id FROM big').read()
    insert(2)
    assert.deepEqual(client.read().changes(), ['insert [2]'])
    assert.deepEqual(bench.engine.info(client.id)?.reads, [{ table: 'machines', columns: ['id', 'weight'] }])
  })

  it('reads through views of schema files, and ends where one changes its columns', () => {
    const define = (body: string): void =>
      bench.write(
        `DROP TABLE IF EXISTS __patina_views; CREATE TABLE __patina_views (name TEXT, body TEXT);
         INSERT INTO __patina_views VALUES ('big', '${body}')`,
        [],
      )
    define(' AS SELECT id FROM machines WHERE weight > 1')
    const client = bench.subscribe('SELECT * FROM big').read()
    insert(2)
    assert.deepEqual(client.read().changes(), ['insert [2]'])
    assert.deepEqual(bench.engine.info(client.id)?.reads, [{ table: 'machines', columns: ['id', 'weight'] }])
    define(' AS SELECT id FROM machines WHERE weight > 2')
    assert.deepEqual(client.read().changes(), ['insert [2]', 'delete [2]'])
    define(' AS SELECT id, app FROM machines')
    assert.equal(client.read().error()?.code, 'schema_changed')
  })

  it('follows the schema: a table that comes, a column that comes, a table that goes', () => {
    const ids = bench.subscribe(IDS).read()
    const all = bench.subscribe('SELECT * FROM apps').read()
    assert.equal(bench.head({ statement: { sql: 'SELECT * FROM later', params: [] } }).kind, 'refused')
    bench.write('CREATE TABLE later (a INTEGER PRIMARY KEY)', [])
    const later = bench.subscribe('SELECT * FROM later').read()
    bench.write('INSERT INTO later VALUES (1)', [{ table: 'later', columns: 'all' }])
    assert.equal(later.read().rows.size, 1)
    const names = bench.subscribe(`SELECT name FROM sqlite_schema WHERE name = 'newest'`).read()
    bench.write('CREATE TABLE newest (a INTEGER PRIMARY KEY)', [])
    assert.deepEqual(names.read().changes(), ['insert ["newest"]'])
    bench.write('ALTER TABLE apps ADD COLUMN more', [])
    assert.equal(all.read().error()?.code, 'schema_changed')
    bench.write('DROP TABLE later', [])
    assert.equal(later.read().error()?.code, 'schema_changed')
    insert(1)
    assert.equal(ids.read().error(), undefined)
    assert.equal(ids.rows.size, 1)
  })

  it('describes a query by id and by hash', () => {
    insert(1)
    const client = bench.subscribe(IDS)
    const info = bench.engine.info(client.hash)
    assert.deepEqual(info, {
      id: client.id,
      hash: client.hash,
      sql: IDS,
      params: [],
      class: 'general',
      columns: ['id', 'app'],
      reads: [{ table: 'machines', columns: ['id', 'app'] }],
      rows: 1,
      lastChangeId: 0,
      lowestChangeId: 1,
      subscribers: 1,
      runs: 0,
      lastRunMs: 0,
    })
    assert.equal(bench.engine.info('nobody'), null)
  })

  it('ends all streams when it stops', () => {
    const client = bench.subscribe(IDS).read()
    bench.engine.endAll()
    assert.equal(client.subscriber.take(), 'end')
  })
})
