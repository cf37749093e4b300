/**
 * Rollup against SQLite: a region whose instances come, change and go at random, its roll-up query run by SQLite itself, and
 * a global table that takes the statements. Streams break, writes fail or stay without an answer, somebody edits the table.
 */
import assert from 'node:assert/strict'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { after, type Instant, instant, millis, Prng } from '@patina/base'
import type { Cell, ChangeEvent } from '@patina/client'
import { Rollup } from './rollup.ts'
import { readStatement } from './rollup-statements.ts'

const SPEC = {
  into: 'app_regions',
  query: "SELECT app, count(*) AS instances, sum(state = 'started') AS healthy FROM machines GROUP BY app",
  key: ['app'],
  maxShrink: 0.5,
}
const REGION = 'syd'
const HOLD_MS = millis(60_000)

/** The regional query as a live result, and the global table. */
class World {
  readonly regional = new DatabaseSync(':memory:')
  readonly global = new DatabaseSync(':memory:')
  readonly rollup: Rollup
  now: Instant = instant(0)
  #shown = new Map<number, string>()
  #nextRowId = 1
  #changeId = 0

  constructor(t: TestContext, guardedSizeMin: number) {
    this.regional.exec(
      'CREATE TABLE machines (id INTEGER PRIMARY KEY, app TEXT NOT NULL, state TEXT NOT NULL)',
    )
    this.global.exec(`CREATE TABLE app_regions (app TEXT NOT NULL, region TEXT NOT NULL, instances INTEGER,
      healthy INTEGER, note TEXT, PRIMARY KEY (app, region))`)
    this.global.exec("INSERT INTO app_regions VALUES ('web', 'nrt', 1, 1, 'of another region')")
    this.rollup = new Rollup({ spec: SPEC, region: REGION, holdMs: HOLD_MS, guardedSizeMin })
    t.after(() => {
      this.regional.close()
      this.global.close()
    })
  }

  start(id: number, app: string, state = 'started'): void {
    this.regional.prepare('INSERT OR REPLACE INTO machines VALUES (?, ?, ?)').run(id, app, state)
  }

  stop(id: number): void {
    this.regional.prepare('DELETE FROM machines WHERE id = ?').run(id)
  }

  /** A new result from its beginning. */
  open(): void {
    this.#shown.clear()
    this.rollup.apply({ kind: 'columns', columns: ['app', 'instances', 'healthy'] }, this.now)
    for (const cells of this.wanted()) {
      this.#shown.set(this.#nextRowId, JSON.stringify(cells))
      this.rollup.apply({ kind: 'row', rowId: this.#nextRowId++, cells }, this.now)
    }
    this.rollup.apply({ kind: 'eoq', seconds: 0 }, this.now)
  }

  /** As a live query does: deletes, then inserts, all of them one batch. */
  tellChanges(): void {
    const changes: ChangeEvent[] = []
    const fresh = new Set(this.wanted().map((cells) => JSON.stringify(cells)))
    for (const [rowId, cells] of this.#shown) {
      if (fresh.delete(cells)) continue
      this.#shown.delete(rowId)
      changes.push(this.#change('delete', rowId, cells))
    }
    for (const cells of fresh) {
      this.#shown.set(this.#nextRowId, cells)
      changes.push(this.#change('insert', this.#nextRowId++, cells))
    }
    if (changes.length > 0) this.rollup.apply({ kind: 'changes', changes }, this.now)
  }

  compare(): void {
    const [sql, params] = readStatement(SPEC, REGION, this.rollup.columns ?? [])
    this.rollup.adoptStored(rowsOf(this.global, sql, params as SQLInputValue[]), this.now)
  }

  /** Sends all that is due; rows written. */
  send(answers: () => 'done' | 'lost' | 'done-but-lost' = () => 'done'): number {
    let rows = 0
    this.rollup.judge(this.now)
    for (let batch = this.rollup.nextBatch(); batch !== undefined; batch = this.rollup.nextBatch()) {
      const answer = answers()
      rows += batch.statements.length
      if (answer !== 'lost')
        for (const [sql, params] of batch.statements as [string, SQLInputValue[]][])
          this.global.prepare(sql).run(...params)
      if (answer === 'done') this.rollup.wrote(batch)
      else this.rollup.forgetStored()
    }
    return rows
  }

  wanted(): readonly Cell[][] {
    return rowsOf(this.regional, SPEC.query, [])
  }

  published(): readonly Cell[][] {
    const sql = `SELECT app, instances, healthy FROM app_regions WHERE region = '${REGION}' ORDER BY app`
    return rowsOf(this.global, sql, [])
  }

  #change(change: 'insert' | 'delete', rowId: number, text: string): ChangeEvent {
    this.#changeId += 1
    return { kind: 'change', change, rowId, cells: JSON.parse(text), changeId: this.#changeId }
  }
}

function rowsOf(db: DatabaseSync, sql: string, params: SQLInputValue[]): Cell[][] {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return statement.all(...params) as unknown as Cell[][]
}

function following(t: TestContext, { guardedSizeMin = 10, instances = 0 } = {}): World {
  const world = new World(t, guardedSizeMin)
  for (let id = 0; id < instances; id += 1) world.start(id, `app${id}`)
  world.open()
  world.compare()
  world.send()
  return world
}

test('one instance that changes is one group and one row', (t) => {
  const world = following(t, { instances: 20 })
  assert.deepEqual(world.published(), world.wanted())
  world.start(3, 'app3', 'stopped')
  world.tellChanges()
  assert.equal(world.send(), 1)
  assert.deepEqual(world.published(), world.wanted())
  assert.equal(world.send(), 0)
})

test('only a number that falls to nothing does not wait for quiet', (t) => {
  const world = following(t)
  world.start(1, 'web')
  world.start(2, 'web')
  world.tellChanges()
  world.send()
  const dueIn = (): number => {
    const { now } = world
    for (let ms = 0; ; ms += 1) if (world.rollup.isDue(instant(now + ms))) return ms
  }
  world.stop(2)
  world.tellChanges()
  assert.equal(dueIn(), 50)
  world.send()
  world.start(1, 'web', 'stopped')
  world.tellChanges()
  assert.equal(dueIn(), 10)
  world.send()
  world.stop(1)
  world.tellChanges()
  assert.equal(dueIn(), 50)
})

test('a mass deletion is held until it is released, and more that changes is held with it', (t) => {
  const world = following(t, { instances: 20 })
  const before = world.published()
  world.regional.exec('DELETE FROM machines WHERE id >= 5')
  world.tellChanges()
  assert.equal(world.send(), 0)
  world.start(30, 'app30')
  world.tellChanges()
  assert.equal(world.send(), 0)
  assert.deepEqual([world.published(), world.rollup.isFit], [before, false])
  assert.equal(world.rollup.release(world.now), true)
  assert.equal(world.rollup.isFit, true)
  assert.equal(world.send(), 16)
  assert.deepEqual(world.published(), world.wanted())
  assert.equal(world.rollup.release(world.now), false)
})

test('a release while a new result arrives releases nothing: the next one may be smaller still', (t) => {
  const world = following(t, { instances: 20 })
  world.regional.exec('DELETE FROM machines WHERE id >= 5')
  world.tellChanges()
  world.send()
  world.rollup.apply({ kind: 'columns', columns: ['app', 'instances', 'healthy'] }, world.now)
  assert.equal(world.rollup.release(world.now), false)
  world.regional.exec('DELETE FROM machines')
  world.open()
  world.compare()
  assert.deepEqual([world.send(), world.rollup.hold.kind], [0, 'held'])
})

test('a column whose sum falls is held though every row stays; what comes back ends the hold', (t) => {
  const world = following(t, { instances: 20 })
  world.regional.exec("UPDATE machines SET state = 'stopped'")
  world.tellChanges()
  assert.equal(world.send(), 0)
  assert.equal(world.rollup.hold.kind, 'held')
  world.regional.exec("UPDATE machines SET state = 'started' WHERE id < 15")
  world.tellChanges()
  assert.equal(world.send(), 5)
  assert.equal(world.rollup.isFit, true)
})

test('a loss that hosts explain is let through, and what was deleted while they were asked for is held', (t) => {
  const world = following(t, { guardedSizeMin: 1, instances: 30 })
  const before = world.rollup.sizes
  world.regional.exec('DELETE FROM machines WHERE id < 20')
  world.tellChanges()
  assert.equal(world.send(), 0)
  const { sizes } = world.rollup
  world.regional.exec('DELETE FROM machines WHERE id < 28')
  world.tellChanges()
  assert.equal(world.rollup.explain(sizes, sizes, world.now), false, 'with all hosts it lacks as much')
  assert.equal(world.rollup.explain(sizes, before, world.now), true)
  const { hold } = world.rollup
  assert.deepEqual(hold.kind === 'held' && hold.shrunk[0], { name: 'rows', from: 10, to: 2 })
  for (let id = 20; id < 28; id += 1) world.start(id, `app${id}`)
  world.tellChanges()
  assert.equal(world.send(), 20)
  assert.deepEqual(world.published(), world.wanted())
  assert.equal(world.rollup.explain(sizes, before, world.now), false, 'nothing is held')
})

test('the measure is another one after a start, a release, and what stood for long; while it is held it is the same', (t) => {
  const world = following(t, { instances: 20 })
  assert.equal(world.rollup.baseline, 1)
  world.regional.exec('DELETE FROM machines WHERE id >= 5')
  world.tellChanges()
  for (let n = 0; n < 3; n += 1) {
    world.send()
    world.compare()
  }
  assert.deepEqual([world.rollup.hold.kind, world.rollup.baseline], ['held', 1])
  world.rollup.release(world.now)
  assert.equal(world.rollup.baseline, 2)
  for (let id = 20; id < 40; id += 1) world.start(id, `app${id}`)
  world.tellChanges()
  world.send()
  world.regional.exec('DELETE FROM machines')
  world.tellChanges()
  world.send()
  world.now = after(world.now, HOLD_MS)
  world.send()
  assert.equal(world.rollup.baseline, 3)
})

test('what stands for so long is let through', (t) => {
  const world = following(t, { instances: 20 })
  world.regional.exec('DELETE FROM machines')
  world.tellChanges()
  assert.equal(world.send(), 0)
  assert.ok(world.rollup.nextAt() <= after(world.now, HOLD_MS))
  world.now = after(world.now, HOLD_MS)
  assert.equal(world.rollup.isDue(world.now), true)
  assert.equal(world.send(), 20)
})

test('rows of a start that are much more than what the query has are held: a region that is half there', (t) => {
  const world = following(t, { instances: 20 })
  const late = new Rollup({ spec: SPEC, region: REGION, holdMs: HOLD_MS, guardedSizeMin: 10 })
  late.apply({ kind: 'columns', columns: ['app', 'instances', 'healthy'] }, world.now)
  late.apply({ kind: 'row', rowId: 1, cells: ['app1', 1, 1] }, world.now)
  late.apply({ kind: 'eoq', seconds: 0 }, world.now)
  late.adoptStored(world.published(), world.now)
  assert.equal(late.judge(world.now).kind, 'held')
  assert.equal(late.nextBatch(), undefined)
})

test('what another aggregator was released to publish is held no longer here', (t) => {
  const world = following(t, { instances: 20 })
  world.regional.exec('DELETE FROM machines WHERE id >= 5')
  world.tellChanges()
  world.send()
  assert.equal(world.rollup.isFit, false)
  world.global.exec(`DELETE FROM app_regions WHERE region = '${REGION}' AND instances > 0 AND rowid > 6`)
  world.compare()
  assert.equal(world.rollup.isFit, true)
})

test('what goes in small steps is held, also when what was published of it is read again', (t) => {
  const world = following(t, { instances: 20 })
  world.regional.exec('DELETE FROM machines WHERE id >= 11')
  world.tellChanges()
  assert.equal(world.send(), 9)
  world.regional.exec('DELETE FROM machines WHERE id >= 8')
  world.tellChanges()
  for (let n = 0; n < 3; n += 1) {
    assert.equal(world.send(), 0)
    world.compare()
  }
  assert.equal(world.rollup.hold.kind, 'held')
})

test('nothing is given while a result arrives, after a break, and before the table was read', (t) => {
  const world = following(t, { instances: 3 })
  world.start(9, 'new')
  world.tellChanges()
  world.rollup.lostStream()
  assert.equal(world.send(), 0)
  world.open()
  assert.equal(world.send(), 0)
  world.compare()
  assert.equal(world.send(), 1)
})

test('a new result that nobody announced is compared in full: what it lacks was told by no change', (t) => {
  const world = following(t, { instances: 3 })
  world.stop(1)
  world.open()
  assert.equal(world.rollup.isStoredKnown, false)
  world.compare()
  assert.equal(world.send(), 1)
  assert.deepEqual(world.published(), world.wanted())
})

test('nothing is given that was not judged as it is now', (t) => {
  const world = following(t, { instances: 20 })
  world.start(3, 'app3', 'stopped')
  world.tellChanges()
  world.rollup.judge(world.now)
  world.regional.exec('DELETE FROM machines')
  world.tellChanges()
  assert.equal(world.rollup.nextBatch(), undefined)
})

test('at random: after a full compare the table says what SQLite says of the query, and other regions are as they were', (t) => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const prng = new Prng(seed)
    // Nothing is guarded: a random history shrinks as it likes.
    const world = new World(t, Number.POSITIVE_INFINITY)
    world.open()
    for (let step = 0; step < 60; step += 1) takeStep(world, prng)
    world.open()
    world.compare()
    world.send()
    assert.deepEqual(world.published(), world.wanted(), `seed ${seed}`)
    const others = rowsOf(world.global, "SELECT app, region FROM app_regions WHERE region <> 'syd'", [])
    assert.deepEqual(others, [['web', 'nrt']])
  }
})

test('at random without faults: no full compare is needed, and no row is written that is not another', (t) => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const prng = new Prng(seed)
    const world = following(t, { guardedSizeMin: Number.POSITIVE_INFINITY })
    for (let step = 0; step < 40; step += 1) {
      const before = new Map(world.published().map((row) => [row[0], JSON.stringify(row)]))
      for (let change = prng.below(5); change > 0; change -= 1) changeRegion(world, prng)
      world.tellChanges()
      const rows = world.send()
      const now = new Map(world.published().map((row) => [row[0], JSON.stringify(row)]))
      assert.deepEqual(world.published(), world.wanted(), `seed ${seed}`)
      const apps = new Set([...before.keys(), ...now.keys()])
      assert.equal(rows, [...apps].filter((app) => before.get(app) !== now.get(app)).length)
    }
  }
})

function changeRegion(world: World, prng: Prng): void {
  const id = prng.below(12)
  if (prng.chance(1, 3)) world.stop(id)
  else world.start(id, `app${prng.below(5)}`, prng.chance(1, 2) ? 'started' : 'stopped')
}

function takeStep(world: World, prng: Prng): void {
  const kind = prng.below(10)
  world.now = after(world.now, millis(prng.below(200)))
  if (kind < 5) {
    changeRegion(world, prng)
    if (prng.chance(1, 2)) world.tellChanges()
  } else if (kind === 5) {
    world.rollup.lostStream()
    world.open()
  } else if (kind === 6 && world.rollup.isComplete) world.compare()
  else if (kind === 7)
    world.global.exec("INSERT OR REPLACE INTO app_regions VALUES ('by-hand', 'syd', 7, 7, NULL)")
  else world.send(() => (['done', 'lost', 'done-but-lost'] as const)[prng.below(3)] as 'done')
}
