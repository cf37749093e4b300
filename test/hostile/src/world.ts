/**
 * The world that is attacked in process: a store and a reader on one file, a copy that hears of the store only what any peer
 * would, and a plain SQLite database that runs what was let through. Each statement goes to the store, beside a neighbour's
 * write in the same group, and to the reader; then the world is judged.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PortHandlers, Prng, type ServedStream } from '@patina/base'
import { openStore, type Store, type TransactReply } from '@patina/crdt-store'
import { type QueryHead, type ReaderContract, readerHandlers } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { classify } from './classify.ts'
import { fingerprint } from './fingerprint.ts'
import { type HostileStatement, hostileStatement } from './generate.ts'
import { COLUMNS, CONTENT_SQL, SCHEMA, TABLES } from './schema.ts'

/** Of one world; a seed runs as many. */
export const STATEMENTS_PER_SEED = 2_500

/** Statements between two looks at every row. */
const ROUND = 500
/** Statements between two looks at what must not change; 1 where a seed is run again. */
const LOOK_EVERY = 25
/** A result that is larger is cut, as an agent would. */
const RESULT_LIMITS = { rowsMax: 2_000, bytesMax: 4 * 1024 * 1024 }
/** Statements between two that share their transaction with others. */
const NEIGHBOURS_EVERY = 3
const NEIGHBOUR_SQL = 'INSERT INTO items (id, n) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1'

export interface Tally {
  statements: number
  /** Accepted as writes; as queries. */
  written: number
  read: number
  readonly refusals: Map<string, number>
}

/**
 * Runs the statements of a seed. Throws with the line that runs it again and the last statements where something got through.
 */
export async function attack(seed: number, lookEvery: number = LOOK_EVERY): Promise<Tally> {
  const world = new World()
  const prng = new Prng(seed)
  let suspects: HostileStatement[] = []
  try {
    for (let i = 1; i <= STATEMENTS_PER_SEED; i += 1) {
      const statement = hostileStatement(prng)
      suspects.push(statement)
      await world.suffer(statement)
      if (i % lookEvery !== 0) continue
      world.look()
      suspects = []
      if (i % ROUND === 0) world.compare()
    }
    return world.tally
  } catch (cause) {
    const replay = `node --conditions=@patina/source test/hostile/src/main.ts --seed ${seed}`
    const last = suspects.map((each) => JSON.stringify(each).slice(0, 1_000)).join('\n')
    throw new Error(`${replay}\n${last}`, { cause })
  } finally {
    await world.close()
  }
}

/** Legal, and other than in a plain database: schema, pages, counters, chance. */
const READS_ITS_FILE = /sqlite_|dbstat|changes|last_insert|random/i

export class World {
  readonly tally: Tally = { statements: 0, written: 0, read: 0, refusals: new Map() }
  readonly #folder = mkdtempSync(join(tmpdir(), 'patina-hostile-'))
  readonly #store: Store
  readonly #copy: Store
  readonly #plain = new BetterSqlite3(':memory:')
  readonly #reader: PortHandlers<ReaderContract>
  readonly #before: string

  constructor() {
    const path = join(this.#folder, 'state.db')
    this.#store = openStore({ path, durability: 'normal' })
    this.#copy = openStore({ path: ':memory:' })
    for (const store of [this.#store, this.#copy]) store.applySchema([{ name: 'hostile.sql', sql: SCHEMA }])
    this.#plain.exec(SCHEMA)
    this.#reader = readerHandlers({ path })
    this.#reader.calls.members([])
    this.#before = this.#fingerprint()
  }

  async suffer(statement: HostileStatement): Promise<void> {
    this.tally.statements += 1
    this.#write(statement)
    await this.#query(statement)
  }

  /** Nothing outside of the tables has changed. */
  look(): void {
    assert.equal(this.#fingerprint(), this.#before)
  }

  /** The copy that heard only changesets, and the plain database that ran what was accepted, hold the same rows. */
  compare(): void {
    assert.deepEqual(this.#store.verify(), [])
    const rows = contentOf(this.#store.database)
    assert.deepEqual(contentOf(this.#copy.database), rows, 'a copy that heard changesets differs')
    assert.deepEqual(contentOf(this.#plain), rows, 'plain SQLite, given what was accepted, differs')
  }

  async close(): Promise<void> {
    await this.#reader.stop?.()
    this.#store.close()
    this.#copy.close()
    this.#plain.close()
    rmSync(this.#folder, { recursive: true })
  }

  /** Now and then in a group with neighbours, who must not notice. */
  #write({ sql, expect, code }: HostileStatement): void {
    const statement = { sql, params: [] }
    const isAlone = this.tally.statements % NEIGHBOURS_EVERY !== 0
    const neighbours = isAlone ? [] : [{ sql: NEIGHBOUR_SQL, params: [`n${this.tally.statements % 10}`] }]
    const requests = [...neighbours, statement, ...neighbours].map((each) => [each])
    const { replies, commits } = this.#store.transact(requests)
    const reply = replies[neighbours.length] as TransactReply
    this.#copy.apply(commits.flatMap(({ changesets }) => changesets))
    for (const { params } of neighbours) this.#plain.prepare(NEIGHBOUR_SQL).run(...params)
    if (reply.kind === 'committed') this.#accepted(sql, expect)
    else this.#refused(reply, code)
    for (const { params } of neighbours) this.#plain.prepare(NEIGHBOUR_SQL).run(...params)
    if (expect === 'write' && reply.kind !== 'committed')
      assert.match(reply.code, /^SQLITE_CONSTRAINT/, reply.message)
    if (expect === 'read') assert.equal(reply.kind !== 'committed' && reply.code, 'not-a-write')
    if (!isAlone) assert.deepEqual([replies[0]?.kind, replies[2]?.kind], ['committed', 'committed'])
  }

  #accepted(sql: string, expect: HostileStatement['expect']): void {
    this.tally.written += 1
    assert.notEqual(expect, 'refused', 'got through as a write')
    assert.equal(
      classify(sql, TABLES).kind,
      'write',
      `accepted as a write: ${JSON.stringify(classify(sql, TABLES))}`,
    )
    if (READS_ITS_FILE.test(sql)) this.#copyToPlain()
    else this.#runPlain(sql)
  }

  #runPlain(sql: string): void {
    const statement = this.#plain.prepare(sql)
    if (statement.reader) statement.all()
    else statement.run()
  }

  /** The plain database goes on from what the store holds, rowids too. */
  #copyToPlain(): void {
    for (const [table, columns] of COLUMNS) {
      this.#plain.exec(`DELETE FROM ${table}`)
      const rows = this.#store.database
        .prepare(`SELECT rowid, ${columns} FROM ${table}`)
        .safeIntegers()
        .raw()
        .all()
      const places = columns.split(',').map(() => '?')
      const insert = this.#plain.prepare(`INSERT INTO ${table} (rowid, ${columns}) VALUES (?, ${places})`)
      for (const row of rows as unknown[][]) insert.run(...row)
    }
  }

  #refused(reply: Exclude<TransactReply, { readonly kind: 'committed' }>, code: string | undefined): void {
    this.tally.refusals.set(reply.code, (this.tally.refusals.get(reply.code) ?? 0) + 1)
    assert.ok(reply.message.length > 5, 'a refusal says why')
    assert.notEqual(reply.code, 'internal', reply.message)
    if (code !== undefined) assert.equal(reply.code, code)
  }

  async #query({ sql, expect, code }: HostileStatement): Promise<void> {
    const { head, bytes } = await answerOf(
      this.#reader.streams.query({ statement: { sql, params: [] }, ...RESULT_LIMITS }),
    )
    if (head.kind === 'rows') {
      this.tally.read += 1
      assert.ok(expect === 'read' || expect === 'any', 'got through as a query')
      assert.equal(
        classify(sql, TABLES).kind,
        'read',
        `accepted as a query: ${JSON.stringify(classify(sql, TABLES))}`,
      )
      // The last row may pass the limit by its own length, which the encoder bounds.
      assert.ok(bytes > 0, 'a result ends with a line')
      return
    }
    assert.equal(head.kind, 'refused', JSON.stringify(head))
    if (code !== undefined) assert.equal(head.code, code)
    assert.notEqual(expect, 'read', head.message)
  }

  #fingerprint(): string {
    return fingerprint(this.#store.database, this.#folder)
  }
}

/** Reads an answer to its end, as a client would. */
async function answerOf(
  answer: ServedStream<QueryHead> | Promise<ServedStream<QueryHead>>,
): Promise<{ readonly head: QueryHead; readonly bytes: number }> {
  const served = await answer
  if ('whole' in served) return { head: served.head, bytes: served.whole.length }
  let bytes = 0
  for await (const chunk of served.chunks) bytes += chunk.length
  return { head: served.head, bytes }
}

function contentOf(db: BetterSqlite3.Database): unknown[] {
  return CONTENT_SQL.map((sql) => db.prepare(sql).safeIntegers().raw().all())
}
