/** Restarts: what survives the end of the process, what does not survive the end of the machine, and who is refused. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import BetterSqlite3 from 'better-sqlite3'
import { Bench, linesOf } from './fixture.ts'

const IDS = 'SELECT id, app FROM machines'

describe('restart', () => {
  let bench: Bench
  const insert = (id: number): void => bench.write(`INSERT INTO machines VALUES (${id}, 'a', 1, 'n', ${id})`)
  const state = (): string => join(bench.folder, 'live.db')

  /** What a kill leaves behind: the files as they are, of an engine that never stopped. */
  function killed(): void {
    const copies = ['', '-wal'].map((suffix) => [`${state()}${suffix}`, `${state()}.copy${suffix}`] as const)
    for (const [file, copy] of copies) if (existsSync(file)) copyFileSync(file, copy)
    bench.engine.close()
    for (const [file, copy] of copies) if (existsSync(copy)) copyFileSync(copy, file)
  }

  beforeEach(() => {
    bench = new Bench()
    insert(1)
  })
  afterEach(() => bench.close())

  for (const end of ['stop in order', 'kill'] as const) {
    it(`keeps ids over a ${end} and tells what happened meanwhile`, () => {
      const client = bench.subscribe(IDS).read()
      insert(2)
      client.read()
      if (end === 'kill') killed()
      else bench.engine.close()
      bench.writer.exec(`DELETE FROM machines WHERE id = 1`)
      bench.engine = bench.open()
      assert.deepEqual(linesOf(bench.resume(client.id, 1).subscriber), [
        { change: ['delete', 1, [1, 'a'], 2] },
      ])
      assert.deepEqual([...bench.openStream({ id: client.id }).read().rows], [[2, '[2,"a"]']])
    })
  }

  it('reconciles without anybody asking', () => {
    const client = bench.subscribe(IDS).read()
    bench.engine.close()
    bench.writer.exec(`INSERT INTO machines VALUES (5, 'b', 1, 'n', 1)`)
    bench.engine = bench.open()
    bench.settle()
    assert.equal(bench.engine.info(client.id)?.lastChangeId, 1)
    assert.equal(bench.engine.info(client.id)?.runs, 1)
  })

  it('leaves results that read members as they are until it hears of the members', () => {
    const members = [['1', 'a', '10.0.0.1:1', 'alive', null, null, null, null]] as const
    bench.engine.members(members)
    const client = bench.subscribe('SELECT m.id, p.actor FROM machines m JOIN patina_members p ON actor = id')
    assert.equal(client.read().rows.size, 1)
    bench.engine.members([...members, ['2', 'b', '10.0.0.2:1', 'alive', null, null, null, null]])
    insert(2)
    assert.equal(client.read().lastChangeId, 1)
    bench.engine.close()
    bench.writer.exec('DELETE FROM machines WHERE id = 1')
    bench.engine = bench.open()
    bench.settle()
    const resumed = bench.resume(client.id, 1)
    assert.deepEqual(linesOf(resumed.subscriber), [])
    const early = bench.head({ id: client.id })
    assert.equal(early.kind === 'overloaded' && early.code, 'starting')
    bench.engine.members([members[0], ['2', 'b', '10.0.0.2:1', 'alive', null, null, null, null]])
    bench.settle()
    assert.deepEqual(linesOf(resumed.subscriber), [{ change: ['delete', 1, [1, '1'], 2] }])
    let asked = 0
    bench.restart({
      onWork: () => {
        asked += 1
      },
    })
    bench.settle()
    const askedBefore = asked
    bench.engine.members([])
    assert.equal(asked, askedBefore + 1)
    bench.settle()
    assert.equal(bench.engine.info(client.id)?.lastChangeId, 3)
    assert.deepEqual(bench.resume(client.id, 0).read().sorted(), [])
  })

  it('drops everything after a crash of the machine', () => {
    const client = bench.subscribe(IDS)
    killed()
    bench.engine = bench.open({ bootId: 'boot-2' })
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
  })

  it('believes a file that was closed in order on another boot', () => {
    const client = bench.subscribe(IDS)
    bench.restart({ bootId: 'boot-2' })
    assert.equal(bench.head({ id: client.id }).kind, 'subscribed')
  })

  it('without a boot to tell, believes only a stop in order', () => {
    const client = bench.subscribe(IDS)
    bench.restart({ bootId: undefined })
    assert.equal(bench.head({ id: client.id }).kind, 'subscribed')
    killed()
    bench.engine = bench.open({ bootId: undefined })
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
  })

  it('drops a file of another format, and makes a new one', () => {
    const client = bench.subscribe(IDS)
    bench.engine.close()
    const file = new BetterSqlite3(state())
    file.pragma('user_version = 999')
    file.close()
    bench.engine = bench.open()
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
    assert.equal(bench.subscribe(IDS).read().rows.size, 1)
  })

  for (const [what, damage] of [
    ['no database', (file: Buffer) => file.fill(7)],
    ['a damaged schema', (file: Buffer) => file.fill(7, 100)],
  ] as const)
    it(`replaces a file that is ${what}`, () => {
      const client = bench.subscribe(IDS)
      bench.engine.close()
      writeFileSync(state(), damage(readFileSync(state())))
      bench.engine = bench.open()
      assert.equal(bench.head({ id: client.id }).kind, 'not-found')
      assert.equal(bench.subscribe(IDS).read().rows.size, 1)
    })

  it('forgets a result whose table is gone', () => {
    const client = bench.subscribe(IDS)
    bench.engine.close()
    bench.writer.exec('DROP TABLE machines')
    bench.engine = bench.open()
    assert.equal(bench.head({ id: client.id }).kind, 'not-found')
  })

  describe('with a query that was running when the process ended', () => {
    const statement = { sql: IDS, params: [] }
    const note = (): string => `${state()}-running`

    /** The next start finds the note that this query was running. */
    function killedInside(previousEnd: 'deadline' | 'other'): void {
      killed()
      const file = new BetterSqlite3(state(), { readonly: true })
      writeFileSync(note(), key ?? String(file.prepare('SELECT key FROM queries').pluck().get()))
      key ??= String(file.prepare('SELECT key FROM queries').pluck().get())
      file.close()
      bench.engine = bench.open({ previousEnd })
    }
    let key: string | undefined

    beforeEach(() => {
      key = undefined
      bench.subscribe(IDS)
    })

    it('refuses it where a deadline was the reason, until a stop in order', () => {
      killedInside('deadline')
      const head = bench.head({ statement })
      assert.equal(head.kind === 'refused' && head.code, 'too-slow')
      assert.equal(bench.head({ statement: { sql: 'SELECT 1', params: [] } }).kind, 'subscribed')
      bench.restart()
      assert.equal(bench.head({ statement }).kind, 'subscribed')
    })

    it('gives it another try where the reason is not known, and no third one', () => {
      killedInside('other')
      assert.equal(bench.engine.list().length, 1)
      killedInside('other')
      const head = bench.head({ statement })
      assert.equal(head.kind === 'refused' && head.code, 'too-slow')
    })

    it('blames nobody who had come to an end', () => {
      insert(2)
      assert.equal(bench.engine.list()[0]?.runs, 1)
      killed()
      bench.engine = bench.open({ previousEnd: 'deadline' })
      assert.equal(bench.head({ statement }).kind, 'subscribed')
    })

    it('acquits it when it has run to its end', () => {
      killedInside('other')
      bench.settle()
      killedInside('other')
      assert.equal(bench.head({ statement }).kind, 'subscribed')
    })
  })
})
