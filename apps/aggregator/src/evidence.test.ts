import assert from 'node:assert/strict'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { instant, millis, Prng } from '@patina/base'
import type { Cell, Client, Member } from '@patina/client'
import { type Evidence, EvidenceSource, missedGlobally } from './evidence.ts'
import { Rollup } from './rollup.ts'
import { DesiredRows } from './rollup-rows.ts'

const COUNTS = "count(*) AS instances, sum(state = 'started') AS healthy"
const ALIVE = "JOIN patina_members n ON n.name = m.node WHERE n.state = 'alive'"
const QUERY = `SELECT app, ${COUNTS} FROM (SELECT m.* FROM machines m ${ALIVE}) GROUP BY app`
const COLUMNS = ['app', 'instances', 'healthy']
const KEY = ['app']
const LATELY_MS = millis(300_000)
const MAX_SHRINK = 0.5
const { signal: SIGNAL } = new AbortController()

function seek(source: EvidenceSource, columns = COLUMNS): Promise<Evidence | undefined> {
  return source.seek(columns, () => new Map(), SIGNAL)
}

/** A regional agent's tables, with its members as an agent has them. */
class Region {
  readonly db = new DatabaseSync(':memory:')
  asked = 0
  settleMs = 0
  beforeAnswer: () => void = () => {}
  #actors = 0
  missedElsewhere: ReadonlySet<string> = new Set()

  constructor(t: TestContext) {
    this.db.exec(`CREATE TABLE machines (id INTEGER PRIMARY KEY, app TEXT, node TEXT, state TEXT);
      CREATE TEMP TABLE patina_members (actor TEXT PRIMARY KEY NOT NULL, name TEXT, addr TEXT, state TEXT, region TEXT,
        tags TEXT, rtt_ms INTEGER, since INTEGER) WITHOUT ROWID`)
    t.after(() => this.db.close())
  }

  host(name: string, state: string, sinceMs = 0, actor = name): void {
    this.db
      .prepare("REPLACE INTO patina_members VALUES (?, ?, '', ?, 'syd', '{}', 1, ?)")
      .run(actor, name, state, Date.now() - sinceMs)
  }

  /** With an empty database: the actor of before is found to be down. */
  beginAnew(name: string): void {
    this.db
      .prepare("UPDATE patina_members SET state = 'down', since = ? WHERE name = ?")
      .run(Date.now(), name)
    this.#actors += 1
    this.host(name, 'alive', 0, `${name}-${this.#actors}`)
  }

  hosts(count: number): void {
    for (let n = 1; n <= count; n += 1) this.host(`h${n}`, 'alive')
  }

  start(count: number, node: string, state = 'started'): void {
    for (let n = 0; n < count; n += 1)
      this.db.prepare('INSERT INTO machines VALUES (NULL, ?, ?, ?)').run(`app${n}`, node, state)
  }

  rows(query: string, params: readonly SQLInputValue[] = []): Cell[][] {
    const statement = this.db.prepare(query)
    statement.setReturnArrays(true)
    return statement.all(...params) as unknown as Cell[][]
  }

  source(query = QUERY, key = KEY): EvidenceSource {
    const ask = (sql: string, params: SQLInputValue[]): object => {
      this.asked += 1
      this.beforeAnswer()
      return { all: async () => this.rows(sql, params) }
    }
    return new EvidenceSource({
      regional: { query: ask } as unknown as Client,
      spec: { query, key },
      missedElsewhere: () => this.missedElsewhere,
      latelyMs: LATELY_MS,
      settleMs: this.settleMs,
    })
  }

  evidence(query = QUERY, columns = COLUMNS): Promise<Evidence | undefined> {
    return seek(this.source(query), columns)
  }

  async sizes(query = QUERY, columns = COLUMNS): Promise<object> {
    return Object.fromEntries((await this.evidence(query, columns))?.sizes ?? [])
  }
}

test('what went with a host that has gone is there with all hosts alive, what was deleted is not', async (t) => {
  const region = new Region(t)
  region.hosts(3)
  region.start(8, 'h1')
  region.start(2, 'h2', 'stopped')
  region.host('h1', 'suspect', 1_000)
  assert.deepEqual(await region.evidence(), {
    was: new Map(),
    missing: new Set(['h1']),
    sizes: new Map([
      ['rows', 8],
      ['sum of instances', 10],
      ['sum of healthy', 8],
    ]),
    hosts: ['h1'],
  })
  region.db.exec("DELETE FROM machines WHERE app <> 'app0'")
  assert.deepEqual(await region.sizes(), { rows: 1, 'sum of instances': 2, 'sum of healthy': 1 })
})

test('evidence needs more hosts that are there than such as went lately', async (t) => {
  const region = new Region(t)
  region.hosts(4)
  region.start(8, 'h1')
  assert.equal(await region.evidence(), undefined, 'all are there')
  region.host('h1', 'down', 1_000)
  region.host('h2', 'left', 1_000)
  assert.equal((await region.evidence())?.hosts.length, 1, 'who leaves is missed by nobody')
  region.host('h3', 'suspect', 1_000)
  assert.equal(await region.evidence(), undefined, 'two of the three that stayed are lost')
  region.host('h1', 'down', 2 * LATELY_MS)
  region.host('h2', 'alive')
  assert.equal((await region.evidence())?.hosts.length, 1, 'one that went long ago counts no more')
})

test('in a region of two the other one has gone where the global cluster misses it too', async (t) => {
  const region = new Region(t)
  region.hosts(2)
  region.start(8, 'h2')
  region.host('h2', 'suspect', 1_000)
  assert.equal(await region.evidence(), undefined)
  region.missedElsewhere = new Set(['h2'])
  assert.equal((await region.evidence())?.hosts.length, 1)
  region.host('h1', 'down', 1_000)
  assert.equal(await region.evidence(), undefined, 'nobody says that')
})

test('the global cluster misses hosts of this region while most of it is there', () => {
  const member = (name: string, region: string, state: Member['state'], since_ms = 1_000): Member =>
    ({ name, region, state, since_ms }) as Member
  const missed = (...states: readonly Member['state'][]): string[] => {
    const members = states.map((state, n) => member(`h${n}`, n < 2 ? 'syd' : 'nrt', state))
    return [...missedGlobally(members, 'syd', 900)]
  }
  assert.deepEqual(missed('alive', 'suspect', 'alive', 'alive'), ['h1'])
  assert.deepEqual(missed('alive', 'down', 'down', 'alive', 'alive'), ['h1'])
  assert.deepEqual(missed('alive', 'down', 'suspect', 'alive'), [], 'two of four')
  assert.deepEqual(missed('alive', 'left', 'alive', 'alive'), [])
  const there = ['h0', 'h1', 'h2'].map((name) => member(name, 'syd', 'alive'))
  const missedOf = (...more: readonly Member[]): string[] => [
    ...missedGlobally([...there, ...more], 'syd', 900),
  ]
  assert.deepEqual(missedOf(member('h9', 'syd', 'down')), ['h9'])
  assert.deepEqual(missedOf(member('h9', 'syd', 'down', 800)), [], 'long ago')
  assert.deepEqual(missedOf(member('h1', 'syd', 'down')), [], 'it has begun anew')
})

test('a query that does not read the members has no evidence, and nothing is asked', async (t) => {
  const region = new Region(t)
  assert.equal(await region.evidence(`SELECT app, ${COUNTS} FROM machines GROUP BY app`), undefined)
  assert.equal(region.asked, 0)
})

test('queries of other shapes: WITH, a semicolon, a comment at the end, text and NULL among values, keys that are none', async (t) => {
  const region = new Region(t)
  region.hosts(3)
  region.start(4, 'h1')
  region.host('h1', 'down', 1_000)
  const shapes = [
    `WITH here AS (SELECT m.* FROM machines m ${ALIVE}) SELECT app, ${COUNTS} FROM here GROUP BY app ;\n`,
    `${QUERY} -- by app`,
    `WITH RECURSIVE one(i) AS (SELECT 1) SELECT app, instances, healthy FROM one, (${QUERY})`,
  ]
  for (const shape of shapes)
    assert.deepEqual(
      await region.sizes(shape),
      { rows: 4, 'sum of instances': 4, 'sum of healthy': 4 },
      shape,
    )
  const odd = `SELECT app, 1 AS instances, '7' AS healthy FROM machines m ${ALIVE}
    UNION ALL SELECT NULL, 100, 100 UNION ALL SELECT 'app1', 1, NULL`
  assert.deepEqual(await region.sizes(odd), { rows: 4, 'sum of instances': 5, 'sum of healthy': 0 })
})

test('a host that was dead before is not revived: its rows would hide a deletion', async (t) => {
  const region = new Region(t)
  region.hosts(6)
  region.start(8, 'h1')
  region.start(5, 'h2')
  const source = region.source()
  region.host('h1', 'down', 20_000)
  await source.learn(SIGNAL)
  assert.equal(await seek(source), undefined, 'it was missing when the measure was taken')
  region.host('h3', 'suspect', 1_000)
  const found = await seek(source)
  assert.deepEqual([found?.hosts, found?.sizes.get('sum of instances')], [['h3'], 5])
  assert.ok(found !== undefined)
  source.accept(found)
  assert.equal(await seek(source), undefined, 'it has explained a loss already')
  region.host('h1', 'alive')
  region.host('h3', 'alive')
  assert.equal(await seek(source), undefined)
  region.host('h1', 'suspect', 1_000)
  const again = await seek(source)
  assert.deepEqual([again?.hosts, again?.sizes.get('sum of instances')], [['h1'], 13])
})

test('a host that is back explains its next death, and one that stays away none', async (t) => {
  const region = new Region(t)
  region.hosts(5)
  region.start(8, 'h1')
  const source = region.source()
  region.host('h2', 'down', 1_000)
  await source.learn(SIGNAL)
  region.host('h1', 'suspect', 1_000)
  const first = await seek(source)
  assert.deepEqual(first?.hosts, ['h1'])
  source.accept(first)
  await source.observe(SIGNAL)
  assert.equal(await seek(source), undefined, 'it has explained its loss')
  region.host('h1', 'alive')
  region.host('h2', 'alive')
  await source.observe(SIGNAL)
  region.host('h1', 'down', 1_000)
  assert.deepEqual((await seek(source))?.hosts, ['h1'])
  await source.observe(SIGNAL)
  assert.deepEqual((await seek(source))?.hosts, ['h1'], 'its loss may be about to be judged')
  await source.observe(SIGNAL)
  assert.equal(await seek(source), undefined, 'its loss was accepted')
})

test('a host that has begun anew under another actor is not counted twice', async (t) => {
  const region = new Region(t)
  region.hosts(4)
  region.start(8, 'h1')
  region.host('h1', 'down', 1_000)
  region.host('h1', 'alive', 0, 'h1-anew')
  assert.equal(await region.evidence(), undefined)
  region.host('h1', 'suspect', 0, 'h1-anew')
  assert.equal((await region.evidence())?.sizes.get('sum of instances'), 8)
})

test('a host that has begun anew explains its death, whichever of its actors comes first, and is one of those that may be there', async (t) => {
  for (const [before, anew] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const region = new Region(t)
    region.hosts(2)
    region.start(8, 'h1')
    region.host('h3', 'down', 1_000, before)
    region.host('h3', 'alive', 0, anew)
    const source = region.source()
    await source.learn(SIGNAL)
    region.host('h3', 'suspect', 0, anew)
    const found = await seek(source)
    assert.deepEqual(found?.hosts, [anew])
    source.accept(found)
    assert.equal(await seek(source), undefined, 'neither of its actors explains it again')
  }
})

test('hosts of a rack are waited for: what the result has may be of before the last of them', async (t) => {
  const region = new Region(t)
  region.hosts(7)
  region.start(8, 'h1')
  region.settleMs = 100
  region.host('h1', 'suspect', 0)
  setTimeout(() => region.host('h2', 'suspect', 0), 30)
  let asked = 0
  const found = await region.source().seek(COLUMNS, () => new Map([['rows', ++asked]]), SIGNAL)
  assert.deepEqual([found?.hosts, found?.was.get('rows')], [['h1', 'h2'], 1])
  region.settleMs = 20
  region.beforeAnswer = () => region.host('h2', 'suspect', 0)
  assert.equal(await region.evidence(), undefined, 'while they go one after the other there is none')
})

test('I-ROLL-3 at random: what is explained was not deleted, whichever hosts die and come back before', async (t) => {
  let explained = 0
  for (let seed = 1; seed <= 150; seed += 1) {
    const prng = new Prng(seed)
    const region = new Region(t)
    region.hosts(7)
    for (let n = 1; n <= 7; n += 1) region.start(1 + prng.below(12), `h${n}`)
    const guarded = new GuardedRegion(region)
    await guarded.publish()
    for (let step = 0; step < 12; step += 1) {
      const host = `h${1 + prng.below(7)}`
      if (prng.chance(1, 2)) region.host(host, prng.pick(['suspect', 'down', 'left', 'alive']), 1_000)
      else region.db.exec(`DELETE FROM machines WHERE node = '${host}' AND id % 3 < ${prng.below(4)}`)
      if (prng.chance(1, 10)) region.beginAnew(host)
      if (prng.chance(1, 12)) guarded.release()
      if (prng.chance(1, 4)) await guarded.observe()
      if (await guarded.publish()) explained += 1
    }
  }
  assert.ok(explained > 50, `${explained} losses were explained`)
})

/** The guard of a roll-up with its evidence, and beside them which instances it has counted since its measure was taken. */
class GuardedRegion {
  readonly #region: Region
  readonly #source: EvidenceSource
  readonly #rollup: Rollup
  /** The most that was counted at once since then. */
  #counted: ReadonlySet<Cell> = new Set()
  #learnt = 0
  #now = instant(0)

  constructor(region: Region) {
    this.#region = region
    this.#source = region.source()
    const spec = { into: 'app_regions', query: QUERY, key: KEY, maxShrink: MAX_SHRINK }
    this.#rollup = new Rollup({ spec, region: 'syd', holdMs: LATELY_MS, guardedSizeMin: 1 })
    this.#tell()
    this.#rollup.adoptStored(region.rows(QUERY), this.#now)
  }

  release(): void {
    this.#rollup.release(this.#now)
  }

  async observe(): Promise<void> {
    if (this.#rollup.hold.kind === 'none') await this.#source.observe(SIGNAL)
  }

  /** As a publisher does it. True where a loss was explained; then most of what was counted must be there. */
  async publish(): Promise<boolean> {
    const rollup = this.#rollup
    this.#tell()
    rollup.judge(this.#now)
    if (rollup.baseline !== this.#learnt) {
      await this.#source.learn(SIGNAL)
      this.#learnt = rollup.baseline
      this.#counted = this.#alive()
    } else if (rollup.hold.kind === 'held') {
      const found = await this.#source.seek(COLUMNS, () => rollup.sizes, SIGNAL)
      if (found !== undefined && rollup.explain(found.was, found.sizes, this.#now)) {
        this.#source.accept(found)
        const left = new Set(this.#region.rows('SELECT id FROM machines').flat())
        const kept = [...this.#counted].filter((id) => left.has(id)).length
        assert.ok(kept >= this.#counted.size * (1 - MAX_SHRINK), `${kept} of ${this.#counted.size} are left`)
        this.#counted = this.#alive()
        return true
      }
    } else if (this.#alive().size > this.#counted.size) this.#counted = this.#alive()
    return false
  }

  #alive(): ReadonlySet<Cell> {
    return new Set(this.#region.rows(`SELECT m.id FROM machines m ${ALIVE}`).flat())
  }

  #tell(): void {
    this.#rollup.apply({ kind: 'columns', columns: COLUMNS }, this.#now)
    for (const [rowId, cells] of this.#region.rows(QUERY).entries())
      this.#rollup.apply({ kind: 'row', rowId, cells }, this.#now)
    this.#rollup.apply({ kind: 'eoq', seconds: 0 }, this.#now)
  }
}

test('at random: it is what the roll-up would count if nobody had gone', async (t) => {
  const prng = new Prng(7)
  for (let round = 0; round < 60; round += 1) {
    const region = new Region(t)
    region.hosts(7)
    for (let n = 1; n <= 9; n += 1)
      region.start(prng.below(6), `h${n}`, prng.pick(['started', 'stopped', 'draining']))
    for (const name of ['h1', 'h2', 'h3']) region.host(name, prng.pick(['alive', 'suspect', 'down']), 1_000)
    const found = await region.evidence()
    region.db.exec("UPDATE patina_members SET state = 'alive'")
    const wanted = new DesiredRows(KEY)
    wanted.apply({ kind: 'columns', columns: COLUMNS })
    for (const [rowId, cells] of region.rows(QUERY).entries()) wanted.apply({ kind: 'row', rowId, cells })
    if (found === undefined) continue
    const sums = [...wanted.sums()].map(([name, sum]): [string, number] => [`sum of ${name}`, sum])
    assert.deepEqual(Object.fromEntries(found.sizes), Object.fromEntries([['rows', wanted.size], ...sums]))
  }
})
