/** A statement as a client wrote it: one SQL text and its parameters, with storage classes decided (agent-api's number rules). */
import type { SqliteValue } from '@patina/base'

export interface SqlStatement {
  readonly sql: string
  /** By position, or by name with the prefix character as in the SQL (`:a`, `@a`, `$a`). Empty array: none. */
  readonly params: readonly SqliteValue[] | { readonly [name: string]: SqliteValue }
}
