/** What `GET /v1/schema/skew` answers: where the tables of connected members are not those of the agent that is asked. */
import { ProtocolError } from './error.ts'

/** Some of the members, and how many there are. */
export interface SkewedMembers {
  readonly count: number
  readonly members: readonly { readonly actor: string; readonly name: string }[]
}

export interface TableSkew {
  readonly table: string
  /** They define it otherwise. */
  readonly differs: SkewedMembers
  /** They lack it. */
  readonly lacks: SkewedMembers
  /** They have it, the agent does not. */
  readonly only: SkewedMembers
}

export interface SchemaSkew {
  /** Connected members: with the same tables, with others, and those who have not told yet. */
  readonly peers: { readonly same: number; readonly other: number; readonly unknown: number }
  readonly tables: readonly TableSkew[]
  /** They differ in tables that their message had no room for. */
  readonly elsewhere: SkewedMembers
}

/** Checks what a program relies on; fields of newer agents are kept. Throws ProtocolError. */
export function readSkew(answer: unknown): SchemaSkew {
  const skew = (answer ?? {}) as SchemaSkew
  const { peers, tables, elsewhere } = skew
  const counts = [peers?.same, peers?.other, peers?.unknown]
  const isAnswer =
    counts.every((count) => typeof count === 'number') &&
    isMembers(elsewhere) &&
    Array.isArray(tables) &&
    tables.every(isTable)
  if (!isAnswer) throw new ProtocolError('the answer does not tell a skew of schemas')
  return skew
}

function isTable(value: unknown): boolean {
  const { table, differs, lacks, only } = (value ?? {}) as Partial<TableSkew>
  return typeof table === 'string' && [differs, lacks, only].every(isMembers)
}

function isMembers(value: unknown): boolean {
  const { count, members } = (value ?? {}) as Partial<SkewedMembers>
  return (
    typeof count === 'number' &&
    Array.isArray(members) &&
    members.every((member) => typeof member?.actor === 'string' && typeof member.name === 'string')
  )
}
