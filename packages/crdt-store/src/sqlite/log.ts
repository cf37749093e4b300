/**
 * The changeset log: every version held and not overwritten entirely, as the bytes that went over the wire. It is the
 * relay's memory and the source of sync. `live` stands on the row with first_seq 0 of an applied version and counts the
 * cells whose stamp the version is plus the lives that it owns (I-CRDT-4); it is NULL while chunks are missing and for
 * quarantined versions, and 0 on the further rows of an applied version. A version whose count would be 0 is cleared: it
 * has no rows here, so that a table of n rows keeps at most as many versions as it has cells and lives. Where the first
 * chunk is large its `live` is COUNTED_APART and the counter stands in live-counters.ts.
 */
import type { ChangesetHeader, Hlc, Range, Seq, Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal, Stamp } from '../core/row-clock.ts'
import { COUNTED_APART, INLINE_PAYLOAD_MAX, LiveCounters } from './live-counters.ts'

/** A chunk as the log keeps it: header fields, checksum and payload. */
export interface LogEntry {
  readonly actor: ActorOrdinal
  readonly header: ChangesetHeader
  readonly checksum: number
  readonly payload: Uint8Array
}

export interface LogRow {
  readonly version: Version
  readonly first_seq: Seq
  readonly last_seq: Seq
  readonly version_last_seq: Seq
  readonly ts: Hlc
  readonly flags: number
  readonly checksum: number
  readonly payload: Uint8Array
}

export interface WaitingRow {
  readonly actor: ActorOrdinal
  readonly version: Version
  readonly first_seq: Seq
  readonly last_seq: Seq
  readonly version_last_seq: Seq
}

/** The columns of LogRow, for whoever reads the log. */
export const LOG_COLUMNS = 'version, first_seq, last_seq, version_last_seq, ts, flags, checksum, payload'

type Insert = BetterSqlite3.Statement<
  [ActorOrdinal, Version, Seq, Seq, Seq, Hlc, number, number | null, number, Uint8Array]
>

interface SettledVersion extends Stamp {
  readonly live: number
  readonly inline: number
  readonly apart: number
}

export class ChangesetLog {
  readonly #insert: Insert
  readonly #counters: LiveCounters
  readonly #setLive: BetterSqlite3.Statement<[SettledVersion], number>
  readonly #settle: BetterSqlite3.Statement<[ActorOrdinal, Version]>
  readonly #clear: BetterSqlite3.Statement<[{ actor: ActorOrdinal; version: Version; count: number }], Hlc>
  readonly #clearOne: BetterSqlite3.Statement<[ActorOrdinal, Version, number], Hlc>
  readonly #raise: BetterSqlite3.Statement<[number, ActorOrdinal, Version]>
  readonly #lower: BetterSqlite3.Statement<[number, ActorOrdinal, Version]>
  readonly #discard: BetterSqlite3.Statement<[ActorOrdinal, Version], Hlc>
  readonly #chunks: BetterSqlite3.Statement<[ActorOrdinal, Version], LogRow>
  readonly #waiting: BetterSqlite3.Statement<[], WaitingRow>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_log (
      actor            INTEGER NOT NULL,  -- ordinal of the version's actor
      version          INTEGER NOT NULL,
      first_seq        INTEGER NOT NULL,  -- the chunk's row changes …
      last_seq         INTEGER NOT NULL,
      version_last_seq INTEGER NOT NULL,  -- … of 0 to this
      ts               INTEGER NOT NULL,  -- HLC of the version
      flags            INTEGER NOT NULL,  -- of the header
      live             INTEGER,           -- see the head of log.ts
      checksum         INTEGER NOT NULL,  -- CRC-32 of the changeset, as it arrived
      payload          BLOB NOT NULL,     -- the changeset without its header
      PRIMARY KEY (actor, version, first_seq)
    ) WITHOUT ROWID;
    CREATE INDEX __patina_log_waiting ON __patina_log (actor, version, first_seq) WHERE live IS NULL`)
  }

  constructor(db: Database) {
    this.#insert = db
      .prepare(
        `INSERT INTO __patina_log (actor, version, first_seq, last_seq, version_last_seq, ts, flags, live, checksum, payload)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq, checksum = excluded.checksum, payload = excluded.payload
         WHERE excluded.last_seq > last_seq`,
      )
      .safeIntegers(false) as Insert
    this.#counters = new LiveCounters(db)
    this.#setLive = db
      .prepare<[SettledVersion], number>(
        `UPDATE __patina_log SET live = CASE WHEN length(payload) > :inline THEN :apart ELSE :live END
         WHERE actor = :actor AND version = :version AND first_seq = 0 RETURNING live`,
      )
      .pluck()
      .safeIntegers(false)
    this.#settle = db.prepare(
      'UPDATE __patina_log SET live = 0 WHERE actor = ? AND version = ? AND first_seq > 0',
    )
    this.#clear = db
      .prepare<[{ actor: ActorOrdinal; version: Version; count: number }], Hlc>(
        `DELETE FROM __patina_log WHERE actor = :actor AND version = :version AND :count = (
           SELECT live FROM __patina_log WHERE actor = :actor AND version = :version AND first_seq = 0)
         RETURNING ts`,
      )
      .pluck()
      .safeIntegers(false)
    // Most versions have one chunk; to clear one so costs half as much.
    this.#clearOne = db
      .prepare<[ActorOrdinal, Version, number], Hlc>(
        `DELETE FROM __patina_log WHERE actor = ? AND version = ? AND first_seq = 0 AND live = ?
           AND last_seq = version_last_seq RETURNING ts`,
      )
      .pluck()
      .safeIntegers(false)
    this.#raise = db.prepare(
      'UPDATE __patina_log SET live = live + ? WHERE actor = ? AND version = ? AND first_seq = 0',
    )
    this.#lower = db.prepare(
      'UPDATE __patina_log SET live = live - ? WHERE actor = ? AND version = ? AND first_seq = 0',
    )
    this.#discard = db
      .prepare<[ActorOrdinal, Version], Hlc>(
        'DELETE FROM __patina_log WHERE actor = ? AND version = ? RETURNING ts',
      )
      .pluck()
      .safeIntegers(false)
    this.#chunks = db
      .prepare<[ActorOrdinal, Version], LogRow>(
        `SELECT ${LOG_COLUMNS} FROM __patina_log WHERE actor = ? AND version = ? ORDER BY first_seq`,
      )
      .safeIntegers(false)
    this.#waiting = db
      .prepare<[], WaitingRow>(
        `SELECT actor, version, first_seq, last_seq, version_last_seq FROM __patina_log WHERE live IS NULL
         ORDER BY actor, version, first_seq`,
      )
      .safeIntegers(false)
  }

  /** Stores a chunk. `live`: the count where it is known, null for one that waits. Of two cuts the longer one stays. */
  append({ actor, header, checksum, payload }: LogEntry, live: number | null): void {
    const { version, firstSeq, lastSeq, versionLastSeq, ts, flags } = header
    const isApart = live !== null && firstSeq === 0 && payload.length > INLINE_PAYLOAD_MAX
    if (isApart) this.#counters.set({ actor, version }, live)
    const shown = isApart ? COUNTED_APART : live
    this.#insert.run(actor, version, firstSeq, lastSeq, versionLastSeq, ts, flags, shown, checksum, payload)
  }

  /** A version whose chunks waited has been applied; without a winner it is cleared. */
  settle({ actor, version }: Stamp, live: number): void {
    if (live === 0) this.discard({ actor, version })
    else {
      const shown = this.#setLive.get({
        actor,
        version,
        live,
        inline: INLINE_PAYLOAD_MAX,
        apart: COUNTED_APART,
      })
      if (shown === COUNTED_APART) this.#counters.set({ actor, version }, live)
      this.#settle.run(actor, version)
    }
  }

  /**
   * Other versions won `count` cells and lives from this one. With the last of them all its chunks go: returns the time of a
   * version that is cleared so.
   */
  lowerLive({ actor, version }: Stamp, count: number): Hlc | undefined {
    const single = this.#clearOne.get(actor, version, count)
    if (single !== undefined) return single
    const left = this.#counters.add({ actor, version }, -count)
    if (left === 0) return this.discard({ actor, version })
    if (left !== undefined) return undefined
    const ts = this.#clear.get({ actor, version, count })
    if (ts === undefined) this.#lower.run(count, actor, version)
    return ts
  }

  /** An applied version won more. */
  raiseLive({ actor, version }: Stamp, count: number): void {
    if (this.#counters.add({ actor, version }, count) === undefined) this.#raise.run(count, actor, version)
  }

  /** Forgets the chunks of a version that is cleared, or not held; returns its time where there were any. */
  discard({ actor, version }: Stamp): Hlc | undefined {
    this.#counters.delete({ actor, version })
    return this.#discard.get(actor, version)
  }

  chunksOf({ actor, version }: Stamp): LogRow[] {
    return this.#chunks.all(actor, version)
  }

  /** Chunks that wait, and those of quarantined versions. */
  waiting(): WaitingRow[] {
    return this.#waiting.all()
  }
}

/** Seqs of a row of the log. */
export function seqsOf(row: { readonly first_seq: Seq; readonly last_seq: Seq }): Range<Seq> {
  return { first: row.first_seq, last: row.last_seq }
}
