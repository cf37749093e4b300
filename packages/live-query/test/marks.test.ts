/**
 * I-LIVE-9: what a reader has at a mark is what the query gave at one commit, whatever was written together, wherever the
 * reader left off and came back, and whatever was lost by lag, purged history and restarts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { cellsText } from '@patina/sqlite'
import { Bench, EVERYTHING, type Line, linesOf } from './fixture.ts'

const SQL = 'SELECT id, app, state FROM machines WHERE id < 40'
/** Small ones, so that runs are cut and readers lag. */
const LIMITS = { historyChangesMax: 12, historyBytesMax: 600, bufferBytesMax: 900 }
const SEEDS = 30
const STEPS = 60

const kindOf = (line: Line): string => Object.keys(line)[0] as string

test('a mark is behind the last change of a run, one for all of them, and only for who asks', () => {
  const bench = new Bench()
  const marked = bench.subscribe(SQL, { marks: true })
  const plain = bench.subscribe(SQL)
  const since = bench.subscribe(SQL, { marks: true, skipRows: true })
  bench.write(`INSERT INTO machines (id) VALUES (1), (2); UPDATE machines SET app = 'a'`)
  bench.write('DELETE FROM machines')
  const kinds = ['change', 'change', 'mark']
  assert.deepEqual(linesOf(marked.subscriber).map(kindOf), ['columns', 'eoq', ...kinds, ...kinds])
  assert.deepEqual(linesOf(since.subscriber).map(kindOf), ['mark', ...kinds, ...kinds])
  assert.equal(linesOf(plain.subscriber).map(kindOf).includes('mark'), false)
  bench.close()
})

test('who comes back inside of a run gets its rest and then one mark; who has all of it gets the mark', () => {
  const bench = new Bench()
  const { id } = bench.subscribe(SQL)
  for (const from of [1, 4, 7])
    bench.write(`INSERT INTO machines (id) VALUES (${from}), (${from + 1}), (${from + 2})`)
  const lines = (from: number): Line[] => linesOf(bench.openStream({ id, from, marks: true }).subscriber)
  assert.deepEqual(lines(5).map(kindOf), ['change', 'change', 'change', 'change', 'mark'])
  assert.deepEqual(lines(9), [{ mark: 9 }])
  bench.restart()
  assert.deepEqual(lines(8).at(-1), { mark: 9 })
  bench.close()
})

/** Holds a result as a client does, and is told at a mark that it is whole. */
class Reader {
  readonly #bench: Bench
  readonly #waitsForMarks: boolean
  #id: string | undefined
  #last = 0
  #isComplete = false
  #rows = new Map<number, string>()
  #pending: (readonly [string, number, readonly unknown[], number])[] = []
  #unread: Line[] = []
  #stream: ReturnType<Bench['openStream']> | undefined

  constructor(bench: Bench, waitsForMarks: boolean) {
    this.#bench = bench
    this.#waitsForMarks = waitsForMarks
  }

  /** What it would show; undefined while it has nothing whole. */
  shown(): string | undefined {
    return this.#isComplete ? textOf([...this.#rows.values()]) : undefined
  }

  /** Reads so many lines, and opens a stream where it has none. */
  read(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.#stream ??= this.#open()
      this.#unread.push(...linesOf(this.#stream.subscriber))
      const line = this.#unread.shift()
      if (line === undefined) return
      this.#take(line)
    }
  }

  /** The connection breaks: what it has not read is lost. */
  breakOff(): void {
    if (this.#stream !== undefined) this.#bench.engine.unsubscribe(this.#stream.id, this.#stream.subscriber)
    this.#stream = undefined
    this.#unread = []
    if (!this.#isComplete) this.#id = undefined
  }

  #open(): ReturnType<Bench['openStream']> {
    if (this.#id !== undefined && this.#last > 0)
      return this.#bench.openStream({ id: this.#id, from: this.#last, marks: true })
    const stream = this.#bench.subscribe(SQL, { marks: true })
    this.#id = stream.id
    return stream
  }

  #take(line: Line): void {
    if ('columns' in line) this.#begin()
    else if ('row' in line) this.#rows.set(line.row[0], JSON.stringify(line.row[1]))
    else if ('eoq' in line) {
      this.#last = line.eoq.change_id
      this.#isComplete = true
    } else if ('change' in line) {
      assert.equal(line.change[3], this.#last + 1)
      this.#last += 1
      this.#pending.push(line.change)
      if (!this.#waitsForMarks) this.#apply()
    } else if ('mark' in line) {
      assert.equal(line.mark, this.#last)
      this.#apply()
    } else this.#fail(line)
  }

  #begin(): void {
    this.#isComplete = false
    this.#rows.clear()
    this.#pending = []
  }

  #apply(): void {
    for (const [kind, rowId, cells] of this.#pending)
      if (kind === 'delete') this.#rows.delete(rowId)
      else this.#rows.set(rowId, JSON.stringify(cells))
    this.#pending = []
  }

  #fail({ error, code }: { readonly error: string; readonly code?: string }): void {
    assert.ok(code === 'lagged' || error.includes('already deleted'), error)
    if (code !== 'lagged') this.#id = undefined
    this.breakOff()
  }
}

function textOf(rows: readonly string[]): string {
  return rows.toSorted().join(' ')
}

/** The table and all that it was at a commit. */
class History {
  readonly bench = new Bench({ limits: LIMITS })
  readonly states: string[] = []

  constructor() {
    this.commit([])
  }

  /** One transaction, of which the engine need not hear yet. */
  commit(statements: readonly string[]): void {
    this.bench.writer.exec(`BEGIN; ${statements.join(';')}; COMMIT`)
    const rows = this.bench.writer.prepare<[], unknown[]>(SQL).raw().all()
    this.states.push(textOf(rows.map((row) => JSON.stringify(JSON.parse(cellsText(row))))))
  }

  tell(): void {
    this.bench.engine.changed(EVERYTHING)
    this.bench.settle()
  }
}

function randomTransaction(prng: Prng): string[] {
  return Array.from({ length: 1 + prng.below(4) }, () => {
    const [low, app] = [prng.below(40), prng.below(3)]
    const high = low + 1 + prng.below(12)
    if (prng.chance(1, 3)) return `DELETE FROM machines WHERE id >= ${low} AND id < ${high}`
    if (prng.chance(1, 2)) return `UPDATE machines SET app = 'app${app}' WHERE id >= ${low} AND id < ${high}`
    return `INSERT OR REPLACE INTO machines (id, app, state) WITH RECURSIVE n(i) AS
      (SELECT ${low} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${high}) SELECT i, 'app${app}', ${prng.below(3)} FROM n`
  })
}

/** How often the reader had what the table never was; what it ends with is right in any case. */
function wrongStates(seed: number, waitsForMarks: boolean): number {
  const prng = new Prng(seed)
  const history = new History()
  const reader = new Reader(history.bench, waitsForMarks)
  let wrong = 0
  /** The newest commit that it has shown: it goes on from there and never back. */
  let at = 0
  const look = (): void => {
    const shown = reader.shown()
    if (shown === undefined) return
    const found = history.states.indexOf(shown, at)
    if (found === -1) wrong += 1
    else at = found
  }
  try {
    for (let step = 0; step < STEPS; step += 1) {
      const kind = prng.below(10)
      if (kind < 3) history.commit(randomTransaction(prng))
      else if (kind < 5) history.tell()
      else if (kind === 5) reader.breakOff()
      else if (kind === 6 && prng.chance(1, 3)) {
        reader.breakOff()
        history.bench.restart()
      } else reader.read(prng.below(9))
      look()
    }
    history.tell()
    reader.read(10_000)
    look()
    assert.equal(reader.shown(), history.states.at(-1), `seed ${seed}`)
  } finally {
    history.bench.close()
  }
  return wrong
}

test('I-LIVE-9: who waits for marks has only states of commits, in their order', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) assert.equal(wrongStates(seed, true), 0, `seed ${seed}`)
})

test('who does not wait has states that never were', () => {
  let wrong = 0
  for (let seed = 1; seed <= 5; seed += 1) wrong += wrongStates(seed, false)
  assert.ok(wrong > 10, `${wrong}`)
})
