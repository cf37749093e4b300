/**
 * `patina sync`: what an agent holds of each actor, what it and a member lack of each other, an exchange at once, and what is missing
 * for good (give-up.ts). All but exchanges and giving up change nothing.
 */
import type {
  Client,
  KnownActor,
  LackedVersions,
  Member,
  SyncComparison,
  SyncKnowledge,
} from '@patina/client'
import { NumberText } from '@patina/client'
import {
  type Command,
  type CommandIo,
  chooseAction,
  type ParsedArguments,
  parseArguments,
  SHARED_OPTIONS,
  secondsOption,
  UsageError,
} from '@patina/program'
import { connect } from '../api-target.ts'
import { createPrinter } from './format.ts'
import { giveUp, showMissing } from './give-up.ts'
import { actorOf, nameOf } from './named-member.ts'
import { compareWhenFree, type Evened, evenWith } from './reconcile.ts'

const OPTIONS = { ...SHARED_OPTIONS, actor: 'text', timeout: 'text', yes: 'flag' } as const

interface Call {
  readonly client: Client
  readonly parsed: ParsedArguments
  readonly io: CommandIo
  /** What follows the action. */
  readonly words: readonly string[]
}

interface Action {
  /** Words that it may be given: at least, at most. */
  readonly words: readonly [min: number, max: number]
  /** What they are. */
  readonly takes?: string
  run(call: Call): Promise<number>
}

const ACTIONS: Readonly<Record<string, Action>> = {
  knowledge: { words: [0, 0], run: showKnowledge },
  compare: { words: [1, 1], takes: 'one member: a name, an address or an actor', run: compare },
  reconcile: { words: [0, 1], run: reconcile },
  missing: { words: [0, 0], run: showMissing },
  'give-up': { words: [1, 2], takes: 'one MEMBER or actor, and perhaps VERSIONS such as 3-5,9', run: giveUp },
}

/** Ranges shown of one actor; `--json` has all. */
const RANGES_SHOWN = 3
const RECONCILE_SECS = 300

export const syncCommand: Command = {
  usage:
    'sync knowledge [--actor ACTOR] | compare MEMBER | reconcile [MEMBER] [--timeout SECS] | missing | give-up MEMBER [VERSIONS] [--yes]',
  meaning:
    'what an agent holds of each actor, what it and a member lack of each other, comparing and fetching now, what nobody has any more',
  options: OPTIONS,
  async run(argv, io) {
    const parsed = parseArguments(argv, OPTIONS)
    const { what, action, words } = chooseAction('sync', ACTIONS, parsed)
    const [min, max] = action.words
    if (words.length < min) throw new UsageError(`${what} takes ${action.takes}`)
    if (words.length > max) throw new UsageError(`sync ${what} takes no more words`)
    return action.run({ client: connect(parsed, io.environment), parsed, io, words })
  },
}

async function showKnowledge({ client, parsed, io }: Call): Promise<number> {
  const wanted = parsed.text('actor')
  const members = await client.members()
  const actor = wanted === undefined ? undefined : actorOf(wanted, members)
  const knowledge = await client.syncKnowledge({ actor })
  if (parsed.flag('json')) io.out(`${JSON.stringify(knowledge, undefined, 2)}\n`)
  else printKnowledge(knowledge, members, io.out)
  return 0
}

function printKnowledge({ actors, peers }: SyncKnowledge, members: readonly Member[], out: Write): void {
  const settled = new Map(peers.map((peer) => [peer.actor, peer.settled]))
  const standing = { true: 'even', false: 'to be compared' } as const
  const printer = createPrinter('table', out, { header: true })
  printer.columns([
    'name',
    'head',
    'held',
    'missing',
    'gaps',
    'in parts',
    'given up',
    'age_ms',
    'peer',
    'actor',
  ])
  for (const known of actors) {
    const isSettled = settled.get(known.actor)
    printer.row([
      nameOf(known.actor, members),
      number(known.head),
      number(known.held),
      number(known.missing),
      spansText(known.gaps, known.gap_count),
      partsText(known),
      spansText(known.lost_ranges, known.lost_range_count),
      known.age_ms === null ? null : number(known.age_ms),
      isSettled === undefined ? '' : standing[`${isSettled}`],
      known.actor,
    ])
  }
  printer.end()
}

async function compare({ client, parsed, io, words: [wanted = ''] }: Call): Promise<number> {
  const members = await client.members()
  const comparison = await compareWhenFree(client, actorOf(wanted, members))
  if (parsed.flag('json')) io.out(`${JSON.stringify(comparison, undefined, 2)}\n`)
  else io.out(`${comparisonLines(comparison, members).join('\n')}\n`)
  return comparison.equal ? 0 : 1
}

export function comparisonLines(comparison: SyncComparison, members: readonly Member[]): string[] {
  const peer = nameOf(comparison.peer, members) || comparison.peer
  if (comparison.equal) return [`${peer} holds the same`]
  return [
    ...lackingLines(`this agent lacks what ${peer} has`, comparison.lacks, members),
    ...lackingLines(`${peer} lacks what this agent has`, comparison.peer_lacks, members),
    ...lackingLines(`${peer} has not heard that these are given up`, comparison.lost, members),
    ...lackingLines('this agent has not heard that these are given up', comparison.peer_lost, members),
  ]
}

function lackingLines(what: string, lacked: readonly LackedVersions[], members: readonly Member[]): string[] {
  if (lacked.length === 0) return []
  const count = lacked.reduce((sum, { versions }) => sum + versions, 0)
  return [
    `${what}: ${count} version${count === 1 ? '' : 's'}`,
    ...lacked.map(({ actor, versions, ranges }) => {
      const shown = spansText(ranges.slice(-RANGES_SHOWN), ranges.length)
      return `  ${versions} of ${nameOf(actor, members) || actor}: ${shown}`
    }),
  ]
}

/** Each peer in turn; 1 where one of them is not even in time. */
async function reconcile({ client, parsed, io, words: [wanted] }: Call): Promise<number> {
  const seconds = secondsOption(parsed, 'timeout') ?? RECONCILE_SECS
  const members = await client.members()
  const peers =
    wanted === undefined
      ? members.filter(({ self, state }) => !self && state === 'alive').map(({ actor }) => actor)
      : [actorOf(wanted, members)]
  const deadline = performance.now() + 1_000 * seconds
  const evened: Evened[] = []
  for (const peer of peers) {
    const name = nameOf(peer, members) || peer
    const leftMs = Math.max(0, deadline - performance.now())
    const one = await evenWith(client, peer, leftMs, (lacks, peerLacks) =>
      io.err(`${name}: ${lacks} versions to come, ${peerLacks} to go\n`),
    )
    evened.push(one)
    if (!parsed.flag('json')) io.out(`${evenedLine(name, one)}\n`)
  }
  if (parsed.flag('json')) io.out(`${JSON.stringify(evened, undefined, 2)}\n`)
  return evened.every(({ even }) => even) ? 0 : 1
}

function evenedLine(name: string, { even, lacks, peer_lacks: peerLacks, trouble }: Evened): string {
  if (even) return `${name} is even`
  if (trouble !== null) return `${name} is not even: ${trouble}`
  return `${name} is not even in time: ${lacks} versions to come, ${peerLacks} to go`
}

type Write = (text: string) => void

function number(value: number): NumberText {
  return new NumberText(String(value))
}

function spansText(spans: KnownActor['gaps'], count: number): string {
  const shown = spans
    .slice(-RANGES_SHOWN)
    .map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
  const more = count > shown.length ? `${count - shown.length} more, ` : ''
  return more + shown.join(', ')
}

function partsText({ partials, partial_count: count }: KnownActor): string {
  const shown = partials.slice(-RANGES_SHOWN).map(({ version, seqs, last_seq: lastSeq }) => {
    const held = seqs.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    return `${version} (${held} of ${lastSeq + 1} rows)`
  })
  const more = count > shown.length ? `${count - shown.length} more, ` : ''
  return more + shown.join(', ')
}
