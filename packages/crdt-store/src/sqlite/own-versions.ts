/**
 * `__patina_own`: when was which version written here? Timestamps of own versions that have left the log before a peer
 * confirmed them. Two copies of one disk write different versions under the same number; only the time tells them apart.
 */
import { type Hlc, must, type OwnCheck, type Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal, Stamp } from '../core/row-clock.ts'
import type { StoreParts } from './store-parts.ts'

/** Kept of one actor; a node that meets no peer for longer than that forgets the oldest. */
export const OWN_TIMESTAMPS_MAX = 10_000

/** So many may be there beyond the bound before the oldest are looked for. */
const SLACK = 1_000

/** A version without content has no time: then nobody can tell, either. */
export function checkOwn({ self, own, knowledge }: StoreParts, version: Version, ts: Hlc): OwnCheck {
  const { head, headTs } = knowledge.of(self.actor)
  if (version > head) return 'beyond'
  const here = version === head ? headTs : own.timestampOf({ actor: self.ordinal, version })
  if (here === undefined || ts === 0) return 'unknown'
  if (here !== ts) return 'other'
  if (version > self.confirmed) {
    self.confirmed = version
    own.confirm({ actor: self.ordinal, version })
  }
  return 'same'
}

export class OwnVersions {
  readonly #insert: BetterSqlite3.Statement<[ActorOrdinal, Version, Hlc]>
  readonly #get: BetterSqlite3.Statement<[ActorOrdinal, Version], Hlc>
  readonly #logged: BetterSqlite3.Statement<[ActorOrdinal, Version], Hlc>
  readonly #prune: BetterSqlite3.Statement<[{ actor: ActorOrdinal; kept: number }]>
  readonly #forget: BetterSqlite3.Statement<[ActorOrdinal, Version]>
  readonly #count: BetterSqlite3.Statement<[], number>
  #inserted = 0

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_own (
      actor   INTEGER NOT NULL,         -- ordinal of the own actor, or of one that was
      version INTEGER NOT NULL,
      ts      INTEGER NOT NULL,         -- HLC of the version that this file wrote
      PRIMARY KEY (actor, version)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT OR REPLACE INTO __patina_own (actor, version, ts) VALUES (?, ?, ?)')
    this.#get = number(db, 'SELECT ts FROM __patina_own WHERE actor = ? AND version = ?')
    this.#logged = number(db, 'SELECT ts FROM __patina_log WHERE actor = ? AND version = ? AND first_seq = 0')
    this.#prune = db.prepare(
      `DELETE FROM __patina_own WHERE actor = :actor AND version <= (
         SELECT version FROM __patina_own WHERE actor = :actor ORDER BY version DESC LIMIT 1 OFFSET :kept)`,
    )
    this.#forget = db.prepare('DELETE FROM __patina_own WHERE actor = ? AND version <= ?')
    this.#count = number(db, 'SELECT count(*) FROM __patina_own')
    this.#inserted = must(this.#count.get(), 'a count')
  }

  /** An own version leaves the log. Inside a transaction. */
  keep({ actor, version }: Stamp, ts: Hlc): void {
    this.#insert.run(actor, version, ts)
    this.#inserted += 1
    if (this.#inserted < OWN_TIMESTAMPS_MAX + SLACK) return
    this.#prune.run({ actor, kept: OWN_TIMESTAMPS_MAX })
    this.#inserted = OWN_TIMESTAMPS_MAX
  }

  /** When the version was written here; undefined where that is not known any more. */
  timestampOf({ actor, version }: Stamp): Hlc | undefined {
    return this.#get.get(actor, version) ?? this.#logged.get(actor, version)
  }

  /** A peer has confirmed the version, and with it all before it. Few that are left do no harm: they cost a commit. */
  confirm({ actor, version }: Stamp): void {
    if (this.#inserted < SLACK) return
    this.#forget.run(actor, version)
    this.#inserted = must(this.#count.get(), 'a count')
  }
}

function number<Bind extends unknown[], N extends number>(
  db: Database,
  sql: string,
): BetterSqlite3.Statement<Bind, N> {
  return db.prepare<Bind, N>(sql).pluck().safeIntegers(false)
}
