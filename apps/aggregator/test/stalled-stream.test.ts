/**
 * A mass deletion over a link that stalls and breaks: a regional agent whose lines a test hands out one by one, the real
 * client, a roll-up and a global table. No part of the deletion is published.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { instant, millis, Prng } from '@patina/base'
import { type Client, createClient, type Statement } from '@patina/client'
import { EvidenceSource } from '../src/evidence.ts'
import { QUIET_MS } from '../src/pacing.ts'
import { Publisher } from '../src/publisher.ts'
import { Rollup } from '../src/rollup.ts'

const SPEC = { into: 'regions', query: 'SELECT app, n FROM machines', key: ['app'], maxShrink: 0.5 }
const ID = '00000000-0000-4000-8000-000000000001'
const APPS = 40
/** Of one transaction. */
const DELETED = 36
const DEADLINE_MS = 5_000

/** A regional agent that gives marks, and says of its live result what it is told to say. */
class RegionalAgent {
  /** Paths of its requests. */
  readonly asked: string[] = []
  readonly address: string
  #stream: ServerResponse | undefined

  private constructor(address: string) {
    this.address = address
  }

  static async start(t: TestContext): Promise<RegionalAgent> {
    const server = createServer((request, response) => {
      agent.#answer(new URL(request.url ?? '', 'http://agent'), response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const agent = new RegionalAgent(`127.0.0.1:${(server.address() as AddressInfo).port}`)
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    return agent
  }

  /** Lines, and then nothing for longer than a burst is folded. */
  async send(...lines: readonly object[]): Promise<void> {
    this.#stream?.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await new Promise((resolve) => setTimeout(resolve, 2 * QUIET_MS))
  }

  cut(): void {
    this.#stream?.destroy()
  }

  #answer({ pathname, searchParams }: URL, response: ServerResponse): void {
    this.asked.push(`${pathname}${searchParams.has('from') ? ' from' : ''}`)
    if (pathname === '/readyz') {
      response.end('{"status":"ready"}')
      return
    }
    response.writeHead(200, { 'corro-query-id': ID, 'patina-marks': searchParams.get('marks') ?? 'false' })
    response.flushHeaders()
    this.#stream = response
  }
}

function row(at: number): object {
  return { row: [at + 1, [`app${at + 1}`, 1]] }
}

/** A table of the global cluster. */
function globalTable(t: TestContext): { readonly client: Client; readonly count: () => number } {
  const db = new DatabaseSync(':memory:')
  t.after(() => db.close())
  db.exec('CREATE TABLE regions (app TEXT, region TEXT, n INTEGER, PRIMARY KEY (app, region))')
  const query = (sql: string, params: SQLInputValue[]): object => {
    const statement = db.prepare(sql)
    statement.setReturnArrays(true)
    return { all: async () => statement.all(...params) }
  }
  const execute = async (statements: readonly Statement[]): Promise<object> => {
    for (const [sql, params] of statements as [string, SQLInputValue[]][]) db.prepare(sql).run(...params)
    return { version: 1 }
  }
  const count = (): number => Number(db.prepare('SELECT count(*) AS n FROM regions').get()?.n)
  return { client: { query, execute } as unknown as Client, count }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!holds()) {
    assert.ok(performance.now() < deadline, `${what}: not in time`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

test('of a mass deletion over a link that stalls and breaks no part is published', async (t) => {
  const agent = await RegionalAgent.start(t)
  const { client: global, count } = globalTable(t)
  const rollup = new Rollup({ spec: SPEC, region: 'syd', holdMs: millis(60_000), guardedSizeMin: 10 })
  const regional = createClient({ addresses: agent.address })
  const publisher = new Publisher({
    rollup,
    region: 'syd',
    regional,
    global,
    evidence: new EvidenceSource({
      regional,
      spec: SPEC,
      missedElsewhere: () => new Set(),
      latelyMs: millis(60_000),
    }),
    holdMs: millis(60_000),
    fullCompareMs: millis(100),
    writeMs: () => millis(4_000),
    now: () => instant(performance.now()),
    prng: new Prng(1),
    tell: () => {},
  })
  const end = new AbortController()
  const runs = publisher.run(end.signal)
  t.after(async () => {
    end.abort()
    await runs
  })
  await until('it is asked', () => agent.asked.length === 2)
  const rows = Array.from({ length: APPS }, (_, at) => row(at))
  await agent.send({ columns: ['app', 'n'] }, ...rows, { eoq: { time: 0.1, change_id: 0 } })
  await until('all is published', () => count() === APPS)

  const deletions = Array.from({ length: DELETED }, (_, at) => ({
    change: ['delete', at + 1, [`app${at + 1}`, 1], at + 1],
  }))
  const nothingIsPublished = (when: string): void =>
    assert.deepEqual([count(), rollup.hold.kind], [APPS, 'none'], when)
  // Parts that the guard would let through one after the other.
  for (let at = 0; at < DELETED; at += 9) {
    await agent.send(...deletions.slice(at, at + 9))
    nothingIsPublished(`after ${at + 9}`)
  }
  agent.cut()
  await until('it is asked again', () => agent.asked.length === 4)
  assert.deepEqual(agent.asked, ['/readyz', '/v1/subscriptions', '/readyz', '/v1/subscriptions'])
  await agent.send({ columns: ['app', 'n'] }, ...rows.slice(DELETED, -1))
  nothingIsPublished('within the new result')
  await agent.send(row(APPS - 1), { eoq: { time: 0.1, change_id: DELETED } })
  await until('it is held', () => rollup.hold.kind === 'held')
  assert.deepEqual([count(), rollup.rows], [APPS, APPS - DELETED])
  assert.equal(publisher.release(), true)
  await until('it is let through', () => count() === APPS - DELETED)
})
