/**
 * Fork repair: two copies of one disk have written different versions under the same numbers, or the disk is an old one and
 * somebody has gone on from a later state. The own actor is abandoned for a greater one, and every cell and every life
 * that carries the abandoned stamp is written again as it stands (same causal length, column version, value): the tie
 * falls to the greater actor everywhere, so that all nodes agree again, and no concurrent write is beaten. ADR 0019 has
 * the model in which weaker rules fell.
 */
import {
  type ActorId,
  assert,
  type CellChange,
  compareActors,
  type LocalCommit,
  must,
  nextVersion,
  type SqliteValue,
  valueBytes,
} from '@patina/base'
import { type Durability, setSynchronous } from '@patina/sqlite'
import type { KeyedRowChange } from '../core/changeset.ts'
import type { KnowledgeDraft } from '../core/knowledge.ts'
import { mergeRow } from '../core/merge.ts'
import { type ActorOrdinal, type CellStamp, cellStamps, type Stamp } from '../core/row-clock.ts'
import type { StoredClock } from './clock-table.ts'
import { LiveLedger } from './live-ledger.ts'
import type { MetaTable } from './meta-table.ts'
import { remoteContext } from './remote-batch.ts'
import { applyRow } from './remote-write.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { resolveChange } from './resolve-changes.ts'
import { type StoreParts, writeBookkeeping } from './store-parts.ts'
import type { UnknownRow } from './unknown-table.ts'
import { writeVersion } from './version-writer.ts'

/** Clocks looked at in one slice: a bound for the time that it takes. */
const SCAN_ROWS_MAX = 10_000

/** Rows written again in one slice, which makes one version. */
export const REWRITE_ROWS_MAX = 1_000

/** What one slice did. */
export interface RewriteSlice {
  /** The version that it made; none where nothing was found. */
  readonly commits: readonly LocalCommit[]
  /** No cell and no life carries an abandoned actor any more. */
  readonly isDone: boolean
}

/**
 * Abandons an actor: the own one, or another whose halves are all gone for good. Where the own actor is not greater, a new
 * one is taken. Its stamps stay until `rewrite` has been through.
 */
export function abandon(parts: StoreParts, meta: MetaTable, actor: ActorId, drawn: ActorId): void {
  const { self, actors, abandoned, transactions } = parts
  setSynchronous(parts.db, 'FULL')
  const next = compareActors(self.actor, actor) > 0 ? self.actor : greaterActor(actor, drawn)
  transactions.run(() => {
    abandoned.add(actors.ordinalOf(actor))
    meta.set('self', actors.ordinalOf(next))
  })
  abandoned.reload()
  // What peers called cleared was judged without the numbers of the former actor.
  parts.claims.pending = []
  if (next === self.actor) return
  self.actor = next
  self.ordinal = actors.ordinalOf(next)
  self.confirmed = 0
}

/** A new actor above the given one: the drawn one, brought into the space that is left. */
export function greaterActor(actor: ActorId, drawn: ActorId): ActorId {
  const [floor, random] = [BigInt(`0x${actor}`) + 1n, BigInt(`0x${drawn}`)]
  const space = (1n << 128n) - floor
  // Each fork halves the space on average: that many have never been.
  assert(space > 1n << 64n, `no actor is left above ${actor}; start with an empty file`)
  const next = random >= floor ? random : floor + (random % space)
  return next.toString(16).padStart(32, '0') as ActorId
}

/** Where the scan of the clocks stands. In memory: after a restart it begins anew and finds what is left. */
export interface RewriteCursor {
  readonly table: number
  readonly rowid: number
}

const START: RewriteCursor = { table: 0, rowid: 0 }

export class Rewriter {
  readonly #parts: StoreParts
  #cursor = START

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  /** The clocks stand elsewhere: the scan begins anew. */
  restart(): void {
    this.#cursor = START
  }

  /** The next slice, in a transaction of its own. */
  rewrite(durability: Durability): RewriteSlice {
    const { abandoned, transactions, db, knowledge } = this.#parts
    const actors = new Set(abandoned.unfinished())
    if (actors.size === 0) return { commits: [], isDone: true }
    setSynchronous(db, durability === 'full' ? 'FULL' : 'NORMAL')
    if (abandoned.takeAdded()) this.#cursor = START
    const draft = knowledge.draft()
    const { commits, cursor } = transactions.run(() => this.#slice(actors, draft))
    knowledge.adopt(draft.changes())
    this.#cursor = cursor ?? START
    return { commits, isDone: cursor === undefined }
  }

  #slice(
    actors: ReadonlySet<ActorOrdinal>,
    draft: KnowledgeDraft,
  ): { readonly commits: LocalCommit[]; readonly cursor: RewriteCursor | undefined } {
    const { self, abandoned } = this.#parts
    const losses = new LiveLedger()
    const version = nextVersion(draft.head(self.actor))
    const page = new RewritePage(this.#parts, { actor: self.ordinal, version }, { actors, losses })
    const cursor = this.#scan(page)
    const commits = page.changes.length === 0 ? [] : [writeVersion(this.#parts, page, version)]
    for (const { ts } of commits) draft.hold(self.actor, version, ts)
    if (cursor === undefined) for (const actor of actors) abandoned.done(actor)
    writeBookkeeping(this.#parts, draft, losses)
    return { commits, cursor }
  }

  /** Goes on from the cursor until the page is full; undefined at the end of the last table. */
  #scan(page: RewritePage): RewriteCursor | undefined {
    let { table, rowid } = this.#cursor
    let left = SCAN_ROWS_MAX
    const tables = [...this.#parts.tables.values()]
    for (; table < tables.length; table += 1, rowid = 0) {
      const { clocks } = must(tables[table], 'counted')
      for (const { key, clock } of clocks.after(rowid, left)) {
        if (!page.take(tables[table] as ReplicatedTable, key, clock)) return { table, rowid }
        rowid = clock.rowid
        left -= 1
      }
      if (left === 0) return { table, rowid }
    }
    return this.#scanUnknown(page) ? undefined : { table, rowid }
  }

  /** What is written anew is not found again: no cursor is needed. False where there may be more. */
  #scanUnknown(page: RewritePage): boolean {
    const rows = this.#parts.unknown.rowsBy(new Set(this.#parts.abandoned.unfinished()), REWRITE_ROWS_MAX)
    for (const row of rows) if (!page.takeUnknown(row)) return false
    return rows.length < REWRITE_ROWS_MAX
  }
}

/** The row changes of one slice. */
class RewritePage {
  readonly changes: KeyedRowChange[] = []
  live = 0
  readonly #parts: StoreParts
  readonly #stamp: Stamp
  readonly #actors: ReadonlySet<ActorOrdinal>
  readonly #losses: LiveLedger
  #bytesLeft: number

  constructor(
    parts: StoreParts,
    stamp: Stamp,
    { actors, losses }: { readonly actors: ReadonlySet<ActorOrdinal>; readonly losses: LiveLedger },
  ) {
    this.#parts = parts
    this.#stamp = stamp
    this.#actors = actors
    this.#losses = losses
    this.#bytesLeft = parts.limits.versionBytesMax / 2
  }

  /** Writes the row's abandoned stamps anew; false where not all of them have a place in this version. */
  take(table: ReplicatedTable, key: readonly SqliteValue[], ours: StoredClock): boolean {
    const stamps = cellStamps(ours).filter(({ actor }) => this.#actors.has(actor))
    if (stamps.length === 0 && !this.#actors.has(ours.owner.actor)) return true
    if (this.changes.length >= REWRITE_ROWS_MAX) return false
    const fitting = this.#fitting(table, key, stamps)
    if (fitting.length === 0 && stamps.length > 0) return false
    this.#write(table, key, ours, fitting)
    return fitting.length === stamps.length
  }

  /** The same for what is unknown of a row, as a change that arrives here like elsewhere. False: there is no room. */
  takeUnknown({ table, keyColumns, key, entries }: UnknownRow): boolean {
    const written = entries.filter(({ actor }) => this.#actors.has(actor))
    const [first] = written
    if (first === undefined) return true
    const cells = written.filter(({ column }) => column !== '')
    const bytes = cells.reduce((sum, { value }) => sum + valueBytes(value), 0)
    const isFull = this.changes.length >= REWRITE_ROWS_MAX || this.#bytesLeft < bytes
    if (isFull && this.changes.length > 0) return false
    this.#bytesLeft -= bytes
    const change = { table, keyColumns, key, causalLength: first.causalLength, cells }
    const context = { ...remoteContext(this.#parts), losses: this.#losses }
    this.live += applyRow(resolveChange(change, this.#parts.tables), this.#stamp, context)
    this.changes.push(change)
    return true
  }

  /** As many of the cells as there is room for; the first of a version always has some. */
  #fitting(
    table: ReplicatedTable,
    key: readonly SqliteValue[],
    stamps: readonly CellStamp[],
  ): (CellStamp & { readonly value: SqliteValue })[] {
    const fitting: (CellStamp & { readonly value: SqliteValue })[] = []
    for (const stamp of stamps) {
      const value = table.rows.read(key, stamp.column)
      const isFirst = this.changes.length === 0 && fitting.length === 0
      if (this.#bytesLeft < valueBytes(value) && !isFirst) break
      this.#bytesLeft -= valueBytes(value)
      fitting.push({ ...stamp, value })
    }
    return fitting
  }

  #write(
    { definition, clocks, keyNames }: ReplicatedTable,
    key: readonly SqliteValue[],
    ours: StoredClock,
    written: readonly (CellStamp & { readonly value: SqliteValue })[],
  ): void {
    const { causalLength } = ours
    const values = new Map(written.map(({ column, value }) => [column, value]))
    const verdict = mergeRow(
      ours,
      { causalLength, cells: written, stamp: this.#stamp },
      {
        order: this.#parts.actors.order,
        // Only cells that are written again are compared.
        readCell: (column) => values.get(column) as SqliteValue,
      },
    )
    assert(verdict.kind === 'cells', 'the own actor is greater than those that it abandoned')
    this.#losses.lose(verdict.lost)
    this.live += verdict.won
    clocks.update(ours, verdict.clock)
    const cells = written.map(({ column, columnVersion, value }): CellChange => {
      const { name } = must(definition.columns[column], 'ordinals are dense')
      return { column: name, columnVersion, value }
    })
    this.changes.push({ table: definition.name, keyColumns: keyNames, key, causalLength, cells })
  }
}
