/** The readers' process end to end: results, refusals, load, cancel, an endless statement that only a kill ends. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { millis, type Port, type SqliteValue } from '@patina/base'
import type { MemberRow } from '../src/members-table.ts'
import { type Database, openDatabase } from '../src/open.ts'
import { openThreadedProcess } from '../src/port/threaded-process.ts'
import type { QueryHead, ReaderContract } from '../src/reader.ts'
import { isAlive } from './is-alive.ts'

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
const MANY = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000000) SELECT x FROM c'
const LIMITS = { rowsMax: 10_000_000, bytesMax: 1e9 }

function open(path: string): Port<ReaderContract> {
  return openThreadedProcess<ReaderContract>({
    module: new URL('./reader-child.ts', import.meta.url),
    args: [path],
    output: 'ignore',
    threads: 2,
    askAll: ['ready'],
    tellAll: ['members', 'lag'],
  })
}

const MANY_REQUEST = { statement: { sql: MANY, params: [] }, ...LIMITS }

/** Generous: the machine may be busy; each wait ends as soon as its condition holds. */
const PATIENCE_MS = 10_000

function headCode(head: QueryHead): string {
  return head.kind === 'rows' ? 'rows' : head.code
}

type Answer = { readonly head: QueryHead; readonly text: string }

describe('readers process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-readers-'))
  const path = join(folder, 'a.db')
  let writer: Database
  let port: Port<ReaderContract>

  before(() => {
    writer = openDatabase(path)
    writer.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'é'), (2, 2.0), (3, x'00ff')`,
    )
    port = open(path)
  })
  after(async () => {
    await port.close()
    writer.close()
    rmSync(folder, { recursive: true })
  })

  async function ask(
    sql: string,
    params: readonly SqliteValue[] | { readonly [name: string]: SqliteValue } = [],
    limits: { readonly rowsMax: number; readonly bytesMax: number } = LIMITS,
  ): Promise<Answer> {
    const opened = await port.openStream('query', { statement: { sql, params }, ...limits })
    assert.ok(opened.ok, JSON.stringify(opened))
    const chunks: Uint8Array[] = []
    for await (const chunk of opened.value.chunks) chunks.push(chunk)
    return { head: opened.value.head, text: Buffer.concat(chunks).toString() }
  }

  it('answers rows as NDJSON with columns and end', async () => {
    const { head, text } = await ask('SELECT id, v FROM t ORDER BY id')
    assert.deepEqual(head, { kind: 'rows', columns: ['id', 'v'] })
    const lines = text.split('\n')
    assert.deepEqual(lines.slice(0, 4), [
      '{"columns":["id","v"]}',
      '{"row":[1,[1,"é"]]}',
      '{"row":[2,[2,2.0]]}',
      '{"row":[3,[3,[0,255]]]}',
    ])
    assert.match(String(lines[4]), /^\{"eoq":\{"time":\d+\.\d+(e-\d+)?\}\}$/)
  })

  it('binds by position, numbered and named too, and by name', async () => {
    assert.match((await ask('SELECT ?2, ?, :a', [1n, 'b', 2, null])).text, /\[1,\["b",2\.0,null\]\]/)
    assert.match(
      (await ask('SELECT :a, @b, $c', { ':a': 1n, $c: new Uint8Array([7]) })).text,
      /\[1,\[1,null,\[7\]\]\]/,
    )
  })

  it('sees what the writer commits, new tables too', async () => {
    writer.exec('CREATE TABLE later (a)')
    writer.exec('INSERT INTO later VALUES (9223372036854775807)')
    assert.match((await ask('SELECT a FROM later')).text, /\[1,\[9223372036854775807\]\]/)
  })

  const refusals: readonly (readonly [
    string,
    string,
    readonly SqliteValue[] | { readonly [n: string]: SqliteValue },
  ])[] = [
    ['DELETE FROM t', 'not-read-only', []],
    ['SELECT 1; SELECT 2', 'multiple-statements', []],
    ['PRAGMA query_only = OFF', 'pragma', []],
    ['SELECT * FROM nope', 'unknown-table', []],
    ['SELECT ?', 'parameter-count', []],
    ['SELECT :a', 'unknown-parameter', { ':b': 1n }],
    ['SELECT :a, @a', 'ambiguous-parameter', { ':a': 1n }],
    ['SELECT ?', 'integer-range', [2n ** 63n]],
    ['SELECT ?', 'not-a-number', [Number.NaN]],
  ]
  for (const [sql, code, params] of refusals) {
    it(`refuses ${sql} as ${code}`, async () => {
      const { head, text } = await ask(sql, params)
      assert.equal(head.kind === 'refused' && head.code, code)
      assert.equal(text, '')
    })
  }

  it('ends a result at its limits with an error line', async () => {
    const rows = (await ask('SELECT id FROM t', [], { ...LIMITS, rowsMax: 2 })).text.trim().split('\n')
    assert.equal(rows.length, 4)
    assert.match(String(rows[3]), /^\{"error":"the result has more than 2 rows/)
    const bytes = (await ask(MANY, [], { ...LIMITS, bytesMax: 200_000 })).text
    assert.ok(bytes.length < 400_000)
    assert.match(bytes.trim().split('\n').at(-1) ?? '', /^\{"error":"the result is larger than 200000 bytes/)
  })

  it('ends a result that fails midway with an error line', async () => {
    const { head, text } = await ask(
      'SELECT abs(v) FROM (SELECT 1 AS v UNION ALL SELECT -9223372036854775808)',
    )
    assert.equal(head.kind, 'rows')
    assert.match(text, /\{"row":\[1,\[1\]\]\}\n\{"error":"integer overflow"\}\n$/)
  })

  it('gives connections back when consumers leave early, and says when all are in use', async () => {
    for (let round = 0; round < 3; round += 1) {
      const deadline = performance.now() + PATIENCE_MS
      let heads: readonly string[] = []
      // A cancel is on its way for a moment, so the first tries of a round may find fewer connections.
      while (heads.filter((head) => head === 'rows').length < 4 && performance.now() < deadline) {
        const streams = await Promise.all(
          Array.from({ length: 6 }, () => port.openStream('query', MANY_REQUEST)),
        )
        heads = streams.map((stream) => (stream.ok ? headCode(stream.value.head) : stream.error.kind))
        for (const stream of streams) if (stream.ok) await stream.value.chunks.return?.()
      }
      assert.deepEqual([...heads].sort(), ['overloaded', 'overloaded', 'rows', 'rows', 'rows', 'rows'])
    }
    while ((await ask('SELECT 1')).head.kind !== 'rows');
  })

  it('streams large results without loss', async () => {
    const { text } = await ask(`${MANY} WHERE x <= 200000`)
    const lines = text.split('\n')
    assert.equal(lines.length, 200_000 + 3)
    assert.equal(lines[200_000], '{"row":[200000,[200000]]}')
  })

  const MEMBERS = 'SELECT name, v FROM patina_members JOIN t ON id = rtt_ms ORDER BY name'
  const member = (name: string, rtt: bigint): MemberRow => [name, name, 'a:1', 'alive', 'r', '{}', rtt, 0n]

  it('joins the members, which every connection of every thread knows before its next query', async () => {
    const other = open(path)
    const askAll = async (): Promise<string[]> => {
      // More at a time than one connection of each thread takes; each answer is held until all have begun.
      const request = { statement: { sql: MEMBERS, params: [] }, ...LIMITS }
      const opened = await Promise.all(Array.from({ length: 4 }, () => other.openStream('query', request)))
      return Promise.all(
        opened.map(async (stream) => {
          assert.ok(stream.ok)
          if (stream.value.head.kind !== 'rows') return `${stream.value.head.code}`
          const chunks: Uint8Array[] = []
          for await (const chunk of stream.value.chunks) chunks.push(chunk)
          return Buffer.concat(chunks).toString().split('\n').slice(1, -2).join(' ')
        }),
      )
    }
    const all = (answer: string): string[] => Array.from({ length: 4 }, () => answer)
    try {
      assert.deepEqual(await askAll(), all('overloaded'), 'an empty list is no answer')
      void other.call('members', [member('a', 1n), member('b', 2n)])
      assert.deepEqual(await askAll(), all('{"row":[1,["a","é"]]} {"row":[2,["b",2.0]]}'))
      void other.call('members', [member('b', 1n)])
      assert.deepEqual(await askAll(), all('{"row":[1,["b","é"]]}'))
      void other.call('members', [])
      assert.deepEqual(await askAll(), all(''))
    } finally {
      await other.close()
    }
  })

  it('keeps its members from writes, and apart from a table of the file', async () => {
    void port.call('members', [member('a', 1n)])
    for (const sql of ['DELETE FROM patina_members', 'DELETE FROM temp.patina_members'])
      assert.notEqual(headCode((await ask(sql)).head), 'rows', sql)
    assert.match((await ask('SELECT count(*) FROM patina_members')).text, /\[1,\[1\]\]/)
    writer.exec('CREATE TABLE more (a)')
    assert.match((await ask('SELECT count(*) FROM patina_members, more')).text, /\[1,\[0\]\]/)
  })

  it('serves others while a statement is endless, and is ended by kill', async () => {
    const other = open(path)
    try {
      const endless = { statement: { sql: ENDLESS, params: [] }, ...LIMITS }
      const stuck = other.openStream('query', endless, { deadlineMs: millis(2000) })
      const one = { statement: { sql: 'SELECT 1', params: [] }, ...LIMITS }
      const neighbour = await other.openStream('query', one)
      assert.ok(neighbour.ok)
      for await (const chunk of neighbour.value.chunks) assert.ok(chunk.length > 0)
      assert.deepEqual(await stuck, {
        ok: false,
        error: { kind: 'timeout', state: 'unknown', afterMs: 2000 },
      })
    } finally {
      other.kill()
    }
    assert.deepEqual(await other.closed, { reason: 'ended by SIGKILL' })
  })

  it('ends with its parent though a thread is inside an endless statement', async () => {
    const parent = fork(new URL('./reader-orphan.ts', import.meta.url), [path], { silent: true })
    assert.ok(parent.stdout)
    const [line] = await once(parent.stdout, 'data')
    parent.kill('SIGKILL')
    const deadline = performance.now() + PATIENCE_MS
    while (isAlive(Number(line)) && performance.now() < deadline) await sleep(10)
    assert.equal(isAlive(Number(line)), false, 'the orphan still runs')
  })

  it('refuses to start on a missing database, with the sentence', async () => {
    const other = open(join(folder, 'missing.db'))
    assert.match((await other.closed).reason, /^there is no database at /)
  })
})
