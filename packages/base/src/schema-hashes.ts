/**
 * SchemaHashes: what two nodes compare to see whether their tables are the same to replication. The store makes them, the node
 * machine carries them; nobody reads more than equality out of a hash.
 */

/** 16 lower-case hex digits. */
export interface TableHash {
  /** Folded to lower case. */
  readonly table: string
  readonly hash: string
}

export interface SchemaHashes {
  /** Of all tables together, also of those that a message has no room for; 16 lower-case hex digits. */
  readonly all: string
  /** Replicated tables, in order of their names as UTF-16. */
  readonly tables: readonly TableHash[]
}

export const HASH_BYTES = 8

/** Of a node that has no replicated table. */
export const NO_SCHEMA: SchemaHashes = { all: '0'.repeat(2 * HASH_BYTES), tables: [] }
