/**
 * Remote batches: changesets of others, merged in one transaction. When SQLite refuses one of them (a constraint that
 * only this node has), the batch is rolled back and runs again with a savepoint each, and the culprit is quarantined:
 * one bad changeset does not fail its neighbours.
 */
import { type ActorId, type ApplyOutcome, type ApplyReport, err, ok, type Result } from '@patina/base'
import { setSynchronous } from '@patina/sqlite'
import { type Claim, type PendingClaim, settleClaims } from '../core/pending-claims.ts'
import type { Stamp } from '../core/row-clock.ts'
import { Touched, type TouchedTable } from '../core/touched.ts'
import { sqliteCode } from '../errors.ts'
import { withoutChecks } from './check-constraints.ts'
import { LiveLedger } from './live-ledger.ts'
import {
  applyChangeset,
  holdCleared,
  quarantine,
  type RemoteContext,
  retryQuarantined,
} from './remote-write.ts'
import { mergeAgain } from './second-merge.ts'
import { type StoreParts, writeBookkeeping } from './store-parts.ts'

/** Errors that speak about this one row or statement, not about the file or the moment. */
const CULPRIT = /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR|ABORT)/

/** What a batch did, for peers and for whoever keeps results current. */
export interface ApplyResult {
  readonly report: ApplyReport
  readonly touched: readonly TouchedTable[]
}

/** A version that has got no chunk for so long gives its place to another: its writer may be gone for good. */
const STALE_MS = 600_000

/** All places are taken: those of versions that wait in vain become free. What is there still can be had again. */
function expireWaiting({ transactions, knowledge, actors, log, clock }: StoreParts): void {
  const stale = knowledge.waitingSince(clock.wallMillis() - STALE_MS)
  if (stale.length === 0) return
  transactions.run(() => {
    for (const { actor, version } of stale) log.discard({ actor: actors.ordinalOf(actor), version })
  })
  knowledge.forgetWaiting(stale)
}

/** What a peer answered: changesets, and what it called cleared. */
export interface RemoteBatch {
  readonly changesets: readonly Uint8Array[]
  readonly claim?: Claim | undefined
}

/** Merges a batch. Throws SQLite's error, with nothing recorded, when the fault lies with the file or the moment. */
export function runBatch(parts: StoreParts, batch: RemoteBatch): ApplyResult {
  // Peers have this data: a crash that takes it back costs a sync, not a write.
  setSynchronous(parts.db, 'NORMAL')
  if (parts.knowledge.waitingCount() >= parts.limits.waitingVersionsMax) expireWaiting(parts)
  try {
    return mergeBatch(parts, batch, applyChangeset)
  } catch (cause) {
    if (!isCulprit(cause)) throw cause
    return withoutChecks(parts.db, () =>
      mergeBatch(parts, batch, (bytes, context) => applyAlone(parts, bytes, context)),
    )
  }
}

/** Tries every quarantined version again, each alone: the code or the schema may take it now. */
export function retryAllQuarantined(parts: StoreParts): void {
  const { log, actors, knowledge } = parts
  const versions = new Map<string, Stamp>()
  for (const { actor, version } of log.waiting())
    if (knowledge.has(actors.idOf(actor), version)) versions.set(`${actor}/${version}`, { actor, version })
  if (versions.size === 0) return
  withoutChecks(parts.db, () => {
    const context = remoteContext(parts)
    asRemote(parts, () => {
      for (const stamp of versions.values())
        isolated(parts, context, (alone) => retryQuarantined(stamp, alone))
      writeOutcome(parts, context)
    })
  })
}

/**
 * Merges versions once more that are held already (second-merge.ts), and others as usual. Throws SQLite's error, with nothing
 * recorded.
 */
export function runAgain(parts: StoreParts, changesets: readonly Uint8Array[]): ApplyResult {
  setSynchronous(parts.db, 'NORMAL')
  return withoutChecks(parts.db, () => {
    let again: ReturnType<typeof mergeAgain> | undefined
    let at = 0
    return mergeBatch(parts, { changesets }, (bytes, context) => {
      again ??= mergeAgain(changesets, context)
      return again[at++] ?? applyAlone(parts, bytes, context)
    })
  })
}

type Apply = (bytes: Uint8Array, context: RemoteContext) => ApplyOutcome

function mergeBatch(parts: StoreParts, { changesets, claim }: RemoteBatch, apply: Apply): ApplyResult {
  const { knowledge, claims } = parts
  const context = remoteContext(parts)
  const { outcomes, pending } = asRemote(parts, () => {
    const outcomes = changesets.map((bytes) => apply(bytes, context))
    const settled = settle(parts, claim, context)
    writeOutcome(parts, context)
    return { outcomes, pending: settled }
  })
  knowledge.adopt(context.draft.changes())
  claims.pending = pending
  const changes = [...context.draft.changes()]
  for (const { headTs } of changes) parts.clock.observe(headTs)
  const changed = changes.map(({ actor }) => knowledge.of(actor))
  return { report: { outcomes, knowledge: changed }, touched: context.touched.tables() }
}

/** What a transaction of remote changes learned, as its last step; abandoned actors that won something are written anew. */
export function writeOutcome(parts: StoreParts, { draft, losses, wonAgain }: RemoteContext): void {
  for (const actor of wonAgain) parts.abandoned.add(actor)
  writeBookkeeping(parts, draft, losses)
}

/** Holds what may now be believed to be cleared; returns the claims that wait on. */
function settle(
  { claims, self, limits }: StoreParts,
  claim: Claim | undefined,
  context: RemoteContext,
): readonly PendingClaim[] {
  if (claim === undefined && claims.pending.length === 0) return claims.pending
  const { draft } = context
  const { held, pending } = settleClaims(claims.pending, claim && withoutOwn(claim, self.actor), {
    lacked: (actor, versions) => draft.lacked(actor, versions),
    rangesMax: limits.pendingClaimRangesMax,
  })
  holdCleared(held, context)
  return pending
}

/** What peers call cleared beyond the own head was never written here (an old disk): those numbers are not taken. */
function withoutOwn({ cleared, basis }: Claim, self: ActorId): Claim {
  return { cleared: cleared.filter(({ actor }) => actor !== self), basis }
}

export function remoteContext(parts: StoreParts): RemoteContext {
  const { self, tables, unknown, misfits, actors, abandoned, log, knowledge, limits, clock } = parts
  return {
    self: self.actor,
    tables,
    unknown,
    misfits,
    actors,
    log,
    draft: knowledge.draft(),
    losses: new LiveLedger(),
    touched: new Touched(),
    wonAgain: new Set(),
    now: clock.wallMillis(),
    isAbandoned: (actor) => abandoned.has(actor),
    waitingMax: limits.waitingVersionsMax,
  }
}

/** One transaction in which triggers say nothing: the changes carry stamps of their own. */
export function asRemote<T>({ capture, transactions }: StoreParts, work: () => T): T {
  capture.start('remote')
  try {
    return transactions.run(work)
  } finally {
    capture.stop()
  }
}

function applyAlone(parts: StoreParts, bytes: Uint8Array, context: RemoteContext): ApplyOutcome {
  const outcome = isolated(parts, context, (alone) => applyChangeset(bytes, alone))
  if (outcome.ok) return outcome.value
  quarantine(bytes, context)
  return { kind: 'quarantined', reason: outcome.error }
}

/** Runs work in a savepoint, with a ledger that counts only if it stands. An error of this one version is a result. */
export function isolated<T>(
  { db, actors }: StoreParts,
  context: RemoteContext,
  work: (alone: RemoteContext) => T,
): Result<T, string> {
  const [losses, touched, mark] = [new LiveLedger(), new Touched(), actors.mark()]
  db.exec('SAVEPOINT changeset')
  try {
    const value = work({ ...context, losses, touched })
    db.exec('RELEASE changeset')
    context.losses.addAll(losses)
    context.touched.addAll(touched)
    return ok(value)
  } catch (cause) {
    if (!isCulprit(cause) || !db.inTransaction) throw cause
    db.exec('ROLLBACK TO changeset; RELEASE changeset')
    actors.forgetSince(mark)
    return err(`${sqliteCode(cause) ?? 'internal'}: ${(cause as Error).message}`)
  }
}

/** Errors that speak about one version: a constraint of this node's, or a changeset that our own code chokes on. */
export function isCulprit(cause: unknown): boolean {
  const code = sqliteCode(cause)
  return code === undefined || CULPRIT.test(code)
}
