/** `patina cluster`: the members as one agent sees them, why it sees them so, leaving and asking the seeds again. */
import { type Client, type Member, type MemberExplanation, NumberText } from '@patina/client'
import {
  type Command,
  type CommandIo,
  chooseAction,
  type ParsedArguments,
  parseArguments,
  SHARED_OPTIONS,
  UsageError,
} from '@patina/program'
import { connect } from '../api-target.ts'
import { createPrinter } from './format.ts'
import { actorOf } from './named-member.ts'

/** Actions that take one member: a name, an address or an actor. */
const OF_MEMBER: readonly string[] = ['explain', 'tags', 'mute', 'unmute']

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  members: listMembers,
  watch: watchMembers,
  explain: explainMember,
  tags: listTags,
  leave: leaveCluster,
  rejoin: rejoinCluster,
  mute: muteMember,
  unmute: unmuteMember,
}

interface Call {
  readonly client: Client
  readonly parsed: ParsedArguments
  readonly io: CommandIo
  /** What follows the action. */
  readonly words: readonly string[]
}

export const clusterCommand: Command = {
  usage:
    'cluster members | watch | explain MEMBER | tags MEMBER | leave | rejoin | mute MEMBER | unmute MEMBER',
  meaning:
    'list or follow the members, tell why one is what it is and all its tags, leave, ask the seeds again, stop broadcasting what one writes',
  options: SHARED_OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, SHARED_OPTIONS)
    const { what, action, words } = chooseAction('cluster', ACTIONS, parsed)
    if (words.length !== (OF_MEMBER.includes(what) ? 1 : 0))
      throw new UsageError(
        OF_MEMBER.includes(what)
          ? `${what} takes one member: a name, an address or an actor`
          : `cluster ${what} takes no more words`,
      )
    await action({ client: connect(parsed, io.environment), parsed, io, words })
    return 0
  },
}

async function listMembers({ client, parsed, io }: Call): Promise<void> {
  const members = await client.members()
  if (parsed.flag('json')) io.out(`${JSON.stringify(members, undefined, 2)}\n`)
  else printMembers(members, io.out)
}

/** Each state of each member as it changes, until Ctrl-C; first all of them. */
async function watchMembers({ client, parsed, io }: Call): Promise<void> {
  const known = new Map<string, string>()
  const signal = io.interrupted()
  try {
    for await (const members of client.watchMembers({ signal })) {
      for (const member of members) {
        const line = parsed.flag('json') ? JSON.stringify(member) : lineOf(member)
        if (known.get(member.actor) !== line) io.out(`${line}\n`)
        known.set(member.actor, line)
      }
      await io.taken()
    }
  } catch (cause) {
    if (!signal.aborted) throw cause
  }
}

async function explainMember({ client, parsed, io, words }: Call): Promise<void> {
  const [wanted = ''] = words
  const members = await client.members()
  const explanation = await client.explainMember(actorOf(wanted, members))
  if (parsed.flag('json')) io.out(`${JSON.stringify(explanation, undefined, 2)}\n`)
  else io.out(`${explanationLines(explanation, members).join('\n')}\n`)
}

/** All of them, also those that the member itself is asked for. */
async function listTags({ client, parsed, io, words: [wanted = ''] }: Call): Promise<void> {
  const tags = await client.memberTags(actorOf(wanted, await client.members()))
  if (parsed.flag('json')) io.out(`${JSON.stringify(tags, undefined, 2)}\n`)
  else for (const [key, value] of Object.entries(tags)) io.out(`${key}=${value}\n`)
}

async function leaveCluster({ client, io }: Call): Promise<void> {
  await client.leaveCluster()
  io.out('left; the agent serves what it holds until it is stopped, and joins again when it is started\n')
}

async function rejoinCluster({ client, io }: Call): Promise<void> {
  await client.rejoinCluster()
  io.out('the seeds are being asked\n')
}

async function muteMember({ client, io, words: [wanted = ''] }: Call): Promise<void> {
  await client.muteMember(actorOf(wanted, await client.members()))
  io.out('muted on all members: its changes come by anti-entropy, until it is unmuted\n')
}

async function unmuteMember({ client, io, words: [wanted = ''] }: Call): Promise<void> {
  await client.unmuteMember(actorOf(wanted, await client.members()))
  io.out('its changes are broadcast again\n')
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

function lineOf({ since_ms, state, name, addr, region, tags, self }: Member): string {
  const told = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  const where = self ? `${addr} (self)` : addr
  return [new Date(since_ms).toISOString(), state, name, region, where, ...told].join(' ')
}

const REASONS: Readonly<Record<string, string>> = {
  heard: 'it speaks to us or answers our probes',
  told: 'others say so, and nobody has found it silent',
  accused: 'it was found silent',
  'said-so-itself': 'it said so itself',
  unverified: 'somebody told of it, and it has not answered us yet; it is not shown before it does',
  held: 'it came back from being down too often; it is shown again when it has stayed for a while',
}

function explanationLines(explanation: MemberExplanation, members: readonly Member[]): string[] {
  const { member, because, heard_ms_ago: heardAgo, last_probe: probe, verdict_in_ms: verdict } = explanation
  const nameOf = (actor: string): string => members.find((known) => known.actor === actor)?.name ?? actor
  const lines = [
    `${member.name} ${member.addr} is ${member.state}: ${REASONS[because] ?? because}`,
    `actor ${member.actor}, generation ${member.generation}, incarnation ${member.incarnation}, ${member.state} since ${new Date(member.since_ms).toISOString()}`,
  ]
  if (heardAgo !== null) lines.push(`last message ${heardAgo} ms ago, by ${explanation.heard_by}`)
  if (probe !== null) lines.push(`last probe ${probe.ms_ago} ms ago: ${probe.how.replaceAll('-', ' ')}`)
  if (explanation.accusers.length > 0)
    lines.push(`found silent by ${explanation.accusers.map(nameOf).join(', ')}`)
  if (verdict !== null) lines.push(`down in ${verdict} ms unless it refutes`)
  if (explanation.told_by !== null) lines.push(`told of by ${nameOf(explanation.told_by)}`)
  if (explanation.udp_blocked) lines.push('datagrams to it are lost; it is probed by stream')
  lines.push(
    `round trip ${member.rtt_ms ?? 'not measured'} ms, an ack may take ${explanation.ack_timeout_ms} ms, ring ${explanation.ring ?? 'unknown'}`,
  )
  if (explanation.revivals > 0) lines.push(`came back from being down ${explanation.revivals} times lately`)
  return lines
}
