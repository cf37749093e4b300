/** The process behind its Port: streams end to end, cancel, kill and restart, an endless statement, the end in order. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { millis, type Port, type PortStream } from '@patina/base'
import { type Database, openChildProcess, openDatabase } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import type { LiveQueryContract, SubscribeHead, SubscribeRequest } from '../src/live-query-port.ts'
import { type Line, SCHEMA } from './fixture.ts'

const ALL = 'SELECT id, app FROM machines'
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
const PATIENCE_MS = millis(10_000)

describe('live-query process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-live-process-'))
  const path = join(folder, 'a.db')
  const statePath = join(folder, 'live.db')
  let writer: Database
  let port: Port<LiveQueryContract>

  const open = (end: string): Port<LiveQueryContract> =>
    openChildProcess<LiveQueryContract>({
      module: new URL('./live-query-child.ts', import.meta.url),
      args: [path, statePath, end],
      output: 'ignore',
    })

  before(() => {
    writer = openDatabase(path, { durability: 'normal' })
    writer.exec(SCHEMA)
  })
  after(() => {
    writer.close()
    rmSync(folder, { recursive: true })
  })
  beforeEach(() => {
    port = open('other')
  })
  afterEach(async () => {
    await port.close()
    writer.exec('DELETE FROM machines')
  })

  async function subscribe(request: SubscribeRequest): Promise<PortStream<SubscribeHead>> {
    const opened = await port.openStream('subscribe', request)
    assert(opened.ok, JSON.stringify(opened))
    return opened.value
  }

  async function write(sql: string): Promise<void> {
    writer.exec(sql)
    const reply = await port.call('changed', { tables: [{ table: 'machines', columns: 'all' }] })
    assert(reply.ok)
  }

  /** Lines until one that satisfies. */
  async function until(stream: PortStream<SubscribeHead>, last: (line: Line) => boolean): Promise<Line[]> {
    const lines: Line[] = []
    for (;;) {
      const step = await stream.chunks.next()
      assert(step.done !== true, 'the stream has ended')
      for (const text of new TextDecoder().decode(step.value).split('\n'))
        if (text !== '') lines.push(JSON.parse(text) as Line)
      const final = lines.at(-1)
      if (final !== undefined && last(final)) return lines
    }
  }

  const isEnd = (line: Line): boolean => 'eoq' in line
  const isChange =
    (id: number) =>
    (line: Line): boolean =>
      'change' in line && line.change[3] === id
  const idOf = (head: SubscribeHead): string =>
    head.kind === 'subscribed' ? head.id : assert.fail(head.message)

  it('streams rows and changes, and resumes over a kill', async () => {
    writer.exec(`INSERT INTO machines VALUES (1, 'a', 1, 'n', 1)`)
    const stream = await subscribe({ statement: { sql: ALL, params: [] } })
    assert.equal((await until(stream, isEnd)).length, 3)
    await write(`INSERT INTO machines VALUES (2, 'b', 1, 'n', 1)`)
    await until(stream, isChange(1))
    port.kill()
    await port.closed
    await assert.rejects(async () => void (await stream.chunks.next()))
    writer.exec(`DELETE FROM machines WHERE id = 1`)
    port = open('other')
    const resumed = await subscribe({ id: idOf(stream.head), from: 1 })
    const [line] = await until(resumed, isChange(2))
    assert.deepEqual(line, { change: ['delete', 1, [1, 'a'], 2] })
    await resumed.chunks.return?.()
  })

  it('frees a stream that waits for a change when its client goes', async () => {
    const stream = await subscribe({ statement: { sql: 'SELECT id FROM machines', params: [] } })
    await until(stream, isEnd)
    const pending = stream.chunks.next()
    await port.call('ready', null)
    await stream.chunks.return?.()
    assert.equal((await pending).done, true)
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const info = await port.call('info', idOf(stream.head))
      if (info.ok && info.value?.subscribers === 0) return
      assert(Date.now() < deadline, 'the subscriber is still there')
    }
  })

  it('ends streams that wait when it is stopped in order', async () => {
    const stream = await subscribe({ statement: { sql: ALL, params: [] } })
    await until(stream, isEnd)
    await port.close()
    assert.equal((await stream.chunks.next()).done, true)
  })

  it('is killed in an endless statement, and refuses it afterwards', async () => {
    const kept = await subscribe({ statement: { sql: ALL, params: [] } })
    await until(kept, isEnd)
    const statement = { sql: ENDLESS, params: [] }
    const hung = port.openStream('subscribe', { statement })
    const ready = await port.call('ready', null, { deadlineMs: millis(300) })
    assert.equal(!ready.ok && ready.error.kind, 'timeout')
    port.kill()
    assert.equal((await hung).ok, false)
    await port.closed
    port = open('deadline')
    const { head } = await subscribe({ statement })
    assert.equal(head.kind === 'refused' && head.code, 'too-slow')
    const again = await subscribe({ id: idOf(kept.head) })
    assert.equal(again.head.kind, 'subscribed')
    await again.chunks.return?.()
  })

  it('ends where its own file cannot be written: its successor begins with what is there', async () => {
    const other = join(folder, 'damaged.db')
    const doomed = openChildProcess<LiveQueryContract>({
      module: new URL('./live-query-child.ts', import.meta.url),
      args: [path, other, 'other'],
      output: 'ignore',
    })
    const ready = await doomed.call('ready', null)
    assert(ready.ok)
    const file = new BetterSqlite3(other)
    file.exec('DROP TABLE result_rows')
    file.close()
    const opened = await doomed.openStream('subscribe', { statement: { sql: ALL, params: [] } })
    assert.equal(opened.ok, false)
    assert.match((await doomed.closed).reason, /exit code/)
  })

  it('hears of members', async () => {
    const sql = 'SELECT name, state FROM patina_members'
    const stream = await subscribe({ statement: { sql, params: [] } })
    await until(stream, isEnd)
    await port.call('members', [['a', 'one', '10.0.0.1:1', 'alive', null, null, 3n, 0n]])
    const [line] = await until(stream, isChange(1))
    assert.deepEqual(line, { change: ['insert', 1, ['one', 'alive'], 1] })
    const list = await port.call('list', null)
    assert(list.ok)
    assert.equal(
      list.value.some((info) => info.sql === sql),
      true,
    )
    await stream.chunks.return?.()
  })
})
