/**
 * SchemaCopy: a store whose definitions change, and the oracle beside it. `check` compares clocks, rows and what stands beside them
 * with the merge of all versions that the store holds, whatever its schema knows.
 */
import assert from 'node:assert/strict'
import { decodeChangesetHeader, type LocalCommit, type Prng, type SqliteValue } from '@patina/base'
import { decodePayload, type KeyedRowChange } from '../../src/core/changeset.ts'
import { openStore, type SchemaProgress, type Store, type StoreOptions } from '../../src/index.ts'
import { identity, type ModelChange, Replica } from '../model/replica.ts'
import { type Replacement, replaceFile } from './replaced-file.ts'
import { type DrawnSchema, drawInsert, drawStatement, type Names, schemaSql } from './schema-tables.ts'
import { seenLine, seenLines, tableId } from './schema-view.ts'
import { actorName, numbersOf } from './store-view.ts'

/** Row changes of every version, by `actor#version`. */
export type Written = Map<string, ModelChange[]>

/** What all copies of a history share. */
export interface SharedFacts {
  readonly written: Written
  /** Names that somebody has purged: what is left of them is nobody's promise. */
  readonly forgotten: Names
}

/** A snapshot, and what its store held. */
export interface Backup {
  readonly path: string
  readonly held: ReadonlySet<string>
  readonly schema: DrawnSchema
  /** Rows were being taken over. */
  readonly hasPlanted: boolean
}

/** Refusals that end when slices are done. */
const UNDER_WAY: readonly unknown[] = ['adopting', 'changing']

export class SchemaCopy {
  readonly #options: StoreOptions
  readonly #shared: SharedFacts
  store: Store
  schema: DrawnSchema
  #replica = new Replica([])
  readonly #seen = new Set<string>()
  /** Since then not all work was done. */
  #hasPlanted = false

  constructor(options: StoreOptions, schema: DrawnSchema, shared: SharedFacts) {
    this.#options = options
    this.#shared = shared
    this.schema = schema
    this.store = openStore(options)
    this.change(schema, 'at-once')
  }

  isOnDisk(): boolean {
    return this.#options.path !== ':memory:'
  }

  /** False where another change of a table is not done. */
  change(schema: DrawnSchema, pace: 'at-once' | 'in-slices'): boolean {
    const files = [{ name: 'drawn.sql', sql: schemaSql(schema) }]
    // Rows that are taken over become versions, which only slices tell of.
    const isTold = pace === 'in-slices' || this.#isTakingOver()
    try {
      this.store.applySchema(files, { pace: isTold ? 'in-slices' : 'at-once', allowDestructive: true })
      this.schema = schema
    } catch (cause) {
      if (!UNDER_WAY.includes((cause as { code?: string }).code)) throw cause
      return false
    }
    if (pace === 'at-once') this.finish()
    return true
  }

  /**
   * Another program makes a table in the file that the next schema has: its rows are taken over. False where there is no such
   * table, or other work is under way.
   */
  plant(next: DrawnSchema, prng: Prng): boolean {
    const table = next.find(({ name }) => !this.schema.some((ours) => ours.name === name))
    if (table === undefined || !this.isSettled()) return false
    const { database } = this.store
    database.exec(table.sql)
    for (let rows = prng.between(1, 4); rows > 0; rows -= 1) {
      const { sql, params } = drawInsert(prng, table)
      try {
        database.prepare(sql).run(...(params as readonly SqliteValue[]))
      } catch (cause) {
        if (!/^SQLITE_(?:CONSTRAINT|MISMATCH)/.test((cause as { code: string }).code)) throw cause
      }
    }
    this.#hasPlanted = true
    return this.change(next, 'in-slices')
  }

  #isTakingOver(): boolean {
    return this.store.schemaProgress().some(({ work }) => work === 'adopting')
  }

  /** True where nothing is left to do: what the file shows is what the schema says. */
  isSettled(): boolean {
    return this.store.schemaProgress().length === 0
  }

  /**
   * True where the clocks and what stands beside them are one merge: no row has left a former table and is in no other yet, and
   * none is here twice, taken over and waiting.
   */
  #isWhole(): boolean {
    if (this.isSettled()) this.#hasPlanted = false
    // A former table tells of its rows, a table into which rows move does not.
    const isMovingIn = ({ work, rows }: SchemaProgress): boolean =>
      work === 'purging' || (work === 'moving' && rows === undefined)
    return !this.#hasPlanted && this.store.schemaProgress().every(isMovingIn)
  }

  /** False where nothing was left to do. */
  slice(): boolean {
    const slice = this.store.schemaSlice()
    if (slice?.commit !== undefined) this.#note([slice.commit])
    return slice !== undefined
  }

  finish(): void {
    while (this.slice());
  }

  write(prng: Prng): void {
    if (this.schema.length === 0) return
    const some = <T>(make: () => T): T[] => Array.from({ length: prng.between(1, 2) }, make)
    const table = prng.pick(this.schema)
    this.#note(this.store.transact(some(() => some(() => drawStatement(prng, table)))).commits)
  }

  #note(commits: readonly LocalCommit[]): void {
    for (const { version, changesets } of commits)
      this.#shared.written.set(`${actorName(this.store.actor)}#${version}`, changesets.flatMap(changesOf))
  }

  restart(): void {
    const { actor } = this.store
    this.store.close()
    this.store = openStore(this.#options)
    assert.equal(this.store.actor, actor, 'a restart makes no other actor')
  }

  backUp(path: string): Backup {
    this.store.snapshot(path)
    return { path, held: this.#heldVersions(), schema: this.schema, hasPlanted: this.#hasPlanted }
  }

  /** The backup comes into the place of the file, with the definitions that it had. */
  replace(backup: Backup, how: Replacement): void {
    const { actor } = this.store
    const before = this.#heldVersions()
    this.store.close()
    const found = replaceFile(backup.path, this.#options, how)
    this.store = openStore(this.#options)
    assert.equal(this.store.actor === actor, found === 'old', `who writes after the file was ${how}`)
    const expected = { both: new Set([...before, ...backup.held]), old: before, snapshot: backup.held }[found]
    assert.deepEqual([...this.#heldVersions()].sort(), [...expected].sort(), `held after it was ${how}`)
    if (found === 'old') return
    this.schema = backup.schema
    this.#hasPlanted = backup.hasPlanted
    this.#replica = new Replica([])
    this.#seen.clear()
  }

  /** Whether its definitions have a `table` or `table.column`. */
  hasName(name: string): boolean {
    const [table, column] = name.split('.')
    const ours = this.schema.find((each) => each.name === table)
    return column === undefined
      ? ours !== undefined
      : ours?.columns.some((each) => each.name === column) === true
  }

  purge(name: string): void {
    const [table = '', column] = name.split('.')
    this.store.purge({ table, column })
  }

  /** Names of which something stands beside the clocks. */
  unknownNames(): ReadonlySet<string> {
    const sql = `SELECT "table", "column" FROM __patina_unknown`
    const rows = this.store.database.prepare(sql).raw().all() as [string, string][]
    return new Set(rows.flatMap(([table, column]) => (column === '' ? table : [table, `${table}.${column}`])))
  }

  /** What is held, by actor. */
  held(): string {
    const held = this.store.knowledge().filter(({ have }) => have.length > 0)
    return held
      .map(({ actor, have }) => `${actor} ${JSON.stringify(have)}`)
      .sort()
      .join('\n')
  }

  /** What the store finds wrong with itself: nothing, ever. */
  verify(): void {
    assert.deepEqual(this.store.verify(), [], 'verify')
    assert.equal(this.store.stats().quarantined, 0, 'quarantined')
  }

  check(): void {
    this.verify()
    if (!this.#isWhole()) return
    const { forgotten } = this.#shared
    assert.deepEqual(seenLines(this.store, this.schema, forgotten), this.#expected(), 'content')
  }

  /** By `actor#version`. */
  #heldVersions(): ReadonlySet<string> {
    return new Set(
      this.store
        .knowledge()
        .flatMap(({ actor, have }) =>
          have.flatMap(({ first, last }) => numbersOf(first, last).map((v) => `${actorName(actor)}#${v}`)),
        ),
    )
  }

  /** What the oracle makes of the versions that are held. */
  #expected(): string[] {
    for (const version of this.#heldVersions()) this.#see(version)
    const tables = ['t', 'u'].flatMap((table) => ['id', 'k'].map((key) => tableId(table, [key])))
    return tables
      .flatMap((table) =>
        this.#replica
          .rows(table)
          .flatMap((row) => seenLine(`${table} ${identity(row.key)}`, row, this.#shared.forgotten) ?? []),
      )
      .sort()
  }

  #see(name: string): void {
    if (this.#seen.has(name)) return
    this.#seen.add(name)
    const [actor, version] = name.split('#') as [string, string]
    this.#replica.see({ actor, version: Number(version), changes: this.#shared.written.get(name) ?? [] })
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
