export type { Claim } from './core/pending-claims.ts'
export type { TouchedTable } from './core/touched.ts'
export { RequestRefused, SchemaError, SnapshotError, StoreOpenError } from './errors.ts'
export { defaultLimits, type StoreLimits } from './limits.ts'
export { type AdoptionFacts, adoptSnapshot } from './sqlite/adopt-snapshot.ts'
export type { CellExplanation, RowExplanation, Writer } from './sqlite/explain.ts'
export type { RewriteSlice } from './sqlite/fork-repair.ts'
export type { GroupOutcome, LocalRequest } from './sqlite/local-group.ts'
export { LogServer } from './sqlite/log-server.ts'
export type { Maintenance } from './sqlite/maintenance.ts'
export type { Misfit } from './sqlite/misfits.ts'
export type { PurgeCount, PurgeRequest } from './sqlite/purge.ts'
export type { ApplyResult } from './sqlite/remote-batch.ts'
export { readSchema, type SchemaFile } from './sqlite/schema.ts'
export type { KeptPart, SchemaChange, SchemaDiff } from './sqlite/schema-diff.ts'
export { type SchemaProgress, type SchemaSlice, userSchemaSql } from './sqlite/schema-work.ts'
export { type SnapshotFacts, writeSnapshot } from './sqlite/snapshot.ts'
export { openStore, type SchemaOptions, type Store, type StoreOptions } from './sqlite/store.ts'
export { FINDINGS_MAX, type Finding } from './sqlite/verify.ts'
export { WalSync } from './sqlite/wal-sync.ts'
export type {
  PurgeCall,
  PurgeReply,
  SchemaFault,
  SchemaReply,
  SchemaRequest,
  StatementResult,
  StoreContract,
  StoreEvent,
  StoreState,
  StoreStats,
  TransactReply,
} from './store-port.ts'
export { GROUP_REQUESTS_MAX, handlersOf, type StoreProcessOptions, storeHandlers } from './store-process.ts'
