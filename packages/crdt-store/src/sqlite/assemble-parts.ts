/** The parts of a store on an open file: one object per internal table, and the copy of the knowledge as the file has it. */
import { type Database, Inspector } from '@patina/sqlite'
import { Knowledge } from '../core/knowledge.ts'
import { defaultLimits, type StoreLimits } from '../limits.ts'
import { AbandonedActors } from './abandoned-actors.ts'
import { ActorsTable } from './actors-table.ts'
import { Capture } from './capture.ts'
import { ClientStatements } from './client-statements.ts'
import { HaveTable } from './have-table.ts'
import { HlcClock } from './hlc-clock.ts'
import { KnownForksTable } from './known-forks-table.ts'
import { ChangesetLog, seqsOf } from './log.ts'
import { LostTable } from './lost-table.ts'
import type { MetaTable } from './meta-table.ts'
import { Misfits } from './misfits.ts'
import { OwnVersions } from './own-versions.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { SlicePace } from './slice-pace.ts'
import { type OwnActor, type StoreParts, Transactions } from './store-parts.ts'
import { UnknownTable } from './unknown-table.ts'

export interface PartsOptions {
  readonly limits: Partial<StoreLimits> | undefined
  readonly nowMicros: (() => number) | undefined
}

export interface AssembledParts {
  readonly parts: StoreParts
  readonly inspector: Inspector
  /** `parts.tables`, for whoever fills them. */
  readonly tables: Map<string, ReplicatedTable>
}

/** A request may touch a row several times before its changes are folded, and an update carries both rows. */
const EVENTS_PER_ROW = 4

/** Everything but the tables of the schema, which are read by schema-work.ts. */
export function assembleParts(
  db: Database,
  meta: MetaTable,
  { limits, nowMicros }: PartsOptions,
): AssembledParts {
  const actors = new ActorsTable(db)
  const bounds = { ...defaultLimits, ...limits }
  const self: OwnActor = { actor: actors.idOf(meta.self()), ordinal: meta.self(), confirmed: 0 }
  const [inspector, tables] = [new Inspector(), new Map<string, ReplicatedTable>()]
  const parts: StoreParts = {
    db,
    self,
    actors,
    transactions: new Transactions(db, actors),
    own: new OwnVersions(db),
    unknown: new UnknownTable(db),
    misfits: new Misfits(),
    abandoned: new AbandonedActors(db),
    forks: new KnownForksTable(db, actors),
    have: new HaveTable(db),
    lost: new LostTable(db),
    log: new ChangesetLog(db),
    capture: new Capture(db, {
      eventsMax: EVENTS_PER_ROW * bounds.versionRowsMax,
      bytesMax: EVENTS_PER_ROW * bounds.versionBytesMax,
    }),
    statements: new ClientStatements(db, inspector, bounds.preparedStatementsMax),
    tables,
    residues: [],
    adopting: [],
    knowledge: new Knowledge(),
    claims: { pending: [] },
    limits: bounds,
    pace: new SlicePace(bounds),
    clock: new HlcClock(nowMicros ?? (() => Date.now() * 1000)),
  }
  loadKnowledge(parts)
  return { parts, inspector, tables }
}

/** Rebuilds the copy of the knowledge from the tables (I-CRDT-1). */
function loadKnowledge({ self, actors, clock, have, lost, log, knowledge }: StoreParts): void {
  const [draft, now] = [knowledge.draft(), clock.wallMillis()]
  for (const { actor, first, last } of have.all()) draft.holdRanges(actors.idOf(actor), [{ first, last }])
  for (const row of log.waiting()) {
    const actor = actors.idOf(row.actor)
    if (!draft.has(actor, row.version))
      draft.await(actor, row.version, { seqs: seqsOf(row), lastSeq: row.version_last_seq, since: now })
  }
  for (const { actor, head, headTs } of actors.all()) draft.setHead(actor, head, headTs)
  // Before the chunks that wait: what has come since it was given up is not forgotten.
  for (const [actor, versions] of lost.all()) knowledge.giveUp(actors.idOf(actor), versions)
  knowledge.adopt(draft.changes())
  clock.startAfter(knowledge.of(self.actor).headTs)
}
