/** `patina cluster members`: the members as one agent sees them. */
import { findTarget, refusalOf, sendRequest } from '../api-client.ts'
import { onlyPositional, parseArguments, SHARED_OPTIONS } from '../arguments.ts'
import type { MemberJson } from '../http/members.ts'
import { UsageError } from '../refusal.ts'
import type { Command } from './command.ts'
import { createPrinter, NumberText } from './format.ts'

export const clusterCommand: Command = {
  usage: 'cluster members',
  meaning: 'list the members and their states',
  options: SHARED_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, SHARED_OPTIONS)
    const what = onlyPositional(parsed, 'what to show (members)')
    if (what !== 'members') throw new UsageError(`unknown: cluster ${what}; there is: cluster members`)
    const response = await sendRequest(findTarget(parsed, io.environment), 'GET', '/v1/members')
    if (!response.ok) throw await refusalOf(response)
    const { members } = (await response.json()) as { readonly members: readonly MemberJson[] }
    if (parsed.flag('json')) io.out(`${JSON.stringify(members, undefined, 2)}\n`)
    else printMembers(members, io.out)
    return 0
  },
}

function printMembers(members: readonly MemberJson[], write: (text: string) => void): void {
  const printer = createPrinter('table', write, { header: true })
  printer.columns(['name', 'region', 'addr', 'state', 'rtt_ms', 'since', 'actor'])
  for (const member of members)
    printer.row([
      member.name + (member.self ? ' (self)' : ''),
      member.region,
      member.addr,
      member.state,
      member.rtt_ms === null ? null : new NumberText(String(member.rtt_ms)),
      new Date(member.since_ms).toISOString(),
      member.actor,
    ])
  printer.end()
}
