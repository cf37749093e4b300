/** What `POST /v1/schema/reload` answers: what an agent has changed, or would change, in its database. */
import { ProtocolError } from './error.ts'

/** One change; `sql` says it in SQL. */
export interface SchemaChange {
  /** What, and what became of it: `column-added`, `index-dropped`, `view-changed`, … */
  readonly kind: string
  readonly table?: string
  readonly column?: string
  readonly index?: string
  readonly view?: string
  readonly sql: string
}

export interface SchemaReloaded {
  /** In the order in which they are made. */
  readonly changes: readonly SchemaChange[]
  /** What stays although no schema file names it. */
  readonly kept: readonly { readonly table: string; readonly column?: string }[]
  /** Tables whose rows are rewritten in slices: their changes are seen together, once all rows are. */
  readonly rebuilt: readonly string[]
}

/** What a change of the schema has left to do. `rows` of `of`, where that is known. */
export interface SchemaProgress {
  readonly table: string
  /** `adopting`, `copying`, `moving`, `purging`. */
  readonly work: string
  readonly rows?: number
  readonly of?: number
}

/** The schema of an agent. */
export interface AppliedSchema {
  /** CREATE statements. */
  readonly definitions: readonly string[]
  /** Empty: nothing is under way. */
  readonly pending: readonly SchemaProgress[]
}

/** What a purge forgets. */
export interface PurgeCount {
  readonly cells: number
  readonly rows: number
  /** False where there are more than were counted. */
  readonly complete: boolean
}

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readReloaded(answer: unknown): SchemaReloaded {
  const { changes, kept, rebuilt = [] } = (answer ?? {}) as Partial<SchemaReloaded>
  const isAnswer = Array.isArray(changes) && changes.every(isChange) && Array.isArray(kept)
  if (!isAnswer || !Array.isArray(rebuilt))
    throw new ProtocolError('the answer does not tell changes of a schema')
  return { changes, kept, rebuilt }
}

/** Throws ProtocolError. */
export function readApplied(answer: unknown): AppliedSchema {
  const { definitions, pending = [] } = (answer ?? {}) as Partial<AppliedSchema>
  const isAnswer = Array.isArray(definitions) && Array.isArray(pending) && pending.every(isProgress)
  if (!isAnswer) throw new ProtocolError('the answer does not tell a schema')
  return { definitions, pending }
}

/** Throws ProtocolError. */
export function readPurgeCount(answer: unknown): PurgeCount {
  const { cells, rows, complete } = (answer ?? {}) as Partial<PurgeCount>
  if (typeof cells !== 'number' || typeof rows !== 'number' || typeof complete !== 'boolean')
    throw new ProtocolError('the answer does not tell what a purge forgets')
  return { cells, rows, complete }
}

function isProgress(value: unknown): value is SchemaProgress {
  const progress = value as Partial<SchemaProgress> | null
  return typeof progress?.table === 'string' && typeof progress.work === 'string'
}

function isChange(value: unknown): value is SchemaChange {
  const change = value as Partial<SchemaChange> | null
  return typeof change?.kind === 'string' && typeof change.sql === 'string'
}
