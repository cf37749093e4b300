/** The contract of the store process: what main may ask of the one writer, and what it tells by itself. */
import type {
  ActorId,
  ActorKnowledge,
  ActorVersions,
  ApplyReport,
  Hlc,
  LocalCommit,
  OwnCheck,
  RememberedForks,
  SchemaHashes,
  Version,
} from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'
import type { TouchedTable } from './core/touched.ts'
import type { Misfit } from './sqlite/misfits.ts'
import type { PurgeCount, PurgeRequest } from './sqlite/purge.ts'
import type { SchemaFile } from './sqlite/schema.ts'
import type { SchemaDiff } from './sqlite/schema-diff.ts'
import type { SchemaProgress } from './sqlite/schema-work.ts'

/** Outcome of one local request. `refused`: a rule of ours (400 to a client); `failed`: SQLite's word (500 to a client). */
export type TransactReply =
  | {
      readonly kind: 'committed'
      /** One per statement. */
      readonly results: readonly StatementResult[]
      /** null when nothing really changed. */
      readonly version: Version | null
    }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

export interface StatementResult {
  readonly rowsAffected: number
  readonly seconds: number
}

/** What the store is when it has started. */
export interface StoreState {
  readonly actor: ActorId
  readonly clusterId: string
  /** Raised and durable at each start, before the first datagram. */
  readonly generation: number
  readonly knowledge: readonly ActorKnowledge[]
  /** Actors that this file gave up and writes anew: docs/adr/0020. */
  readonly abandoned: readonly ActorId[]
  readonly forks: RememberedForks
  readonly schema: SchemaHashes
}

/** `apply` changes the file, `diff` tells what it would change. */
export interface SchemaRequest {
  readonly mode: 'apply' | 'diff'
  readonly files: readonly SchemaFile[]
  /** Default false. */
  readonly allowDestructive?: boolean
}

/** With `isDry` it is counted only. */
export interface PurgeCall extends PurgeRequest {
  readonly isDry: boolean
}

export type PurgeReply =
  | ({ readonly kind: 'done' } & PurgeCount)
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

/** `refused`: nothing has changed; the fault is in the files. */
export type SchemaReply =
  | ({ readonly kind: 'done' } & SchemaDiff)
  | ({ readonly kind: 'refused' } & SchemaFault)

export interface SchemaFault {
  readonly code: string
  readonly message: string
  /** With the line, as `file:line`. */
  readonly file?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
}

export interface StoreStats {
  readonly databaseBytes: number
  readonly walBytes: number
  readonly quarantined: number
  readonly bufferedChunks: number
  /** Cells and rows since the start that the definitions of this node would not keep as they came. */
  readonly misfits: number
}

export type StoreEvent =
  /** The schema has changed: what clients may name, and what their statements mean. */
  | { readonly kind: 'schema-changed'; readonly schema: SchemaHashes }
  /** A change of a table was given up: its rows do not go with the new definition. */
  | { readonly kind: 'schema-failed'; readonly message: string }
  /** After each commit that changed rows, local or remote; in commit order. Readers see at least this commit. */
  | { readonly kind: 'changed'; readonly tables: readonly TouchedTable[] }
  /** In commit order; the only way by which changes reach the network. */
  | { readonly kind: 'committed'; readonly commits: readonly LocalCommit[] }
  /** Values came that the definition here would not keep: definitions of nodes differ. Each place once in a process. */
  | { readonly kind: 'misfits'; readonly places: readonly Misfit[] }
  /** A reader's old snapshot keeps the write-ahead log from ending, which nears its bound; told every 250 ms while it lasts. */
  | { readonly kind: 'wal-held'; readonly walBytes: number }
  /** Disk full, I/O error, corrupt or read-only file: the agent must stop. */
  | { readonly kind: 'fatal'; readonly code: string; readonly message: string }

export type StoreContract = {
  readonly calls: {
    readonly state: { readonly request: null; readonly reply: StoreState }
    readonly transact: { readonly request: readonly SqlStatement[]; readonly reply: TransactReply }
    readonly apply: {
      readonly request: {
        readonly changesets: readonly Uint8Array[]
        readonly cleared: readonly ActorVersions[]
        readonly basis: readonly ActorVersions[]
      }
      readonly reply: ApplyReport
    }
    /** Declares versions lost; replies what is known now of the actors for whom this is new. */
    readonly giveUp: {
      readonly request: { readonly lost: readonly ActorVersions[] }
      readonly reply: { readonly knowledge: readonly ActorKnowledge[] }
    }
    /** Makes everything committed and applied so far durable: before a peer is told that this member holds it. */
    readonly makeDurable: { readonly request: null; readonly reply: null }
    /** What the file holds as CREATE statements, views of schema files included. */
    readonly definitions: { readonly request: null; readonly reply: readonly string[] }
    readonly schema: { readonly request: SchemaRequest; readonly reply: SchemaReply }
    /** What a change of the schema has left to do. */
    readonly schemaProgress: { readonly request: null; readonly reply: readonly SchemaProgress[] }
    readonly purge: { readonly request: PurgeCall; readonly reply: PurgeReply }
    readonly stats: { readonly request: null; readonly reply: StoreStats }
    /** An own version, as a peer shows it: is it what was written here? */
    readonly checkOwn: {
      readonly request: { readonly version: Version; readonly ts: Hlc }
      readonly reply: OwnCheck
    }
    /** Gives an actor up; `self` is who writes here from now on. */
    readonly abandon: {
      readonly request: { readonly actor: ActorId }
      readonly reply: { readonly self: ActorId }
    }
    /** Writes a slice of what abandoned actors wrote anew. */
    readonly rewrite: { readonly request: null; readonly reply: { readonly isDone: boolean } }
    /** Remembers this in the place of what was known of forks. */
    readonly keepForks: { readonly request: RememberedForks; readonly reply: null }
    /** Versions of others that are held without content. */
    readonly cleared: { readonly request: null; readonly reply: readonly ActorVersions[] }
    /** Merges whole versions, also those that are held. */
    readonly applyAgain: {
      readonly request: { readonly changesets: readonly Uint8Array[] }
      readonly reply: ApplyReport
    }
  }
  readonly streams: Record<never, never>
  readonly event: StoreEvent
}
