/**
 * SyncMessage ↔ bytes, by the code generated from proto/sync.proto. All that comes from a peer is checked here, once,
 * into branded types; arbitrary bytes give a DecodeError and never throw.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  actorFromBytes,
  actorToBytes,
  COUNTER_MAX,
  type DecodeError,
  DecodeFailure,
  err,
  type Hlc,
  isHlc,
  isVersion,
  type Need,
  ok,
  type PartialVersion,
  type Range,
  RangeSet,
  type Result,
  refuse,
  SEQ_MAX,
  type Seq,
  unreachable,
  type Version,
} from '@patina/base'
import { patina } from '#gen/sync.js'
import { BUCKETS_BYTES, SCOPE_BYTES } from './buckets.ts'
import { limits } from './config.ts'
import {
  type BatchMessage,
  type BroadcastMode,
  type ForkNews,
  type Head,
  ROOT_BYTES,
  SALT_BYTES,
  type SummaryMessage,
  type SyncMessage,
} from './message.ts'
import type { MuteRule } from './mutes.ts'
import { numbersToRanges, rangesToNumbers } from './wire-ranges.ts'
import { WireReader } from './wire-reader.ts'

const wire: typeof patina.sync.v1 = patina.sync.v1
type WireMessage = patina.sync.v1.SyncMessage.$Properties

const MODES: readonly BroadcastMode[] = ['unknown', 'direct', 'tree', 'epidemic']
const VERSION_BOUNDS = { min: 1, max: Number.MAX_SAFE_INTEGER }

export function encodeMessage(message: SyncMessage): Uint8Array {
  return wire.SyncMessage.encode(messageToWire(message)).finish()
}

/** State is unchanged by a failure; the fault is the peer's. Changeset bytes are views into `bytes`. */
export function decodeMessage(bytes: Uint8Array): Result<SyncMessage, DecodeError> {
  try {
    return ok(wireToMessage(wire.SyncMessage.decode(new WireReader(bytes))))
  } catch (cause) {
    if (cause instanceof DecodeFailure) return err(cause.error)
    // protobufjs reports bad bytes by plain errors of several kinds; nothing else runs inside this call.
    return err({ kind: 'malformed', what: cause instanceof Error ? cause.message : 'sync message' })
  }
}

function messageToWire(message: SyncMessage): WireMessage {
  switch (message.kind) {
    case 'changes':
      return changesToWire(message)
    case 'digest':
      return { digest: digestToWire(message) }
    case 'buckets':
      return { buckets: { exchange: message.exchange, hashes: message.hashes } }
    case 'equal':
      return { equal: { exchange: message.exchange } }
    case 'summary':
      return { summary: summaryToWire(message) }
    case 'request': {
      const { request, budgetBytes, credits } = message
      return { request: { request, budgetBytes, credits, needs: message.needs.map(needToWire) } }
    }
    case 'batch':
      return { batch: batchToWire(message) }
    case 'credit':
      return { credit: { request: message.request, batches: message.batches } }
    case 'pulse':
      return { pulse: { version: message.version, sent: message.sent, answers: message.answers } }
    case 'await':
      return { await: { versions: versionListToWire(message.versions) } }
    case 'held':
      return { held: { versions: versionListToWire(message.versions) } }
    case 'mutes':
      return { mutes: { rules: message.rules.map(muteRuleToWire) } }
    case 'refusal': {
      const { exchange, request, retryMs } = message
      return { refusal: { exchange, request, retryMs } }
    }
    case 'heads':
      return {
        heads: {
          heads: message.heads.map(headToWire),
          forks: message.forks.map(forkToWire),
          isSettled: message.isSettled,
        },
      }
    default:
      return unreachable(message)
  }
}

function wireToMessage(message: WireMessage): SyncMessage {
  const { changes, digest, equal, buckets, summary, request, batch, credit, refusal } = message
  const { mutes, held, pulse, heads } = message
  if (changes) return wireToChanges(changes)
  if (batch) return wireToBatch(batch)
  if (digest) return wireToDigest(digest)
  if (equal) return { kind: 'equal', exchange: id(equal.exchange) }
  if (buckets) return wireToBuckets(buckets)
  if (summary) return wireToSummary(summary)
  if (request) return wireToRequest(request)
  if (credit) return { kind: 'credit', request: id(credit.request), batches: credit.batches ?? 0 }
  if (refusal) return wireToRefusal(refusal)
  if (pulse) return wireToPulse(pulse)
  if (mutes) return wireToMutes(mutes)
  if (message.await) return { kind: 'await', versions: wireToVersionList(message.await.versions) }
  if (held) return { kind: 'held', versions: wireToVersionList(held.versions) }
  if (heads) return wireToHeads(heads)
  throw new DecodeFailure({ kind: 'malformed', what: 'a message of no known kind' })
}

function changesToWire({
  mode,
  urgent,
  changesets,
}: SyncMessage & { readonly kind: 'changes' }): WireMessage {
  return { changes: { mode: MODES.indexOf(mode), urgent: urgent ?? false, changesets: [...changesets] } }
}

function wireToChanges({ mode, urgent, changesets }: patina.sync.v1.Changes.$Properties): SyncMessage {
  const how = MODES[mode ?? 0] ?? 'unknown'
  return { kind: 'changes', mode: how, urgent: urgent ?? false, changesets: changesets ?? [] }
}

function digestToWire(digest: SyncMessage & { readonly kind: 'digest' }): patina.sync.v1.Digest.$Properties {
  const { exchange, salt, root, understandsBuckets } = digest
  return { exchange, salt, root, understandsBuckets }
}

function wireToDigest(digest: patina.sync.v1.Digest.$Properties): SyncMessage {
  const salt = exactBytes('salt', digest.salt, SALT_BYTES)
  const root = exactBytes('root', digest.root, ROOT_BYTES)
  const understandsBuckets = digest.understandsBuckets ?? false
  return { kind: 'digest', exchange: id(digest.exchange), salt, root, understandsBuckets }
}

function wireToBuckets({ exchange, hashes }: patina.sync.v1.Buckets.$Properties): SyncMessage {
  return { kind: 'buckets', exchange: id(exchange), hashes: exactBytes('hashes', hashes, BUCKETS_BYTES) }
}

/** `scope` is left out where it is absent: an empty one would be junk to its reader. */
function summaryToWire({
  exchange,
  answerWanted,
  actors,
  scope,
  onlyAsks,
}: SummaryMessage): patina.sync.v1.Summary.$Properties {
  const told = { exchange, answerWanted, actors: actors.map(knowledgeToWire) }
  return scope === undefined ? told : { ...told, scope, onlyAsks: onlyAsks ?? false }
}

function wireToSummary(summary: patina.sync.v1.Summary.$Properties): SyncMessage {
  const actors = distinctActors((summary.actors ?? []).map(wireToKnowledge))
  const answerWanted = summary.answerWanted ?? false
  const told = { kind: 'summary', exchange: id(summary.exchange), answerWanted, actors } as const
  if (summary.scope === undefined || summary.scope === null || summary.scope.length === 0) return told
  const scope = exactBytes('scope', summary.scope, SCOPE_BYTES)
  return { ...told, scope, onlyAsks: summary.onlyAsks ?? false }
}

function wireToRequest(told: patina.sync.v1.Request.$Properties): SyncMessage {
  const needs = (told.needs ?? []).map(wireToNeed)
  const [budgetBytes, credits] = [number(told.budgetBytes), told.credits ?? 0]
  return { kind: 'request', request: id(told.request), needs, budgetBytes, credits }
}

function wireToRefusal(told: patina.sync.v1.Refusal.$Properties): SyncMessage {
  const [exchange, request] = [told.exchange ?? 0, told.request ?? 0]
  if ((exchange === 0) === (request === 0)) refuse('refusal of one thing', `${exchange}, ${request}`)
  return { kind: 'refusal', exchange, request, retryMs: told.retryMs ?? 0 }
}

function wireToPulse(told: patina.sync.v1.Pulse.$Properties): SyncMessage {
  const head = number(told.version) === 0 ? 0 : version(told.version)
  return { kind: 'pulse', version: head, sent: id(told.sent), answers: told.answers ?? 0 }
}

function versionListToWire(versions: readonly Version[]): number[] {
  return rangesToNumbers([...RangeSet.of(versions.map((version) => ({ first: version, last: version })))])
}

/** As many as one peer may wait for, however few bytes name them. */
function wireToVersionList(numbers: readonly unknown[] | null | undefined): Version[] {
  const ranges = versionRanges(numbers)
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (count > limits.awaitedMax) refuse('versions', count)
  return ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => (first + i) as Version),
  )
}

function muteRuleToWire({ origin, muted, at }: MuteRule): patina.sync.v1.MuteRule.$Properties {
  return { origin: actorToBytes(origin), muted, at }
}

function wireToMutes({ rules }: patina.sync.v1.Mutes.$Properties): SyncMessage {
  if ((rules?.length ?? 0) > limits.mutesMax) refuse('rules', rules?.length ?? 0)
  return { kind: 'mutes', rules: (rules ?? []).map(wireToMuteRule) }
}

function wireToMuteRule(told: patina.sync.v1.MuteRule.$Properties): MuteRule {
  const at = number(told.at)
  if (at > COUNTER_MAX) refuse('time', at)
  return { origin: actor(told.origin), muted: told.muted ?? false, at: at as Hlc }
}

function headToWire({ actor, version, ts }: Head): patina.sync.v1.Head.$Properties {
  return { actor: actorToBytes(actor), version, ts }
}

function forkToWire({ actor, isRepairedHere }: ForkNews): patina.sync.v1.Fork.$Properties {
  return { actor: actorToBytes(actor), isRepairedHere }
}

function wireToHeads(told: patina.sync.v1.Heads.$Properties): SyncMessage {
  const heads = distinctActors(
    (told.heads ?? []).map((head) => ({
      actor: actor(head.actor),
      version: version(head.version),
      ts: timestamp(head.ts),
    })),
  )
  const forks = distinctActors(
    (told.forks ?? []).map((fork) => ({
      actor: actor(fork.actor),
      isRepairedHere: fork.isRepairedHere ?? false,
    })),
  )
  return { kind: 'heads', heads, forks, isSettled: told.isSettled ?? false }
}

function batchToWire(batch: BatchMessage): patina.sync.v1.Batch.$Properties {
  return {
    request: batch.request,
    changesets: [...batch.changesets],
    cleared: batch.cleared.map(versionsToWire),
    basis: batch.basis.map(versionsToWire),
    done: batch.done,
    rest: batch.rest.map(needToWire),
  }
}

function wireToBatch(batch: patina.sync.v1.Batch.$Properties): BatchMessage {
  return {
    kind: 'batch',
    request: id(batch.request),
    changesets: batch.changesets ?? [],
    cleared: distinctActors((batch.cleared ?? []).map(wireToVersions)),
    basis: distinctActors((batch.basis ?? []).map(wireToVersions)),
    done: batch.done ?? false,
    rest: (batch.rest ?? []).map(wireToNeed),
  }
}

function knowledgeToWire(knowledge: ActorKnowledge): patina.sync.v1.ActorSummary.$Properties {
  return {
    actor: actorToBytes(knowledge.actor),
    have: rangesToNumbers(knowledge.have),
    head: knowledge.head,
    headTs: knowledge.headTs,
    lost: rangesToNumbers(knowledge.lost ?? []),
    partials: knowledge.partials.map(({ version, seqs, lastSeq }) => ({
      version,
      lastSeq,
      seqs: rangesToNumbers(seqs),
    })),
  }
}

function wireToKnowledge(told: patina.sync.v1.ActorSummary.$Properties): ActorKnowledge {
  const have = versionRanges(told.have)
  const head = number(told.head)
  const lost = versionRanges(told.lost)
  return {
    ...(lost.length > 0 ? { lost } : {}),
    actor: actor(told.actor),
    have,
    head: Math.max(head, have.at(-1)?.last ?? 0) as Version | 0,
    headTs: number(told.headTs) as Hlc,
    partials: (told.partials ?? []).map(wireToPartial),
  }
}

function wireToPartial(told: patina.sync.v1.Partial.$Properties): PartialVersion {
  const lastSeq = number(told.lastSeq)
  if (lastSeq > SEQ_MAX) refuse('last seq', lastSeq)
  return { version: version(told.version), lastSeq: lastSeq as Seq, seqs: seqRanges(told.seqs, lastSeq) }
}

function needToWire(need: Need): patina.sync.v1.Need.$Properties {
  const actor = actorToBytes(need.actor)
  return need.kind === 'versions'
    ? { actor, versions: rangesToNumbers(need.versions) }
    : { actor, version: need.version, seqs: rangesToNumbers(need.seqs) }
}

function wireToNeed(told: patina.sync.v1.Need.$Properties): Need {
  const of = actor(told.actor)
  if (number(told.version) === 0)
    return { kind: 'versions', actor: of, versions: versionRanges(told.versions) }
  return { kind: 'seqs', actor: of, version: version(told.version), seqs: seqRanges(told.seqs, SEQ_MAX) }
}

function versionsToWire({ actor, versions }: ActorVersions): patina.sync.v1.ActorVersions.$Properties {
  return { actor: actorToBytes(actor), versions: rangesToNumbers(versions) }
}

function wireToVersions(told: patina.sync.v1.ActorVersions.$Properties): ActorVersions {
  return { actor: actor(told.actor), versions: versionRanges(told.versions) }
}

/** An actor that is named twice could hide one half of a basis: such a message is junk as a whole. */
function distinctActors<T extends { readonly actor: ActorId }>(entries: T[]): T[] {
  if (new Set(entries.map(({ actor }) => actor)).size !== entries.length)
    throw new DecodeFailure({ kind: 'malformed', what: 'an actor named twice' })
  return entries
}

function versionRanges(numbers: readonly unknown[] | null | undefined): Range<Version>[] {
  return numbersToRanges('versions', (numbers ?? []) as number[], VERSION_BOUNDS)
}

function seqRanges(numbers: readonly unknown[] | null | undefined, max: number): Range<Seq>[] {
  return numbersToRanges('seqs', (numbers ?? []) as number[], { min: 0, max })
}

function actor(bytes: Uint8Array | null | undefined): ActorId {
  return actorFromBytes(exactBytes('actor', bytes, ACTOR_BYTES))
}

function version(told: unknown): Version {
  const value = number(told)
  return isVersion(value) ? value : refuse('version', value)
}

function timestamp(told: unknown): Hlc {
  const value = number(told)
  return isHlc(value) && value > 0 ? value : refuse('timestamp', value)
}

function id(told: number | null | undefined): number {
  return told === undefined || told === null || told === 0 ? refuse('id', 0) : told
}

/** A field that is not sent is 0 in proto3; one that is sent is a safe integer by WireReader. */
function number(told: unknown): number {
  return typeof told === 'number' ? told : 0
}

function exactBytes(what: string, bytes: Uint8Array | null | undefined, length: number): Uint8Array {
  if (bytes?.length !== length) return refuse(`${what} bytes`, bytes?.length ?? 0)
  return bytes
}
