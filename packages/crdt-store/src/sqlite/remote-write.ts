/**
 * Remote writes: changesets of other actors → rows, clocks, log, knowledge, in the caller's transaction. Reads the header
 * first, because most of what arrives twice can be dropped by it; then the checksum; then the payload. What is damaged
 * leaves no trace, so that the good copy still gets in; what is intact but not understood is kept (quarantine).
 */
import {
  type ActorId,
  type ApplyOutcome,
  type ChangesetHeader,
  changesetChecksum,
  type DecodedHeader,
  decodeChangesetHeader,
  must,
  type SqliteValue,
} from '@patina/base'
import { isAlive } from '../core/causal-length.ts'
import { isComplete, type KnowledgeDraft } from '../core/knowledge.ts'
import { type IncomingCell, mergeRow, type RowVerdict } from '../core/merge.ts'
import type { VersionSets } from '../core/pending-claims.ts'
import { type ActorOrdinal, type ColumnOrdinal, type Stamp, sharedClock } from '../core/row-clock.ts'
import type { Touched } from '../core/touched.ts'
import type { ActorsTable } from './actors-table.ts'
import type { StoredClock } from './clock-table.ts'
import type { LiveLedger } from './live-ledger.ts'
import type { ChangesetLog } from './log.ts'
import { type Misfits, settleMisfits } from './misfits.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { type KnownChange, type ResolvedChange, resolveChunks, resolvePayload } from './resolve-changes.ts'
import type { UnknownMerge, UnknownTable } from './unknown-table.ts'

export interface RemoteContext {
  readonly self: ActorId
  readonly tables: ReadonlyMap<string, ReplicatedTable>
  readonly unknown: UnknownTable
  readonly misfits: Misfits
  readonly actors: ActorsTable
  readonly log: ChangesetLog
  readonly draft: KnowledgeDraft
  readonly losses: LiveLedger
  readonly touched: Touched
  /** Whose cells are written anew under the own actor. */
  readonly isAbandoned: (actor: ActorOrdinal) => boolean
  /** Abandoned actors that won something in this transaction. */
  readonly wonAgain: Set<ActorOrdinal>
  /** Milliseconds since 1970, by the wall clock. */
  readonly now: number
  /** Versions that may wait for chunks at a time. */
  readonly waitingMax: number
}

/** Applies one changeset. SQLite's errors pass through; the caller rolls back. */
export function applyChangeset(bytes: Uint8Array, context: RemoteContext): ApplyOutcome {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) return { kind: 'dropped', reason: `not a changeset: ${decoded.error.kind}` }
  const { header } = decoded.value
  const { draft, self } = context
  if (draft.has(header.actor, header.version)) return { kind: 'duplicate' }
  if (header.actor === self && header.version > draft.head(self))
    return {
      kind: 'dropped',
      reason: `own version ${header.version} was never written here: an old disk or a clone`,
    }
  const conflict = isWhole(header) ? undefined : chunkConflict(header, context)
  if (conflict !== undefined) return conflict
  if (changesetChecksum(bytes, decoded.value.payloadOffset) !== decoded.value.checksum)
    return { kind: 'dropped', reason: 'checksum mismatch' }
  return isWhole(header)
    ? applyWhole(bytes, decoded.value, context)
    : applyChunk(bytes, decoded.value, context)
}

function isWhole({ firstSeq, lastSeq, versionLastSeq }: ChangesetHeader): boolean {
  return firstSeq === 0 && lastSeq === versionLastSeq
}

/** Why a chunk is not taken, seen from the chunks of its version that wait already. */
function chunkConflict(
  header: ChangesetHeader,
  { draft, waitingMax }: RemoteContext,
): ApplyOutcome | undefined {
  const waiting = draft.waiting(header.actor, header.version)
  if (waiting === undefined)
    return draft.waitingCount() < waitingMax
      ? undefined
      : { kind: 'dropped', reason: `${waitingMax} versions wait for chunks already` }
  if (waiting.lastSeq !== header.versionLastSeq)
    return {
      kind: 'dropped',
      reason: `version has ${waiting.lastSeq} as its last seq, not ${header.versionLastSeq}`,
    }
  return waiting.seqs.containsRange(header.firstSeq, header.lastSeq) ? { kind: 'duplicate' } : undefined
}

/** Keeps an intact version that cannot be applied here: in the log, held, served on, retried later. */
export function quarantine(bytes: Uint8Array, context: RemoteContext): void {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) return
  const { header, checksum, payloadOffset } = decoded.value
  const actor = context.actors.ordinalOf(header.actor)
  const payload = bytes.subarray(payloadOffset)
  context.log.append({ actor, header, checksum, payload }, null)
  context.draft.hold(header.actor, header.version, header.ts)
}

/** A whole version needs no chunks: those that wait go, also where they are of another cut. */
function applyWhole(
  bytes: Uint8Array,
  { header, checksum, payloadOffset }: DecodedHeader,
  context: RemoteContext,
): ApplyOutcome {
  const { actors, log, draft } = context
  const stamp = { actor: actors.ordinalOf(header.actor), version: header.version }
  if (draft.waiting(header.actor, header.version) !== undefined) log.discard(stamp)
  const payload = bytes.subarray(payloadOffset)
  const resolved = resolvePayload(payload, header, context.tables)
  const live = resolved.ok ? applyRows(resolved.value, stamp, context) : null
  if (live !== 0) log.append({ actor: stamp.actor, header, checksum, payload }, live)
  draft.hold(header.actor, header.version, header.ts)
  return resolved.ok ? { kind: 'applied' } : { kind: 'quarantined', reason: resolved.error }
}

function applyChunk(
  bytes: Uint8Array,
  { header, checksum, payloadOffset }: DecodedHeader,
  context: RemoteContext,
): ApplyOutcome {
  const { actors, log, draft } = context
  const actor = actors.ordinalOf(header.actor)
  log.append({ actor, header, checksum, payload: bytes.subarray(payloadOffset) }, null)
  const seqs = { first: header.firstSeq, last: header.lastSeq }
  const chunk = { seqs, lastSeq: header.versionLastSeq, since: context.now }
  const waiting = draft.await(header.actor, header.version, chunk)
  draft.heardOf(header.actor, header.version, header.ts)
  return isComplete(waiting) ? applyWaiting(header, actor, context) : { kind: 'buffered' }
}

/** All chunks are in the log: the version is applied as a whole. */
function applyWaiting(header: ChangesetHeader, actor: ActorOrdinal, context: RemoteContext): ApplyOutcome {
  const stamp = { actor, version: header.version }
  const resolved = resolveChunks(context.log.chunksOf(stamp), context.tables)
  context.draft.hold(header.actor, header.version, header.ts)
  if (!resolved.ok) return { kind: 'quarantined', reason: resolved.error }
  context.log.settle(stamp, applyRows(resolved.value, stamp, context))
  return { kind: 'applied' }
}

/** Versions that are held from now on because winners over all that they wrote are: their chunks wait in vain. */
export function holdCleared(versions: VersionSets, { actors, log, draft }: RemoteContext): void {
  for (const [actor, cleared] of versions) {
    for (const version of draft.waitingVersions(actor))
      if (cleared.has(version)) log.discard({ actor: actors.ordinalOf(actor), version })
    draft.holdRanges(actor, cleared)
  }
}

/** Merges the rows of a version; returns its live count. */
export function applyRows(changes: readonly ResolvedChange[], stamp: Stamp, context: RemoteContext): number {
  let live = 0
  for (const change of changes) {
    context.misfits.lookAt(change)
    live += applyRow(change, stamp, context)
  }
  if (live > 0 && context.isAbandoned(stamp.actor)) context.wonAgain.add(stamp.actor)
  return live
}

/** Merges one row; returns the cells and lives that the version now owns, unknown ones included. */
export function applyRow(change: ResolvedChange, stamp: Stamp, context: RemoteContext): number {
  if (change.table === undefined) return context.unknown.mergeRow(change.change, stamp, unknownMerge(context))
  const mayMeet = change.misfits.length > 0 || context.unknown.mayHave(change.table.definition.name)
  const settled = mayMeet ? settleMisfits(change, stamp, { context, apply: applyRow }) : change
  const live = applyKnown(settled, stamp, context)
  if (live === undefined) return 0
  return settled.unknown.length === 0 ? live : live + applyUnknownCells(settled, stamp, context)
}

function unknownMerge({ actors, losses }: RemoteContext): UnknownMerge {
  return { order: actors.order, lose: (stamps) => losses.lose(stamps) }
}

function applyUnknownCells(
  { table, key, causalLength, unknown }: KnownChange,
  stamp: Stamp,
  context: RemoteContext,
): number {
  const row = { table: table.definition.name, keyColumns: table.keyNames, key }
  return context.unknown.mergeCells({ ...row, causalLength, cells: unknown }, stamp, unknownMerge(context))
}

/** The part in the clocks; undefined where the row has a later life. */
function applyKnown(
  change: KnownChange,
  stamp: Stamp,
  { actors, losses, touched, unknown }: RemoteContext,
): number | undefined {
  const { table, key } = change
  if (isFirstWhole(change)) {
    const clock = sharedClock(change.causalLength, stamp, change.cells.length)
    if (table.clocks.insert(key, clock)) {
      touched.wholeRow(table.definition.name)
      table.rows.insert(key, change.cells)
      return change.cells.length + 1
    }
  }
  const incoming = { causalLength: change.causalLength, cells: change.cells, stamp }
  const context = {
    order: actors.order,
    readCell: (column: ColumnOrdinal): SqliteValue => table.rows.read(key, column),
  }
  const ours = table.clocks.get(key)
  const verdict = mergeRow(ours, incoming, context)
  if (verdict.kind === 'lost') return change.causalLength === ours?.causalLength ? 0 : undefined
  losses.lose(verdict.lost)
  if (verdict.kind === 'cells') {
    table.clocks.update(must(ours, 'cells are merged into a row that has a clock'), verdict.clock)
    table.rows.update(key, verdict.written)
    touched.cells(table.definition.name, namesOf(table, verdict.written))
    return verdict.won
  }
  touched.wholeRow(table.definition.name)
  if (ours !== undefined && unknown.mayHave(table.definition.name))
    unknown.dropRow(
      { table: table.definition.name, keyColumns: table.keyNames, key },
      { causalLength: change.causalLength, lose: (stamps) => losses.lose(stamps) },
    )
  resetRow(change, ours, verdict)
  return change.cells.length + 1
}

function namesOf({ definition }: ReplicatedTable, cells: readonly IncomingCell[]): string[] {
  return cells.map(({ column }) => definition.columns[column]?.name ?? '')
}

/** The change of a plain INSERT. Most such rows were never seen here, so that asking for their clock first is in vain. */
function isFirstWhole({ table, causalLength, cells }: KnownChange): boolean {
  if (causalLength !== 1 || cells.length !== table.definition.columns.length) return false
  for (const { columnVersion } of cells) if (columnVersion !== 1) return false
  return true
}

/** A new life or a death: whatever was there goes. */
function resetRow(
  { table, key, causalLength, cells }: KnownChange,
  ours: StoredClock | undefined,
  verdict: RowVerdict & { kind: 'reset' },
): void {
  if (ours === undefined) table.clocks.insert(key, verdict.clock)
  else table.clocks.update(ours, verdict.clock)
  if (ours !== undefined && isAlive(ours.causalLength)) table.rows.delete(key)
  if (isAlive(causalLength)) table.rows.insert(key, cells)
}

/** Applies a quarantined version anew, after the code or the schema has changed; false when it still cannot be. */
export function retryQuarantined(stamp: Stamp, context: RemoteContext): boolean {
  const resolved = resolveChunks(context.log.chunksOf(stamp), context.tables)
  if (resolved.ok) context.log.settle(stamp, applyRows(resolved.value, stamp, context))
  return resolved.ok
}
