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
}

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readReloaded(answer: unknown): SchemaReloaded {
  const { changes, kept } = (answer ?? {}) as Partial<SchemaReloaded>
  const isAnswer = Array.isArray(changes) && changes.every(isChange) && Array.isArray(kept)
  if (!isAnswer) throw new ProtocolError('the answer does not tell changes of a schema')
  return { changes, kept }
}

function isChange(value: unknown): value is SchemaChange {
  const change = value as Partial<SchemaChange> | null
  return typeof change?.kind === 'string' && typeof change.sql === 'string'
}
