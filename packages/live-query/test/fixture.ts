/**
 * What the tests of this package share: a database with a plain writer of its own, an engine over it with a clock that the
 * test turns, and a client that rebuilds a result from the lines of a stream.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type Instant, instant, type Millis, millis, NEVER } from '@patina/base'
import { type Database, openDatabase } from '@patina/sqlite'
import type { ChangedTable } from '../src/core/dependents.ts'
import type { Subscriber } from '../src/core/subscriber.ts'
import type { SubscribeHead, SubscribeOptions, SubscribeRequest } from '../src/live-query-port.ts'
import { LiveQueries, type LiveQueriesOptions } from '../src/sqlite/live-queries.ts'

export const SCHEMA = `
  CREATE TABLE machines (id INTEGER PRIMARY KEY, app TEXT, state TEXT, node TEXT, weight);
  CREATE TABLE apps (name TEXT PRIMARY KEY NOT NULL, owner TEXT, size INTEGER) WITHOUT ROWID;`

export type Line =
  | { readonly columns: readonly string[] }
  | { readonly row: readonly [number, readonly unknown[]] }
  | { readonly eoq: { readonly time: number; readonly change_id: number } }
  | { readonly change: readonly [string, number, readonly unknown[], number] }
  | { readonly mark: number }
  | { readonly error: string; readonly code?: string; readonly last_change_id?: number }

export class Bench {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'patina-live-'))
  readonly path: string = join(this.folder, 'a.db')
  readonly writer: Database
  engine: LiveQueries
  now: Instant = instant(0)
  readonly #options: Partial<LiveQueriesOptions>

  constructor(options: Partial<LiveQueriesOptions> = {}, schema = SCHEMA) {
    this.writer = openDatabase(this.path, { durability: 'normal' })
    this.writer.exec(schema)
    this.#options = options
    this.engine = this.open()
  }

  open(more: Partial<LiveQueriesOptions> = {}): LiveQueries {
    return new LiveQueries({
      path: this.path,
      statePath: join(this.folder, 'live.db'),
      clock: () => this.now,
      bootId: 'boot-1',
      ...this.#options,
      ...more,
    })
  }

  restart(more: Partial<LiveQueriesOptions> = {}): void {
    this.engine.close()
    this.engine = this.open(more)
  }

  /** Writes, tells and runs until nothing is due. */
  write(sql: string, changed: readonly ChangedTable[] = EVERYTHING): void {
    this.writer.exec(sql)
    this.engine.changed(changed)
    this.settle()
  }

  settle(): void {
    for (let due = this.engine.work(); due !== NEVER; due = this.engine.work())
      if (due > this.now) this.now = due
  }

  pass(ms: number): void {
    this.now = after(this.now, millis(ms) as Millis)
  }

  subscribe(sql: string, options: SubscribeOptions = {}): Client {
    return this.openStream({ statement: { sql, params: [] }, ...options })
  }

  resume(id: string, from: number): Client {
    return this.openStream({ id, from })
  }

  head(request: SubscribeRequest): SubscribeHead {
    return this.engine.subscribe(request).head
  }

  close(): void {
    this.engine.close()
    this.writer.close()
    rmSync(this.folder, { recursive: true })
  }

  openStream(request: SubscribeRequest): Client {
    const { head, subscriber } = this.engine.subscribe(request)
    assert(head.kind === 'subscribed' && subscriber !== undefined, JSON.stringify(head))
    return new Client(head.id, head.hash, subscriber)
  }
}

export const EVERYTHING: readonly ChangedTable[] = [
  { table: 'machines', columns: 'all' },
  { table: 'apps', columns: 'all' },
]

/** Rebuilds a result from its lines, and insists on contiguous ids and on rows that are there. */
export class Client {
  readonly id: string
  readonly hash: string
  readonly subscriber: Subscriber
  readonly lines: Line[] = []
  readonly rows: Map<number, string> = new Map<number, string>()
  lastChangeId = 0
  readonly #knowsRows: boolean

  constructor(id: string, hash: string, subscriber: Subscriber, from?: Client) {
    this.id = id
    this.hash = hash
    this.subscriber = subscriber
    this.#knowsRows = from === undefined
    for (const [rowId, cells] of from?.rows ?? []) this.rows.set(rowId, cells)
    this.lastChangeId = from?.lastChangeId ?? 0
  }

  /** Reads what waits. */
  read(): this {
    for (const line of linesOf(this.subscriber)) {
      this.lines.push(line)
      this.#take(line)
    }
    return this
  }

  sorted(): string[] {
    return [...this.rows.values()].sort()
  }

  changes(): string[] {
    return this.lines.flatMap((line) =>
      'change' in line ? [`${line.change[0]} ${JSON.stringify(line.change[2])}`] : [],
    )
  }

  error(): { readonly error: string; readonly code?: string; readonly last_change_id?: number } | undefined {
    return this.lines.find((line) => 'error' in line)
  }

  #take(line: Line): void {
    if ('row' in line) this.rows.set(line.row[0], JSON.stringify(line.row[1]))
    if ('eoq' in line) this.lastChangeId = line.eoq.change_id
    if (!('change' in line)) return
    const [kind, rowId, cells, changeId] = line.change
    if (this.lastChangeId > 0 || this.#knowsRows) assert.equal(changeId, this.lastChangeId + 1)
    this.lastChangeId = changeId
    if (kind === 'delete') this.rows.delete(rowId)
    else this.rows.set(rowId, JSON.stringify(cells))
  }
}

export function linesOf(subscriber: Subscriber): Line[] {
  let text = ''
  const decoder = new TextDecoder()
  for (let taken = subscriber.take(); typeof taken !== 'string'; taken = subscriber.take())
    text += decoder.decode(taken, { stream: true })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
