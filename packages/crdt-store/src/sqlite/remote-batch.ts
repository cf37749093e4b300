/**
 * Remote batches: changesets of others, merged in one transaction. When SQLite refuses one of them (a constraint that
 * only this node has), the batch is rolled back and runs again with a savepoint each, and the culprit is quarantined:
 * one bad changeset does not fail its neighbours.
 */
import type { ApplyOutcome, ApplyReport } from '@patina/base'
import { setSynchronous } from '@patina/sqlite'
import { isFatal, sqliteCode } from '../errors.ts'
import { LiveLedger } from './live-ledger.ts'
import { applyChangeset, quarantine, type RemoteContext } from './remote-write.ts'
import { type StoreParts, writeBookkeeping } from './store-parts.ts'

/** Errors that speak about this one row or statement, not about the file or the moment. */
const CULPRIT = /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|ABORT)/

/** Merges a batch. Throws SQLite's error, with nothing recorded, when the fault lies with the file or the moment. */
export function runBatch(parts: StoreParts, changesets: readonly Uint8Array[]): ApplyReport {
  // Peers have this data: a crash that takes it back costs a sync, not a write.
  setSynchronous(parts.db, 'NORMAL')
  try {
    return mergeBatch(parts, changesets, applyChangeset)
  } catch (cause) {
    if (isFatal(cause) || !CULPRIT.test(sqliteCode(cause) ?? '')) throw cause
    return mergeBatch(parts, changesets, (bytes, context) => applyAlone(parts, bytes, context))
  }
}

type Apply = (bytes: Uint8Array, context: RemoteContext) => ApplyOutcome

function mergeBatch(parts: StoreParts, changesets: readonly Uint8Array[], apply: Apply): ApplyReport {
  const { tables, actors, log, knowledge } = parts
  const draft = knowledge.draft()
  const losses = new LiveLedger()
  const context = { tables, actors, log, draft, losses }
  const outcomes = parts.transactions.run(() => {
    const all = changesets.map((bytes) => apply(bytes, context))
    writeBookkeeping(parts, draft, losses)
    return all
  })
  knowledge.adopt(draft.changes())
  const touched = [...draft.changes()].map(({ actor }) => knowledge.of(actor))
  return { outcomes, knowledge: touched }
}

/** Applies one changeset in a savepoint of its own, with a ledger that counts only if it stands. */
function applyAlone({ db }: StoreParts, bytes: Uint8Array, context: RemoteContext): ApplyOutcome {
  const losses = new LiveLedger()
  db.exec('SAVEPOINT changeset')
  try {
    const outcome = applyChangeset(bytes, { ...context, losses })
    db.exec('RELEASE changeset')
    context.losses.addAll(losses)
    return outcome
  } catch (cause) {
    const code = sqliteCode(cause) ?? ''
    if (!CULPRIT.test(code) || !db.inTransaction) throw cause
    db.exec('ROLLBACK TO changeset; RELEASE changeset')
    context.actors.reload()
    quarantine(bytes, context)
    return { kind: 'quarantined', reason: `${code}: ${(cause as Error).message}` }
  }
}
