/**
 * Every knob of `sync` with its unit and default, and the limits of what it decodes. Wire and
 * reasons: docs/protocol.md, "Replication messages" and "Replication". What is bounded here is bounded in memory or on the wire; nothing else may grow.
 */

export interface SyncConfig {
  /** Names, folded, of tables whose changes leave and are applied before other fresh ones. Deletions do so anyhow. */
  readonly urgentTables: readonly string[]
  /** Pause between exchanges while a peer has not been compared since our knowledge last changed. */
  readonly exchangePeriodMs: number
  /** The pause doubles up to this while all peers are found equal. */
  readonly exchangePeriodMaxMs: number
  /** A digest without an answer for this long ends its exchange. */
  readonly exchangeTimeoutMs: number
  /** Digests of one peer that come faster than this are refused. */
  readonly digestGapMs: number
  /** Pause between a summary and the first request, so that changesets that are already on their way are not asked for. */
  readonly graceMs: number
  /**
   * A request of which nothing has come for this long, or for two round trips where that is longer, is sent again under its number; then after
   * twice that, and so on.
   */
  readonly requestRepeatMs: number
  /** A request without any batch for this long is given up; its versions are asked from somebody else. */
  readonly requestTimeoutMs: number
  /** Pause before a peer that refused or went silent is asked again. A peer may ask for another, up to `retryMaxMs`. */
  readonly retryMs: number
  readonly retryMaxMs: number
  /** Versions named in one request. */
  readonly requestVersionsMax: number
  /** Ranges named in one request. */
  readonly requestRangesMax: number
  /** Changeset bytes of one batch. */
  readonly batchBytes: number
  /** Batches in flight for one request: 8 × 1 MiB, which keeps a link with a delay busy. */
  readonly credits: number
  /** Peers that are served at once; others are told when to come back. */
  readonly servedMax: number
  /** Bytes of batches that all peers together, and bytes of any answer that one of them, is given in a second. */
  readonly antiEntropyBytesPerSecond: number
  readonly antiEntropyPeerBytesPerSecond: number
  /** Bytes of summaries and buckets that all peers together are given in a second. */
  readonly comparisonBytesPerSecond: number
  /** What an answer counts at least: a read of the store, or a hash over all knowledge. */
  readonly questionBytesMin: number
  /** A read that the store does not answer, or a credit that does not come, for this long ends the service. */
  readonly serveTimeoutMs: number
  /** Changesets in one `apply` effect. */
  readonly applyItemsMax: number
  /** Changeset bytes in one `apply` effect; one larger changeset goes alone. */
  readonly applyBytesMax: number
  /** An apply that the store does not answer for this long counts as failed. */
  readonly applyTimeoutMs: number
  /** Pause after a failed apply, so that a store that starts again is not handed the whole queue meanwhile. */
  readonly applyRetryMs: number
  /** Bytes that wait for apply; above it the oldest backlog goes first. */
  readonly queueBytesMax: number
  readonly queueItemsMax: number
  /** Between two tellings of our own head to a peer, and how many such messages leave in a second at most. */
  readonly pulsePeriodMs: number
  readonly pulsesPerSecondMax: number
  /** While a client waits for copies elsewhere, members that have not told of them are asked again after this. */
  readonly awaitRepeatMs: number
  /** Changeset bytes of one broadcast message; one larger changeset goes alone. */
  readonly changesBytes: number
  /** Changeset bytes that this process broadcasts in a second, counted for each receiver; as many at once after a pause. */
  readonly broadcastBytesPerSecond: number
  /** Of one origin, counted once: what it sends of its own, and what is taken of each other one. */
  readonly originBytesPerSecond: number
  /** Own changesets above the budgets that wait; the oldest of more is not broadcast, anti-entropy brings it. */
  readonly delayedBytesMax: number
  /** How long local writes wait for a peer that confirms the own head, where the file has a history. 0: there are no peers. */
  readonly ownConfirmMs: number
  /** In which all heads go around, slice by slice, each to a random peer; on average. */
  readonly headsMs: number
  /** Until somebody repairs a fork of which both halves are gone: once to twice that, who must take a new actor for it three to four times. */
  readonly standInMs: number
  /** Until a peer that had something of an abandoned actor is asked for it again; one that had nothing after `againMaxMs`. */
  readonly againMs: number
  readonly againMaxMs: number
  /** Missing versions that no living member has, and whose actor is gone for so long, are unobtainable. */
  readonly unobtainableMs: number
  /** For members that cannot be reached a node that misses nothing waits so long before it calls itself caught up. */
  readonly reachMs: number
  /** Between two slices of what is written anew: 1,000 rows each. */
  readonly rewritePauseMs: number
}

/** What may change while a node runs. */
export type SyncBudgets = Pick<
  SyncConfig,
  | 'broadcastBytesPerSecond'
  | 'originBytesPerSecond'
  | 'delayedBytesMax'
  | 'antiEntropyBytesPerSecond'
  | 'antiEntropyPeerBytesPerSecond'
>

export const DEFAULT_SYNC_CONFIG: SyncConfig = {
  urgentTables: [],
  exchangePeriodMs: 1_000,
  exchangePeriodMaxMs: 10_000,
  exchangeTimeoutMs: 5_000,
  digestGapMs: 100,
  graceMs: 50,
  requestRepeatMs: 1_000,
  requestTimeoutMs: 10_000,
  retryMs: 1_000,
  retryMaxMs: 60_000,
  requestVersionsMax: 16_384,
  requestRangesMax: 4_096,
  batchBytes: 1_048_576,
  credits: 8,
  servedMax: 4,
  antiEntropyBytesPerSecond: 67_108_864,
  antiEntropyPeerBytesPerSecond: 33_554_432,
  comparisonBytesPerSecond: 4_194_304,
  questionBytesMin: 4_096,
  serveTimeoutMs: 30_000,
  applyItemsMax: 512,
  applyBytesMax: 1_048_576,
  applyTimeoutMs: 60_000,
  applyRetryMs: 200,
  queueBytesMax: 67_108_864,
  queueItemsMax: 65_536,
  pulsePeriodMs: 1_000,
  pulsesPerSecondMax: 5,
  awaitRepeatMs: 1_000,
  changesBytes: 131_072,
  broadcastBytesPerSecond: 10_485_760,
  originBytesPerSecond: 2_097_152,
  delayedBytesMax: 2_097_152,
  ownConfirmMs: 5_000,
  headsMs: 600_000,
  standInMs: 60_000,
  againMs: 60_000,
  againMaxMs: 600_000,
  unobtainableMs: 86_400_000,
  reachMs: 5_000,
  rewritePauseMs: 200,
}

/** All versions that there can be: as far as headers count. */
export const VERSIONS_ASKED_MAX: number = 2 ** 52

/** Limits of decoding: above them a message is junk, however well it is formed. */
export const limits = {
  /** Fields of one message, nested ones included: bounds what a decoder allocates. */
  messageFieldsMax: 262_144,
  /** Numbers in the ranges of one message: 131,072 ranges. */
  messageNumbersMax: 262_144,
  /** Ranges that one summary or basis tells; a longer one is cut so that the rest follows in later exchanges. */
  toldRangesMax: 65_536,
  /** Actors in one summary; as above. */
  toldActorsMax: 16_384,
  /** Chunks of incomplete versions that one summary tells for one actor. */
  toldPartialsMax: 1_024,
  /** Credits of one request: what a server may have in flight to one peer is this times its own batch size. */
  creditsMax: 64,
  /** Origins with a budget of their own; one that is forgotten begins with a full one. */
  originsMax: 4_096,
  /** Origins with a rule that mutes or unmutes them, here and in one message. */
  mutesMax: 256,
  /** Clients of this node that wait for copies elsewhere. */
  waitsMax: 1_024,
  /** Comparisons for people that are under way. */
  comparisonsMax: 64,
  /** Versions that one peer may wait for, and that one message names. */
  awaitedMax: 1_024,
} as const
