import assert from 'node:assert/strict'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { type Instant, instant, type Millis, millis, Prng } from '@patina/base'
import type { BatchEvent, Cell, Client, Statement } from '@patina/client'
import type { Evidence } from './evidence.ts'
import { Publisher, type PublisherEvent } from './publisher.ts'
import { Rollup } from './rollup.ts'

const SPEC = { into: 'regions', query: 'SELECT app, n FROM machines', key: ['app'], maxShrink: 0.5 }
const NOW = (): Instant => instant(performance.now())
const DEADLINE_MS = 2_000

/** A regional agent whose live result a test pushes, and a global one with a table. */
class Agents {
  readonly db: DatabaseSync
  readonly told: PublisherEvent[] = []
  /** Called before each write. */
  beforeWrite: () => void = () => {}
  writeMs: Millis | undefined = millis(4_000)
  evidence: () => Promise<Omit<Evidence, 'was' | 'missing'> | undefined> = async () => undefined
  /** What was asked of evidence, and what was believed. */
  readonly sought: string[] = []
  isReady = true
  /** Streams of the regional agent that were opened. */
  opened = 0
  reads = 0
  /** Once or more in each turn. */
  asked = 0
  readonly publisher: Publisher
  readonly #end = new AbortController()
  readonly #events: BatchEvent[] = []
  #more = Promise.withResolvers<void>()
  #failure: Error | undefined

  constructor(t: TestContext, fullCompareMs = 300_000, shared?: DatabaseSync) {
    this.db = shared ?? new DatabaseSync(':memory:')
    this.db.exec(
      'CREATE TABLE IF NOT EXISTS regions (app TEXT, region TEXT, n INTEGER, PRIMARY KEY (app, region))',
    )
    this.publisher = new Publisher({
      rollup: new Rollup({ spec: SPEC, region: 'syd', holdMs: millis(60_000), guardedSizeMin: 10 }),
      region: 'syd',
      regional: { isReady: async () => this.isReady, subscribe: this.#subscribe } as unknown as Client,
      global: { query: this.#query, execute: this.#execute } as unknown as Client,
      evidence: {
        learn: async () => void this.sought.push('learn'),
        observe: async () => void this.sought.push('observe'),
        seek: async (_, sizes) => {
          this.sought.push('seek')
          const found = await this.evidence()
          const was = sizes()
          return found === undefined || was === undefined ? undefined : { ...found, was, missing: new Set() }
        },
        accept: ({ hosts }) => void this.sought.push(`accept ${hosts}`),
      },
      holdMs: millis(60_000),
      fullCompareMs: millis(fullCompareMs),
      writeMs: () => {
        this.asked += 1
        return this.writeMs
      },
      now: NOW,
      prng: new Prng(1),
      tell: (event) => this.told.push(event),
    })
    const runs = this.publisher.run(this.#end.signal)
    t.after(async () => {
      this.#end.abort()
      await runs
      if (shared === undefined) this.db.close()
    })
  }

  push(...events: readonly BatchEvent[]): void {
    this.#events.push(...events)
    this.#more.resolve()
  }

  pushResult(...rows: readonly (readonly Cell[])[]): void {
    this.push(
      { kind: 'columns', columns: ['app', 'n'] },
      ...rows.map((cells, at): BatchEvent => ({ kind: 'row', rowId: at, cells })),
      { kind: 'eoq', seconds: 0 },
    )
  }

  breakStream(): void {
    this.#failure = new Error('cut')
    this.#more.resolve()
  }

  stored(): string {
    return JSON.stringify(
      this.db.prepare("SELECT app, n FROM regions WHERE region = 'syd' ORDER BY app").all(),
    )
  }

  count(): number {
    return Number(this.db.prepare('SELECT count(*) AS n FROM regions').get()?.n)
  }

  #subscribe = (_: unknown, { attemptsMax }: { attemptsMax: number }): object => {
    assert.equal(attemptsMax, 0, 'a stream that breaks is not taken up again by itself')
    this.opened += 1
    return { batches: () => this.#stream() }
  }

  async *#stream(): AsyncGenerator<BatchEvent> {
    for (;;) {
      while (this.#events.length > 0) yield this.#events.shift() as BatchEvent
      const failure = this.#failure
      this.#failure = undefined
      if (failure !== undefined) throw failure
      this.#more = Promise.withResolvers()
      this.#end.signal.addEventListener('abort', () => this.#more.reject(new Error('over')), { once: true })
      await this.#more.promise
    }
  }

  #query = (sql: string, params: SQLInputValue[]): { readonly all: () => Promise<unknown[]> } => {
    this.reads += 1
    const statement = this.db.prepare(sql)
    statement.setReturnArrays(true)
    return { all: async () => statement.all(...params) }
  }

  #execute = async (statements: readonly Statement[]): Promise<{ readonly version: number }> => {
    this.beforeWrite()
    for (const [sql, params] of statements as [string, SQLInputValue[]][]) this.db.prepare(sql).run(...params)
    return { version: 1 }
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'not in time')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const ROWS = [{ app: 'a', n: 1 }]

test('what the result has is written; a change is written as one row', async (t) => {
  const agents = new Agents(t)
  agents.pushResult(['a', 1], ['b', 2])
  await until(() => agents.count() === 2)
  const change = { kind: 'change', change: 'update', rowId: 1, cells: ['b', 3], changeId: 1 } as const
  agents.push({ kind: 'changes', changes: [change] })
  await until(() => agents.stored().includes('"n":3'))
  const wrote = agents.told.filter((event) => event.kind === 'wrote')
  assert.deepEqual(
    wrote.map(({ batch }) => batch.statements.length),
    [2, 1],
  )
})

test('who may not write writes nothing, and does when its turn comes', async (t) => {
  const agents = new Agents(t)
  agents.writeMs = undefined
  agents.pushResult(['a', 1])
  await until(() => agents.publisher.rollup.isFit)
  assert.equal(agents.stored(), '[]')
  agents.writeMs = millis(4_000)
  agents.publisher.look()
  await until(() => agents.stored() === JSON.stringify(ROWS))
})

test('the lease is asked before each transaction: who loses it midway stops there', async (t) => {
  const agents = new Agents(t)
  agents.beforeWrite = () => {
    agents.writeMs = undefined
  }
  agents.pushResult(...Array.from({ length: 1_200 }, (_, n): [string, number] => [`app${n}`, n]))
  await until(() => agents.count() > 0)
  assert.equal(agents.count(), 500)
  agents.beforeWrite = () => {}
  agents.writeMs = millis(4_000)
  agents.publisher.look()
  await until(() => agents.count() === 1_200)
})

test('after a write without an answer the table is read again', async (t) => {
  const agents = new Agents(t)
  let fails = true
  agents.beforeWrite = () => {
    if (fails) throw new Error('no answer')
  }
  agents.pushResult(['a', 1])
  await until(() => agents.told.some(({ kind }) => kind === 'failed'))
  const { reads } = agents
  fails = false
  await until(() => agents.stored() === JSON.stringify(ROWS))
  assert.ok(agents.reads > reads)
})

test('rows edited by hand are put right by the next full compare', async (t) => {
  const agents = new Agents(t, 20)
  agents.pushResult(['a', 1])
  await until(() => agents.count() === 1)
  agents.db.exec("UPDATE regions SET n = 7; INSERT INTO regions VALUES ('ghost', 'syd', 1)")
  await until(() => agents.stored() === JSON.stringify(ROWS))
})

test('a stream that breaks makes it unfit, and a new result is compared in full', async (t) => {
  const agents = new Agents(t)
  agents.pushResult(['a', 1], ['b', 1])
  await until(() => agents.count() === 2)
  agents.breakStream()
  await until(() => !agents.publisher.rollup.isFit)
  assert.equal(agents.publisher.trouble, 'cut')
  assert.ok(agents.told.some((event) => event.kind === 'failed' && event.of === 'regional'))
  agents.pushResult(['a', 1])
  await until(() => agents.stored() === JSON.stringify(ROWS))
  assert.equal(agents.publisher.trouble, undefined)
})

test('each result is asked for only after the regional agent has said that it is ready', async (t) => {
  const agents = new Agents(t)
  agents.pushResult(['a', 1])
  await until(() => agents.count() === 1)
  agents.isReady = false
  agents.breakStream()
  await until(() => agents.publisher.trouble?.includes('not ready') === true)
  assert.equal(agents.opened, 1)
  agents.isReady = true
  agents.pushResult(['a', 1])
  await until(() => agents.publisher.rollup.isFit)
  assert.deepEqual([agents.opened, agents.publisher.trouble], [2, undefined])
})

test('what shrinks too much is held and told; a release publishes it', async (t) => {
  const agents = new Agents(t)
  const rows = Array.from({ length: 20 }, (_, n): [string, number] => [`app${n}`, 1])
  agents.pushResult(...rows)
  await until(() => agents.count() === 20)
  agents.pushResult(...rows.slice(0, 5))
  await until(() => agents.told.some((event) => event.kind === 'hold' && event.hold.kind === 'held'))
  assert.equal(agents.count(), 20)
  assert.equal(agents.publisher.release(), true)
  await until(() => agents.count() === 5)
})

test('what hosts that have gone explain is published and never told as held; what was deleted is held', async (t) => {
  const agents = new Agents(t)
  const rows = Array.from({ length: 40 }, (_, n): [string, number] => [`app${n}`, 1])
  const sizes = new Map([
    ['rows', 40],
    ['sum of n', 40],
  ])
  agents.evidence = async () => ({ sizes, hosts: ['h1'] })
  agents.pushResult(...rows)
  await until(() => agents.count() === 40)
  agents.pushResult(...rows.slice(0, 15))
  await until(() => agents.count() === 15)
  const told = agents.told.filter(({ kind }) => kind === 'hold' || kind === 'explained')
  assert.deepEqual(told, [{ kind: 'explained', lost: 1 }])
  assert.deepEqual(agents.sought, ['learn', 'seek', 'accept h1'])
  agents.evidence = async () => ({ sizes: new Map([['rows', 4]]), hosts: ['h2'] })
  agents.pushResult(...rows.slice(0, 4))
  await until(() => agents.told.some((event) => event.kind === 'hold' && event.hold.kind === 'held'))
  assert.equal(agents.count(), 15)
  agents.evidence = async () => ({ sizes, hosts: ['h2', 'h3'] })
  await until(() => agents.count() === 4)
})

test('where evidence cannot be had it is held, and why is told', async (t) => {
  const agents = new Agents(t)
  agents.evidence = async () => {
    throw new Error('no answer')
  }
  agents.pushResult(...Array.from({ length: 20 }, (_, n): [string, number] => [`app${n}`, 1]))
  await until(() => agents.count() === 20)
  agents.pushResult(['app0', 1])
  await until(() => agents.told.some((event) => event.kind === 'hold' && event.hold.kind === 'held'))
  assert.ok(agents.told.some((event) => event.kind === 'failed' && event.of === 'regional'))
  assert.equal(agents.count(), 20)
})

test('two that write at once with other views overwrite each other, until the one that is not the writer stops', async (t) => {
  const first = new Agents(t, 10)
  const second = new Agents(t, 10, first.db)
  first.pushResult(['a', 1])
  second.pushResult(['a', 2], ['b', 2])
  await until(() => first.stored().includes('"b"'))
  second.writeMs = undefined
  second.publisher.look()
  await until(() => first.stored() === JSON.stringify(ROWS))
  const { reads } = first
  await until(() => first.reads > reads + 3)
  assert.equal(first.stored(), JSON.stringify(ROWS))
})

test('without a result nothing is done, though a compare is due', async (t) => {
  const agents = new Agents(t, 1)
  agents.pushResult(['a', 1])
  await until(() => agents.count() === 1)
  agents.push({ kind: 'columns', columns: ['app', 'n'] })
  await until(() => !agents.publisher.rollup.isComplete)
  await new Promise((resolve) => setTimeout(resolve, 5))
  const { asked } = agents
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.ok(agents.asked <= asked + 1, `${agents.asked - asked} turns`)
})

test('who waits for its turn remembers nothing of what is stored', async (t) => {
  const agents = new Agents(t)
  agents.writeMs = undefined
  agents.pushResult(['a', 1])
  await until(() => agents.publisher.rollup.isFit && !agents.publisher.rollup.isStoredKnown)
})
