/** `patina schema skew`: where tables are not the same at the members that an agent is connected with; 1 where they are not. */
import type { SchemaSkew, SkewedMembers } from '@patina/client'
import type { CommandIo, ParsedArguments } from '@patina/program'
import { connect } from '../api-target.ts'

export async function showSkew(parsed: ParsedArguments, io: CommandIo): Promise<number> {
  const skew = await connect(parsed, io.environment).schemaSkew()
  if (parsed.flag('json')) io.out(`${JSON.stringify(skew, undefined, 2)}\n`)
  else io.out(`${skewLines(skew).join('\n')}\n`)
  return skew.peers.other === 0 ? 0 : 1
}

export function skewLines({ peers, tables, elsewhere }: SchemaSkew): string[] {
  const { same, other, unknown } = peers
  const lines = tables.flatMap(({ table, differs, lacks, only }) => [
    ...line(`~ table ${table}: defined otherwise at`, differs),
    ...line(`- table ${table}: lacking at`, lacks),
    ...line(`+ table ${table}: not here, but at`, only),
  ])
  const rest = line('? further tables differ at', elsewhere)
  const untold = unknown === 0 ? '' : `, ${unknown} that have not told`
  return [`connected members: ${same} with the same tables, ${other} with others${untold}`, ...lines, ...rest]
}

function line(what: string, { count, members }: SkewedMembers): string[] {
  if (count === 0) return []
  const names = members.map(({ actor, name }) => (name === '' ? actor : name)).join(', ')
  const more = count > members.length ? ` and ${count - members.length} more` : ''
  return [`${what} ${names}${more}`]
}
