/**
 * Random histories with forks on real stores: disks are cloned while their first copy writes on, or set back to an earlier
 * state; members die for good; answers come in part. When all is quiet the living must hold the same rows under the same
 * stamps, agree with themselves, and have lost nothing that any of the living held. All of it follows from one seed.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorId, actorId, must, Prng, type SqliteValue } from '@patina/base'
import { openStore, type Store } from '../../src/index.ts'
import { randomOperation } from '../laws/operations.ts'
import { FULL_SCHEMA } from '../laws/tables.ts'
import { ForkMember } from './fork-member.ts'

const FORKS_MAX = 2
const QUIET_ROUNDS = 4

/** `quiet`: nothing forked, or nobody could notice. */
export type Outcome = 'quiet' | 'repaired'

export function runForks(seed: number, folder: string): Outcome {
  const world = new ForkWorld(seed, folder)
  try {
    return world.run()
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause })
  } finally {
    world.close()
  }
}

class ForkWorld {
  readonly #seed: number
  readonly #prng: Prng
  readonly #folder: string
  readonly #all: Store[] = []
  #alive: ForkMember[]
  #forks = 0
  #micros = 1_700_000_000_000_000
  #files = 0

  constructor(seed: number, folder: string) {
    this.#seed = seed
    this.#prng = new Prng(seed)
    this.#folder = folder
    this.#alive = ['a', 'b', 'c', 'd'].map((name) => {
      const store = this.#open(':memory:')
      store.applySchema([{ name: 'laws.sql', sql: FULL_SCHEMA.sql }])
      return new ForkMember(name, store)
    })
  }

  run(): Outcome {
    for (let steps = this.#prng.between(20, 50); steps > 0; steps -= 1) this.#step()
    const best = this.#alive.map(({ store }) => rowsOf(store))
    for (let round = 0; round < QUIET_ROUNDS; round += 1)
      for (const to of this.#alive)
        for (const from of this.#alive) if (to !== from) to.meet(from, this.#alive)
    for (const { store, name } of this.#alive) assert.deepEqual(store.verify(), [], name)
    if (this.#isUnnoticed()) return 'quiet'
    this.#compare(best)
    return this.#forks === 0 ? 'quiet' : 'repaired'
  }

  close(): void {
    for (const store of this.#all) store.close()
  }

  #step(): void {
    const [member, what] = [this.#pick(this.#alive), this.#prng.below(100)]
    if (what < 45) this.#write(member)
    else if (what < 85) this.#meet(member)
    else if (what < 91 && this.#forks < FORKS_MAX) this.#clone(member)
    else if (what < 94 && this.#alive.length > 2)
      this.#alive = this.#alive.filter((other) => other !== member)
  }

  #write({ store }: ForkMember): void {
    const operations = Array.from({ length: this.#prng.between(1, 2) }, () => randomOperation(this.#prng))
    store.transact([operations.map(({ statement }) => statement)])
  }

  #meet(member: ForkMember): void {
    const other = this.#pick(this.#alive)
    if (other !== member) member.meet(other, this.#alive, this.#pick([1, 400, Number.MAX_SAFE_INTEGER]))
  }

  /** The copy lives beside the first; or takes its place later, as an old disk. */
  #clone(member: ForkMember): void {
    this.#forks += 1
    this.#files += 1
    const path = join(this.#folder, `${this.#seed}-${this.#files}.db`)
    writeFileSync(path, member.store.database.serialize())
    this.#alive.push(new ForkMember(`${member.name}'`, this.#open(path), member))
  }

  #open(path: string): Store {
    const prng = this.#prng
    const draw = (): ActorId =>
      actorId(Array.from({ length: 4 }, () => prng.u32().toString(16).padStart(8, '0')).join(''))
    const store = openStore({
      path,
      newActor: draw,
      nowMicros: () => (this.#micros += 1000),
      durability: 'normal',
    })
    this.#all.push(store)
    return store
  }

  /** Two that write as one actor and have never seen a difference: nobody knows, and nobody can. */
  #isUnnoticed(): boolean {
    const actors = this.#alive.map(({ store }) => store.actor)
    return (
      new Set(actors).size < actors.length ||
      (this.#forks > 0 && this.#alive.every(({ forks }) => forks.size === 0))
    )
  }

  #compare(best: readonly Map<string, RowState>[]): void {
    const [first, ...others] = this.#alive.map(({ store }) => contentOf(store))
    for (const content of others) assert.deepEqual(content, first, 'rows and stamps')
    const rows = rowsOf((this.#alive[0] as ForkMember).store)
    for (const states of best) for (const [key, state] of states) assertNotBehind(rows.get(key), state, key)
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#prng.below(items.length)] as T
  }
}

interface RowState {
  readonly causalLength: number
  /** Column versions by column. */
  readonly cells: ReadonlyMap<string, number>
}

/** By table and key: how far each row has come. */
function rowsOf(store: Store): Map<string, RowState> {
  const rows = new Map<string, RowState>()
  for (const { name, key } of FULL_SCHEMA.tables) {
    for (const values of keysOf(store, name, key)) {
      const row = store.explain(name, values)
      const cells = row?.cells.map(({ column, columnVersion }) => [column, columnVersion] as const)
      rows.set(`${name} ${values.map(String).join()}`, {
        causalLength: row?.causalLength ?? 0,
        cells: new Map(cells),
      })
    }
  }
  return rows
}

/** What was written is there, or something later is. */
function assertNotBehind(now: RowState | undefined, then: RowState, key: string): void {
  assert.ok(now !== undefined && now.causalLength >= then.causalLength, `${key} has lost a life`)
  if (now.causalLength > then.causalLength) return
  for (const [column, version] of then.cells)
    assert.ok((now.cells.get(column) ?? 0) >= version, `${key} has lost a write of ${column}`)
}

/** Rows of the user, and every stamp. */
function contentOf(store: Store): string[] {
  return FULL_SCHEMA.tables.flatMap(({ name, key, columns }) => {
    const shown = [...key, ...columns.map((column) => column.name)].map((column) => `quote(${column})`)
    const rows = store.database
      .prepare(`SELECT ${shown.join(" || ',' || ")} FROM ${name}`)
      .pluck()
      .all() as string[]
    const stamps = keysOf(store, name, key).map((values) => {
      const { causalLength, owner, cells } = must(store.explain(name, values), 'it has a clock')
      const of = ({ actor, version }: { readonly actor: string; readonly version: number }): string =>
        `${actor}/${version}`
      const told = cells.map((cell) => `${cell.column} ${cell.columnVersion} ${of(cell)}`)
      return `${name} ${values.map(String).join()}: life ${causalLength} ${of(owner)}, ${told.join(', ')}`
    })
    return [...rows.map((row) => `${name} ${row}`), ...stamps].sort()
  })
}

function keysOf(store: Store, table: string, key: readonly string[]): SqliteValue[][] {
  const columns = key.map((_, i) => `k${i}`).join(', ')
  return store.database
    .prepare(`SELECT ${columns} FROM ${table}__patina_clock`)
    .raw()
    .all() as SqliteValue[][]
}
