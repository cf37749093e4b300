/**
 * The changeset log: every version held and not overwritten entirely, as the bytes that went over the wire. It is the
 * relay's memory and the source of sync. `live` stands on the row with first_seq 0 of an applied version and counts the
 * cells whose stamp the version is plus the lives that it owns (I-CRDT-4); it is NULL while chunks are missing and for
 * quarantined versions, and 0 on the further rows of an applied version. A version whose count would be 0 is cleared: it
 * has no rows here, so that a table of n rows keeps at most as many versions as it has cells and lives.
 */
import type { ChangesetHeader, Hlc, Range, Seq, Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal, Stamp } from '../core/row-clock.ts'

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

export class ChangesetLog {
  readonly #insert: Insert
  readonly #setLive: BetterSqlite3.Statement<[number, ActorOrdinal, Version]>
  readonly #settle: BetterSqlite3.Statement<[ActorOrdinal, Version]>
  readonly #clear: BetterSqlite3.Statement<[{ actor: ActorOrdinal; version: Version; count: number }], Hlc>
  readonly #clearOne: BetterSqlite3.Statement<[ActorOrdinal, Version, number], Hlc>
  readonly #raise: BetterSqlite3.Statement<[number, ActorOrdinal, Version]>
  readonly #lower: BetterSqlite3.Statement<[number, ActorOrdinal, Version]>
  readonly #discard: BetterSqlite3.Statement<[ActorOrdinal, Version]>
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
    this.#setLive = db.prepare(
      'UPDATE __patina_log SET live = ? WHERE actor = ? AND version = ? AND first_seq = 0',
    )
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
    this.#discard = db.prepare('DELETE FROM __patina_log WHERE actor = ? AND version = ?')
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
    this.#insert.run(actor, version, firstSeq, lastSeq, versionLastSeq, ts, flags, live, checksum, payload)
  }

  /** A version whose chunks waited has been applied; without a winner it is cleared. */
  settle({ actor, version }: Stamp, live: number): void {
    if (live === 0) this.discard({ actor, version })
    else {
      this.#setLive.run(live, actor, version)
      this.#settle.run(actor, version)
    }
  }

  /**
   * Other versions won `count` cells and lives from this one. With the last of them all its chunks go: returns the time of a
   * version that is cleared so.
   */
  lowerLive({ actor, version }: Stamp, count: number): Hlc | undefined {
    const ts = this.#clearOne.get(actor, version, count) ?? this.#clear.get({ actor, version, count })
    if (ts === undefined) this.#lower.run(count, actor, version)
    return ts
  }

  /** An applied version won more. */
  raiseLive({ actor, version }: Stamp, count: number): void {
    this.#raise.run(count, actor, version)
  }

  /** Forgets the chunks of a version that is cleared, or not held. */
  discard({ actor, version }: Stamp): void {
    this.#discard.run(actor, version)
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
