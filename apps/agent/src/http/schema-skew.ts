/** GET /v1/schema/skew: which tables are not the same at connected peers, by the names of the members. */
import type { ActorId } from '@patina/base'
import type { SchemaSkewView } from '@patina/node'
import type { MemberView } from '@patina/swim'
import type { Context } from 'hono'

export interface SkewServices {
  readonly schemaSkew: () => SchemaSkewView
  readonly members: () => { readonly others: readonly MemberView[] }
}

/** Members named for a table and a way in which it differs; a count says how many there are. */
const NAMED_MAX = 20

export function handleSkew(c: Context, { schemaSkew, members }: SkewServices): Response {
  const { tables, same, other, unknown, elsewhere } = schemaSkew()
  const nameOf = namesOf(members().others)
  const named = (actors: readonly ActorId[]): object => ({
    count: actors.length,
    members: actors.slice(0, NAMED_MAX).map((actor) => ({ actor, name: nameOf.get(actor) ?? '' })),
  })
  return c.json({
    peers: { same, other, unknown },
    tables: tables.map(({ table, differs, lacks, only }) => ({
      table,
      differs: named(differs),
      lacks: named(lacks),
      only: named(only),
    })),
    elsewhere: named(elsewhere),
  })
}

function namesOf(members: readonly MemberView[]): ReadonlyMap<ActorId, string> {
  return new Map(members.map(({ actor, metadata }) => [actor, metadata.name]))
}
