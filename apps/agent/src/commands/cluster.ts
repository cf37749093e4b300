/** `patina cluster members`: the members as one agent sees them. */
import { type Member, NumberText } from '@patina/client'
import { connect } from '../api-target.ts'
import { onlyPositional, parseArguments, SHARED_OPTIONS } from '../arguments.ts'
import { UsageError } from '../refusal.ts'
import type { Command } from './command.ts'
import { createPrinter } from './format.ts'

export const clusterCommand: Command = {
  usage: 'cluster members',
  meaning: 'list the members and their states',
  options: SHARED_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, SHARED_OPTIONS)
    const what = onlyPositional(parsed, 'what to show (members)')
    if (what !== 'members') throw new UsageError(`unknown: cluster ${what}; there is: cluster members`)
    const members = await connect(parsed, io.environment).members()
    if (parsed.flag('json')) io.out(`${JSON.stringify(members, undefined, 2)}\n`)
    else printMembers(members, io.out)
    return 0
  },
}

function printMembers(members: readonly Member[], write: (text: string) => void): void {
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
