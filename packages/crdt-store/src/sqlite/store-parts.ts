/** What the halves of the store share: the connection, one class per internal table, and the copy of the knowledge. */
import type { ActorId, Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { Knowledge, KnowledgeDraft } from '../core/knowledge.ts'
import type { PendingClaim } from '../core/pending-claims.ts'
import type { ActorOrdinal } from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import type { StoreLimits } from '../limits.ts'
import type { AbandonedActors } from './abandoned-actors.ts'
import type { ActorsTable } from './actors-table.ts'
import type { Capture } from './capture.ts'
import type { ClientStatements } from './client-statements.ts'
import type { HaveTable } from './have-table.ts'
import type { HlcClock } from './hlc-clock.ts'
import type { KnownForksTable } from './known-forks-table.ts'
import type { LiveLedger } from './live-ledger.ts'
import type { ChangesetLog } from './log.ts'
import type { LostTable } from './lost-table.ts'
import type { Misfits } from './misfits.ts'
import type { OwnVersions } from './own-versions.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import type { Residue } from './residue.ts'
import type { SlicePace } from './slice-pace.ts'
import type { UnknownTable } from './unknown-table.ts'

/** Claims that wait for their basis: replaced as a whole once the transaction that settled them is committed. */
export interface PendingClaims {
  pending: readonly PendingClaim[]
}

/** Who writes here. Another one once the actor is abandoned. */
export interface OwnActor {
  actor: ActorId
  ordinal: ActorOrdinal
  /** A peer has shown this version with the time at which it was written here. 0: none, since the file was opened. */
  confirmed: Version | 0
}

export interface StoreParts {
  readonly db: Database
  readonly self: OwnActor
  readonly actors: ActorsTable
  readonly transactions: Transactions
  readonly own: OwnVersions
  readonly abandoned: AbandonedActors
  readonly forks: KnownForksTable
  readonly have: HaveTable
  readonly lost: LostTable
  readonly log: ChangesetLog
  readonly capture: Capture
  readonly statements: ClientStatements
  readonly unknown: UnknownTable
  readonly misfits: Misfits
  /** Tables on their way out; filled with each change of the schema. */
  readonly residues: Residue[]
  /** Tables that another program made, and of which not all rows have clocks yet; filled as `residues`, and not in `tables`. */
  readonly adopting: TableDefinition[]
  readonly tables: ReadonlyMap<string, ReplicatedTable>
  readonly knowledge: Knowledge
  readonly claims: PendingClaims
  readonly limits: StoreLimits
  readonly pace: SlicePace
  readonly clock: HlcClock
}

/** Writes what a transaction learned, as its last step: ranges held, heads, counters of the versions that lost. */
export function writeBookkeeping(
  { self, actors, own, have, log }: StoreParts,
  draft: KnowledgeDraft,
  losses: LiveLedger,
): void {
  for (const { actor, held, head, headTs } of draft.changes()) {
    have.add(actors.ordinalOf(actor), held)
    if (head !== 0) actors.setHead(actor, head, headTs)
  }
  for (const { ts, ...stamp } of losses.writeTo(log))
    if (stamp.actor === self.ordinal && stamp.version > self.confirmed) own.keep(stamp, ts)
}

/** Transactions of the one connection: all of a piece of work or nothing, in the file and in memory (I-CRDT-7). */
export class Transactions {
  readonly #db: Database
  readonly #actors: ActorsTable
  readonly #begin: BetterSqlite3.Statement<[]>
  readonly #commit: BetterSqlite3.Statement<[]>

  constructor(db: Database, actors: ActorsTable) {
    this.#db = db
    this.#actors = actors
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
  }

  /** Runs `work` in one transaction; what it throws rolls everything back and is thrown on. */
  run<T>(work: () => T): T {
    const mark = this.#actors.mark()
    this.#begin.run()
    try {
      const result = work()
      this.#commit.run()
      return result
    } catch (cause) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      this.#actors.forgetSince(mark)
      throw cause
    }
  }
}
