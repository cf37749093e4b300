/**
 * A generated history in which the schema changes: 3 to 5 stores, each with definitions of its own that are drawn anew at any time
 * (columns and tables go, come back, are defined otherwise), at once or in slices with writes in between; pulls with losses and
 * cleared answers, restarts, snapshots that take a file's place, actors that die. After each step a store agrees with itself
 * (`verify`), and while no slice is left clocks, rows and what stands beside them are the oracle's merge of the versions that it
 * holds: all of it, whatever its schema knows. All follows from one seed.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type ActorId, actorId, decodeChangesetHeader, Prng } from '@patina/base'
import { decodePayload, type KeyedRowChange } from '../../src/core/changeset.ts'
import { adoptSnapshot, openStore, type Store, type StoreOptions } from '../../src/index.ts'
import { identity, type ModelChange, Replica } from '../model/replica.ts'
import { type DrawnSchema, drawSchema, drawStatement, schemaSql, WIDEST } from './schema-tables.ts'
import { seenLine, seenLines, tableId } from './schema-view.ts'
import { actorName, numbersOf } from './store-view.ts'

const STEPS_MAX = 240
const QUIET_ROUNDS_MAX = 6
const REPLAY = 'node --conditions=@patina/source packages/crdt-store/test/laws/main.ts --schema'

/** Row changes of every version, by `actor#version`. */
type Written = Map<string, ModelChange[]>

class SchemaCopy {
  readonly #options: StoreOptions
  readonly #written: Written
  store: Store
  schema: DrawnSchema
  #replica = new Replica([])
  readonly #seen = new Set<string>()

  constructor(options: StoreOptions, schema: DrawnSchema, written: Written) {
    this.#options = options
    this.#written = written
    this.schema = schema
    this.store = openStore(options)
    this.change(schema, 'at-once')
  }

  isOnDisk(): boolean {
    return this.#options.path !== ':memory:'
  }

  change(schema: DrawnSchema, pace: 'at-once' | 'in-slices'): void {
    try {
      this.store.applySchema([{ name: 'drawn.sql', sql: schemaSql(schema) }], {
        pace,
        allowDestructive: true,
      })
      this.schema = schema
    } catch (cause) {
      // One change of a table at a time.
      if ((cause as { code?: string }).code !== 'changing') throw cause
    }
  }

  /** True where nothing is left to do: what the file shows is what the schema says. */
  isSettled(): boolean {
    return this.store.schemaProgress().length === 0
  }

  finish(): void {
    while (this.store.schemaSlice() !== undefined);
  }

  write(prng: Prng): void {
    if (this.schema.length === 0) return
    const some = <T>(make: () => T): T[] => Array.from({ length: prng.between(1, 2) }, make)
    const table = this.schema[prng.below(this.schema.length)] as DrawnSchema[0]
    const { commits } = this.store.transact(some(() => some(() => drawStatement(prng, table))))
    for (const { version, changesets } of commits)
      this.#written.set(`${actorName(this.store.actor)}#${version}`, changesets.flatMap(changesOf))
  }

  restart(): void {
    this.store.close()
    this.store = openStore(this.#options)
  }

  /** Another store's file takes the place of this one, which keeps what only it had; its definitions come with it. */
  adopt(other: SchemaCopy, path: string): void {
    other.store.snapshot(path)
    this.store.close()
    adoptSnapshot(path, this.#options)
    this.store = openStore(this.#options)
    this.schema = other.schema
  }

  /** What is held, by actor. */
  held(): string {
    const held = this.store.knowledge().filter(({ have }) => have.length > 0)
    return held
      .map(({ actor, have }) => `${actor} ${JSON.stringify(have)}`)
      .sort()
      .join('\n')
  }

  check(): void {
    assert.deepEqual(this.store.verify(), [], 'verify')
    assert.equal(this.store.stats().quarantined, 0, 'quarantined')
    if (!this.isSettled()) return
    assert.deepEqual(seenLines(this.store, this.schema), this.#expected(), 'content')
  }

  /** What the oracle makes of the versions that are held. */
  #expected(): string[] {
    for (const { actor, have } of this.store.knowledge())
      for (const { first, last } of have)
        for (const version of numbersOf(first, last)) this.#see(actorName(actor), version)
    const tables = ['t', 'u'].flatMap((table) => ['id', 'k'].map((key) => tableId(table, [key])))
    return tables
      .flatMap((table) =>
        this.#replica.rows(table).map((row) => seenLine(`${table} ${identity(row.key)}`, row)),
      )
      .sort()
  }

  #see(actor: string, version: number): void {
    const name = `${actor}#${version}`
    if (this.#seen.has(name)) return
    this.#seen.add(name)
    this.#replica.see({ actor, version, changes: this.#written.get(name) ?? [] })
  }
}

function changesOf(bytes: Uint8Array): ModelChange[] {
  const header = decodeChangesetHeader(bytes)
  assert.ok(header.ok)
  const { firstSeq, lastSeq } = header.value.header
  const decoded = decodePayload(bytes.subarray(header.value.payloadOffset), lastSeq - firstSeq + 1)
  assert.ok(decoded.ok)
  return decoded.value.map(({ table, keyColumns, key, causalLength, cells }: KeyedRowChange) => ({
    table: tableId(table, keyColumns),
    key,
    causalLength,
    cells: new Map(cells.map(({ column, columnVersion, value }) => [column, { columnVersion, value }])),
  }))
}

/** Runs the history of a seed; `folder`: where some stores keep their files. Returns its steps. */
export function runSchemaHistory(seed: number, folder: string): number {
  const history = new SchemaHistory(new Prng(seed), seed, folder)
  const steps = history.stepsToRun
  let step = 0
  try {
    for (step = 1; step <= steps; step += 1) history.step()
    return steps + history.end()
  } catch (cause) {
    const told = `${(cause as Error).message}\nstep ${step} of ${steps}; again: ${REPLAY} --seed ${seed}`
    throw new Error(told, { cause })
  } finally {
    history.close()
  }
}

class SchemaHistory {
  readonly stepsToRun: number
  readonly #prng: Prng
  readonly #seed: number
  readonly #folder: string
  readonly #written: Written = new Map()
  /** Last digits of actors that there have not been. */
  readonly #names: string[]
  #alive: SchemaCopy[]
  #snapshots = 0

  constructor(prng: Prng, seed: number, folder: string) {
    this.#prng = prng
    this.#seed = seed
    this.#folder = folder
    this.stepsToRun = prng.between(STEPS_MAX / 4, STEPS_MAX)
    this.#names = prng.shuffle([...'123456789abcdef'])
    // Files cost a hundred times as much as memory: every eighth history has one.
    this.#alive = Array.from({ length: prng.between(3, 5) }, (_, i) =>
      this.#newCopy(i === 0 && seed % 8 === 0 ? join(folder, `${seed}.db`) : ':memory:'),
    )
  }

  step(): void {
    const what = this.#prng.below(100)
    const copy = this.#pick(this.#alive)
    if (what < 45) copy.write(this.#prng)
    else if (what < 75) this.#pull(copy, this.#pick(this.#alive), 'some')
    else if (what < 81) copy.change(drawSchema(this.#prng), this.#prng.chance(1, 2) ? 'at-once' : 'in-slices')
    else if (what < 93) for (let n = this.#prng.below(4); n > 0; n -= 1) copy.store.schemaSlice()
    else if (what < 94) this.#die(copy)
    else if (copy.isOnDisk()) this.#replace(copy)
    if (this.#alive.includes(copy)) copy.check()
  }

  /** Everybody has the same definitions in the end, and exchanges what there is; returns the steps that it took. */
  end(): number {
    let steps = 0
    for (let round = 0, before = ''; round < QUIET_ROUNDS_MAX && before !== this.#held(); round += 1) {
      before = this.#held()
      for (const to of this.#alive)
        for (const from of this.#alive) {
          if (from !== to) this.#pull(to, from, 'nothing')
          steps += 1
        }
    }
    for (const copy of this.#alive) {
      copy.finish()
      copy.check()
      copy.change(WIDEST, 'at-once')
      assert.equal(copy.schema, WIDEST)
      copy.check()
    }
    const [first] = this.#alive
    assert.equal(
      new Set(this.#alive.map((copy) => copy.held())).size,
      1,
      'all that the living have reaches all',
    )
    for (const copy of this.#alive)
      assert.deepEqual(seenLines(copy.store, WIDEST), seenLines((first as SchemaCopy).store, WIDEST))
    return steps
  }

  close(): void {
    for (const { store } of this.#alive) store.close()
  }

  #held(): string {
    return this.#alive.map((copy) => copy.held()).join('; ')
  }

  #newActor(): ActorId {
    return actorId((this.#names.pop() ?? '0').padStart(32, '0'))
  }

  #newCopy(path: string): SchemaCopy {
    let micros = 1_700_000_000_000_000 + this.#prng.below(1000)
    const options = {
      path,
      newActor: () => this.#newActor(),
      nowMicros: () => (micros += 1000),
      limits: {
        chunkBytesTarget: this.#pick([64, 200, 64 * 1024]),
        schemaSliceRowsMax: this.#pick([1, 1, 2, 250]),
        schemaSliceMs: Number.POSITIVE_INFINITY,
      },
      durability: 'normal' as const,
    }
    return new SchemaCopy(options, drawSchema(this.#prng), this.#written)
  }

  #pull(to: SchemaCopy, from: SchemaCopy, losing: 'nothing' | 'some'): void {
    const needs = from.store.knowledge().map(({ actor, have }) => {
      return { kind: 'versions' as const, actor, versions: have }
    })
    const { changesets, cleared, basis } = from.store.serve(needs, Number.MAX_SAFE_INTEGER)
    const arrived = changesets.filter(() => losing === 'nothing' || this.#prng.chance(3, 4))
    to.store.apply(this.#prng.shuffle([...arrived]), { cleared, basis })
  }

  #die(copy: SchemaCopy): void {
    if (this.#alive.length <= 2 || copy.isOnDisk()) return
    copy.store.close()
    this.#alive = this.#alive.filter((other) => other !== copy)
  }

  /** Opened again, or another's snapshot in its place. */
  #replace(copy: SchemaCopy): void {
    const other = this.#pick(this.#alive)
    if (other === copy || this.#names.length === 0 || this.#prng.chance(1, 2)) {
      copy.restart()
      return
    }
    this.#snapshots += 1
    copy.adopt(other, join(this.#folder, `${this.#seed}-${this.#snapshots}.snapshot`))
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#prng.below(items.length)] as T
  }
}
