/** `patina sync missing` and `give-up`: what an agent misses of whom, and declaring lost what nobody has any more. */
import type { Client, Member, MissingVersions, VersionRange } from '@patina/client'
import { type CommandIo, type ParsedArguments, UsageError } from '@patina/program'
import { actorOf, nameOf } from './named-member.ts'

interface Call {
  readonly client: Client
  readonly parsed: ParsedArguments
  readonly io: CommandIo
  readonly words: readonly string[]
}

export async function showMissing({ client, parsed, io }: Call): Promise<number> {
  const actors = await client.missingVersions()
  if (parsed.flag('json')) io.out(`${JSON.stringify(actors, undefined, 2)}\n`)
  else if (actors.length === 0) io.out('nothing is missing\n')
  else {
    const members = await client.members()
    for (const entry of actors) io.out(`${missingLines(entry, members).join('\n')}\n`)
  }
  return 0
}

/** Without `--yes` it only tells what would be lost. */
export async function giveUp({ client, parsed, io, words }: Call): Promise<number> {
  const [wanted = '', text] = words
  const versions = text === undefined ? undefined : readVersions(text)
  const members = await client.members()
  const actor = actorOf(wanted, members)
  const isJson = parsed.flag('json')
  if (!parsed.flag('yes')) {
    const known = (await client.missingVersions()).find((entry) => entry.actor === actor)
    if (isJson) io.out(`${JSON.stringify(known ?? null)}\n`)
    else if (known === undefined) io.out(`nothing of ${titleOf(actor, members)} is missing\n`)
    else io.out(`${missingLines(known, members).join('\n')}\nnothing is given up yet; say it with --yes\n`)
    return 1
  }
  const done = await client.giveUpVersions(actor, versions)
  if (isJson) io.out(`${JSON.stringify(done)}\n`)
  else if (done.lost.length === 0) io.out('nothing was left to give up\n')
  else io.out(`given up on all members: versions ${shown(done.lost)}; a copy that turns up is taken\n`)
  return 0
}

function missingLines(
  { actor, head, missing, ...entry }: MissingVersions,
  members: readonly Member[],
): string[] {
  const parts = [
    ['missing', missing],
    ['held by connected members', entry.held_by_others],
    ['held by nobody for a day', entry.unobtainable],
    ['given up', entry.lost],
  ] as const
  const told = parts.filter(([, ranges]) => ranges.length > 0)
  return [
    `${titleOf(actor, members)}, known up to ${head}`,
    ...told.map(([what, ranges]) => `  ${what}: ${shown(ranges)}`),
  ]
}

/** With its name where it is still known as a member. */
function titleOf(actor: string, members: readonly Member[]): string {
  const name = nameOf(actor, members)
  return name === '' ? actor : `${name} (${actor})`
}

function shown(ranges: readonly VersionRange[]): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** `3-5,9`. Throws UsageError. */
function readVersions(text: string): VersionRange[] {
  return text.split(',').map((part): VersionRange => {
    const [, first, last = first] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(part) ?? []
    const range = [Number(first), Number(last)] as const
    if (!(range[0] >= 1 && range[0] <= range[1]))
      throw new UsageError(`VERSIONS are such as 3-5,9, not ${text}`)
    return range
  })
}
