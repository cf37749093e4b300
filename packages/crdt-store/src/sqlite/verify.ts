/**
 * Verify: recounts what the file's bookkeeping claims, from the other tables that must agree with it: what is held from the
 * log, counters from the clocks, rows from the clocks, memory from the file. Reads everything once and changes nothing; its
 * memory grows with the number of versions. Each finding breaks an invariant of docs/invariants.md: a damaged disk, a
 * program that wrote the file without Patina, or a fault of ours.
 */
import {
  type ActorId,
  changesetChecksum,
  decodeChangesetHeader,
  joinChangeset,
  RangeSet,
  type Version,
} from '@patina/base'
import { isAlive } from '../core/causal-length.ts'
import { type ActorOrdinal, type CellStamp, cellStamps, type Stamp, unpackCells } from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import { CLOCK_SUFFIX } from './clock-table.ts'
import { keepsKey } from './kept-values.ts'
import { COUNTED_APART } from './live-counters.ts'
import { LOG_COLUMNS, type LogRow } from './log.ts'
import { quote } from './quote.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { type Residue, residueOf } from './residue.ts'
import { hasKey } from './resolve-changes.ts'
import type { StoreParts } from './store-parts.ts'

export interface Finding {
  readonly kind: /** Ranges of held versions overlap, touch, or pass the head. */
    | 'have'
    /** What the process remembers is not what the file says. */
    | 'memory'
    /** A chunk in the log is not what its writer made. */
    | 'checksum'
    /** A held version has gaps, or an applied one is not held. */
    | 'log'
    /** A counter is not what the clocks say. */
    | 'live'
    /** A stamp names a version that is not held, or a column that is not there. */
    | 'stamp'
    /** A row lives in one table of the pair and not in the other. */
    | 'row'
  readonly message: string
}

/** More are not worth reading. */
export const FINDINGS_MAX = 1_000

/** Of a table on its way out. */
const CLOCKS_PER_READ = 1_000

/** Nothing where all agrees. */
export function verify(parts: StoreParts): Finding[] {
  const verifier = new Verifier(parts)
  verifier.checkHave()
  verifier.checkMemory()
  verifier.checkLog()
  verifier.checkApart()
  for (const table of parts.tables.values()) verifier.checkTable(table)
  // Rows without a clock are none of ours yet.
  for (const definition of parts.adopting) verifier.countClocks(definition)
  verifier.checkUnknown()
  for (const residue of parts.residues) verifier.checkResidue(residue)
  verifier.checkCounters()
  return verifier.findings
}

interface ClockRow {
  readonly key: string
  readonly cl: number
  readonly actor: ActorOrdinal
  readonly version: Version
  readonly width: number
  readonly cells: Uint8Array | null
}

class Verifier {
  readonly findings: Finding[] = []
  readonly #parts: StoreParts
  /** Damaged tables may name actors that are not there. */
  readonly #actors: ReadonlyMap<ActorOrdinal, ActorId>
  readonly #have = new Map<ActorOrdinal, RangeSet<Version>>()
  /** By version: what the log says, and what the clocks say. */
  readonly #claimed = new Map<string, number>()
  readonly #counted = new Map<string, number>()

  constructor(parts: StoreParts) {
    this.#parts = parts
    const { actors } = parts
    this.#actors = new Map(actors.all().map(({ actor }) => [actors.ordinalOf(actor), actor]))
  }

  checkHave(): void {
    const { have, actors } = this.#parts
    const heads = new Map(actors.all().map(({ actor, head }) => [actor, head]))
    let [before, last]: [ActorOrdinal | undefined, number] = [undefined, 0]
    for (const range of have.all()) {
      if (range.actor !== before) [before, last] = [range.actor, -1]
      const actor = this.#actorOf(range.actor)
      const shown = `${actor}: ${range.first} to ${range.last}`
      if (range.first < 1 || range.first > range.last) this.#find('have', `${shown} is no range`)
      if (range.first <= last + 1 && last >= 0)
        this.#find('have', `${shown} overlaps or touches the one before`)
      if (range.last > (heads.get(actor as ActorId) ?? 0))
        this.#find('have', `${shown} passes the head ${heads.get(actor as ActorId)}`)
      last = range.last
      if (0 <= range.first && range.first <= range.last)
        this.#heldOf(range.actor).add(range.first, range.last)
    }
  }

  /** I-CRDT-1: memory is what a reopen would rebuild. */
  checkMemory(): void {
    const { knowledge, actors } = this.#parts
    for (const { actor, head } of actors.all()) {
      const held = JSON.stringify([...this.#heldOf(actors.ordinalOf(actor))])
      const remembered = knowledge.of(actor)
      if (JSON.stringify(remembered.have) !== held)
        this.#find('memory', `${actor}: other versions are held in the file`)
      const lost = this.#parts.lost.all().get(actors.ordinalOf(actor)) ?? new RangeSet()
      if (!lost.equals(knowledge.lostOf(actor)))
        this.#find('memory', `${actor}: other versions are given up in the file`)
      if (remembered.head !== head)
        this.#find('memory', `${actor}: the head is ${head} in the file, not ${remembered.head}`)
    }
  }

  /** Every chunk once. Quarantined versions and those that wait have no counter. */
  checkLog(): void {
    const rows = this.#parts.db
      .prepare<[], LogRow & { readonly actor: ActorOrdinal; readonly live: number | null }>(
        `SELECT actor, CASE WHEN live = ${COUNTED_APART} THEN coalesce((SELECT live FROM __patina_live AS apart
           WHERE apart.actor = log.actor AND apart.version = log.version), ${COUNTED_APART}) ELSE live END AS live,
           ${LOG_COLUMNS} FROM __patina_log AS log ORDER BY actor, version, first_seq`,
      )
      .safeIntegers(false)
    let [current, nextSeq] = ['', 0]
    for (const row of rows.iterate()) {
      const name = this.#nameOf(row)
      if (name !== current) [current, nextSeq] = [name, 0]
      const isHeld = this.#heldOf(row.actor).has(row.version)
      if (isHeld && row.first_seq !== nextSeq)
        this.#find('log', `${name} is held, but row changes before ${row.first_seq} are not in the log`)
      nextSeq = row.last_seq + 1
      if (!isHeld && row.live !== null) this.#find('log', `${name} is applied, but not held`)
      if (row.live !== null && row.first_seq === 0) this.#claimed.set(name, row.live)
      if (row.live === 0 && row.first_seq === 0)
        this.#find('live', `${name} has no winners, but is still in the log`)
      this.#checkChunk(name, row)
    }
  }

  /** Counters that stand apart from a log row that does not say so. */
  checkApart(): void {
    const strays = this.#parts.db
      .prepare<[], Stamp>(
        `SELECT actor, version FROM __patina_live AS apart WHERE NOT EXISTS (SELECT 1 FROM __patina_log AS log
         WHERE log.actor = apart.actor AND log.version = apart.version AND first_seq = 0 AND live = ${COUNTED_APART})`,
      )
      .safeIntegers(false)
    for (const stamp of strays.iterate())
      this.#find('live', `${this.#nameOf(stamp)} has a counter apart from the log, which does not say so`)
  }

  /** I-CRDT-3: the clocks and the rows of one table. */
  checkTable({ definition }: ReplicatedTable): void {
    this.countClocks(definition)
    this.#checkRows(definition)
  }

  /** Stamps and lives of one table. */
  countClocks(definition: TableDefinition): void {
    const { clock, key } = clockNames(definition)
    const rows = this.#parts.db
      .prepare<[], ClockRow>(`SELECT ${key} AS key, cl, actor, version, width, cells FROM ${clock}`)
      .safeIntegers(false)
    for (const row of rows.iterate()) this.#countRow(definition.name, definition.columns.length, row)
  }

  /** Entries count like cells of the clocks, and belong to the row's present life (I-CRDT-8), each cell in one place (I-CRDT-9). */
  checkUnknown(): void {
    const { db, tables, unknown, residues } = this.#parts
    const names = db.prepare<[], string>('SELECT DISTINCT "table" FROM __patina_unknown').pluck().all()
    for (const name of names)
      for (const row of unknown.rowsOf(name, new Uint8Array(0), Number.MAX_SAFE_INTEGER)) {
        const table = tables.get(name)
        const isKnown = table !== undefined && hasKey(table, row.keyColumns)
        const hasClock = isKnown && keepsKey(table.definition.key, row.key)
        const clock = hasClock ? table.clocks.get(row.key) : undefined
        // A row that waits to move into its table has its life here.
        const life = row.entries.find(({ column }) => column === '') ?? clock
        const stamped = new Set(clock === undefined ? [] : cellStamps(clock).map(({ column }) => column))
        for (const entry of row.entries) {
          this.#count(entry, `${name}, unknown column ${entry.column}`)
          const comesLater = life === undefined && residues.some((residue) => residue.name === name)
          if (entry.causalLength !== life?.causalLength && !comesLater)
            this.#find('stamp', `${name}: the unknown column ${entry.column} is of another life than its row`)
          const known = table?.columnsByName.get(entry.column)
          if (life === clock && known !== undefined && stamped.has(known.ordinal))
            this.#find('stamp', `${name}: the column ${entry.column} has a stamp in two places`)
        }
      }
  }

  /** What waits to go beside the clocks counts like what has gone. */
  checkResidue(residue: Residue): void {
    for (let place = 0; ; ) {
      const rows = residue.old.clocks.after(place, CLOCKS_PER_READ)
      for (const row of rows)
        for (const entry of residueOf(residue, row))
          this.#count(entry, `${residue.name}, column ${entry.column} of the former table`)
      if (rows.length < CLOCKS_PER_READ) return
      place = rows.at(-1)?.clock.rowid ?? place
    }
  }

  /** I-CRDT-4. */
  checkCounters(): void {
    for (const [name, claimed] of this.#claimed) {
      const counted = this.#counted.get(name) ?? 0
      if (claimed !== counted)
        this.#find('live', `${name} claims ${claimed} winners, the clocks have ${counted}`)
    }
    for (const name of this.#counted.keys())
      if (!this.#claimed.has(name))
        this.#find('live', `${name} has winners, but is not in the log as applied`)
  }

  #checkChunk(name: string, row: LogRow & { readonly actor: ActorOrdinal }): void {
    const { first_seq: firstSeq, last_seq: lastSeq, version_last_seq: versionLastSeq } = row
    const { version, ts, flags, checksum, payload } = row
    const actor = this.#actors.get(row.actor)
    const isChunk = actor !== undefined && 0 <= firstSeq && firstSeq <= lastSeq && lastSeq <= versionLastSeq
    if (isChunk) {
      const header = { actor, version, firstSeq, lastSeq, versionLastSeq, ts, flags }
      const bytes = joinChangeset(header, checksum, payload)
      const decoded = decodeChangesetHeader(bytes)
      if (decoded.ok && changesetChecksum(bytes, decoded.value.payloadOffset) === checksum) return
    }
    this.#find('checksum', `${name}: the chunk from row change ${firstSeq} on is damaged`)
  }

  #countRow(table: string, columns: number, row: ClockRow): void {
    const { cl, actor, version, width, cells } = row
    const owner = { actor, version }
    const listed = cells === null ? undefined : readCells(cells)
    if (listed === 'damaged') {
      this.#find('stamp', `${table} ${row.key}: its stamps cannot be read`)
      return
    }
    const stamps = cellStamps({ causalLength: cl, owner, width, cells: listed })
    for (const stamp of [owner, ...stamps]) {
      this.#count(stamp, `${table} ${row.key}`)
    }
    if (!isAlive(cl) && stamps.length > 0) this.#find('stamp', `${table} ${row.key}: a deleted row has cells`)
    if (stamps.some(({ column }) => column >= columns))
      this.#find('stamp', `${table} ${row.key}: a stamp for a column that the table does not have`)
  }

  #count(stamp: Stamp, what: string): void {
    const name = this.#nameOf(stamp)
    this.#counted.set(name, (this.#counted.get(name) ?? 0) + 1)
    if (!this.#heldOf(stamp.actor).has(stamp.version))
      this.#find('stamp', `${what}: written by ${name}, which is not held`)
  }

  #checkRows(definition: TableDefinition): void {
    const { db } = this.#parts
    const { clock, key } = clockNames(definition)
    const table = definition.name
    const keyNames = definition.key.map(({ name }) => quote(name))
    const same = keyNames.map((name, at) => `r.${name} = c.k${at}`).join(' AND ')
    const [user, limit] = [quote(table), `LIMIT ${FINDINGS_MAX}`]
    const ghosts = db.prepare<[], string>(
      `SELECT ${key} FROM ${clock} c WHERE cl % 2 = 1 AND NOT EXISTS (SELECT 1 FROM ${user} r WHERE ${same}) ${limit}`,
    )
    for (const shown of ghosts.pluck().all())
      this.#find('row', `${table} ${shown}: lives by its clock, but there is no row`)
    const shownKey = keyNames.map((name) => `quote(r.${name})`).join(" || ', ' || ")
    const strangers = db.prepare<[], string>(
      `SELECT ${shownKey} FROM ${user} r WHERE NOT EXISTS (SELECT 1 FROM ${clock} c WHERE ${same} AND cl % 2 = 1) ${limit}`,
    )
    for (const shown of strangers.pluck().all())
      this.#find('row', `${table} ${shown}: there is a row that does not live by any clock`)
  }

  #heldOf(actor: ActorOrdinal): RangeSet<Version> {
    let held = this.#have.get(actor)
    if (held === undefined) {
      held = new RangeSet()
      this.#have.set(actor, held)
    }
    return held
  }

  #nameOf({ actor, version }: Stamp): string {
    return `${this.#actorOf(actor)}/${version}`
  }

  #actorOf(ordinal: ActorOrdinal): string {
    return this.#actors.get(ordinal) ?? `unknown actor ${ordinal}`
  }

  #find(kind: Finding['kind'], message: string): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push({ kind, message })
  }
}

/** The table of clocks, and its key as one text. */
function clockNames({ name, key }: TableDefinition): { readonly clock: string; readonly key: string } {
  return {
    clock: quote(name + CLOCK_SUFFIX),
    key: key.map((_, at) => `quote(k${at})`).join(" || ', ' || "),
  }
}

function readCells(bytes: Uint8Array): CellStamp[] | 'damaged' {
  try {
    return unpackCells(bytes)
  } catch {
    return 'damaged'
  }
}
