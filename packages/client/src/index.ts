export { type Cell, NumberText, type TextCell } from './cell.ts'
export type { BatchEvent, ChangesEvent } from './change-batches.ts'
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type ExecuteOptions,
  type KnowledgeOptions,
  type PurgeOptions,
  type QueryOptions,
  type ReloadOptions,
  type SubscribeOptions,
  type TagOptions,
  type WatchOptions,
} from './client.ts'
export {
  ApiError,
  ConnectionError,
  type ConnectionTrouble,
  HistoryGoneError,
  IntegerRangeError,
  MissedChangeError,
  ProtocolError,
} from './error.ts'
export type { ChangeEvent, ColumnsEvent, EndOfQueryEvent, RowEvent } from './event.ts'
export type { Member } from './member.ts'
export type { LeasedTag, MemberExplanation, Tags } from './membership.ts'
export type { GivenUp, MissingVersions, VersionRange } from './missing.ts'
export type { Query } from './query.ts'
export type { AppliedSchema, PurgeCount, SchemaChange, SchemaProgress, SchemaReloaded } from './schema.ts'
export type { SchemaSkew, SkewedMembers, TableSkew } from './schema-skew.ts'
export type { SqlParam, SqlParams, Statement } from './statement.ts'
export type { Subscription, SubscriptionEvent } from './subscription.ts'
export type { KnownActor, LackedVersions, Span, SyncComparison, SyncKnowledge } from './sync.ts'
export type { Outcome, StatementOutcome } from './transaction.ts'
