/**
 * Evidence: do hosts that have gone explain why a roll-up is smaller? Its query is asked once more with a list of members in which
 * those that are not alive were so. What it lacks then too was deleted, and the guard holds it; what it has then went with its
 * hosts. A query that does not read `patina_members` has no such evidence, nor has one that reads it through a view.
 * An agent that is cut off finds that all others have gone, so evidence needs more hosts that are there than such as left lately; those do not count
 * that the global cluster misses too.
 */
import type { Millis } from '@patina/base'
import type { Cell, Client, Member } from '@patina/client'
import type { Cells } from './rollup-rows.ts'
import type { RollupSpec } from './rollup-spec.ts'
import { quoted } from './rollup-statements.ts'

export interface Evidence {
  /** By the names that the guard knows, with all hosts alive. */
  readonly sizes: ReadonlyMap<string, number>
  /** Hosts that are suspected, or were found to be down, lately. */
  readonly lost: number
}

export interface EvidenceOptions {
  readonly regional: Pick<Client, 'query'>
  readonly spec: Pick<RollupSpec, 'query' | 'key'>
  readonly columns: readonly string[]
  /** Names of hosts that are missed by others than the regional agent. */
  readonly missedElsewhere: ReadonlySet<string>
  /** What is lately: as long as the guard would hold. */
  readonly latelyMs: Millis
  readonly signal: AbortSignal
}

const MEMBER_COLUMNS = ['actor', 'name', 'addr', 'state', 'region', 'tags', 'rtt_ms', 'since'] as const
/** Ages by the clock that `since` is of. */
const MEMBERS_QUERY = `SELECT ${MEMBER_COLUMNS.join(', ')}, unixepoch('subsec') * 1000 - since FROM patina_members`
const NAME_AT = MEMBER_COLUMNS.indexOf('name')
const STATE_AT = MEMBER_COLUMNS.indexOf('state')
const AGE_AT = MEMBER_COLUMNS.length

/** Undefined where there is none. Throws what the client throws. */
export async function readEvidence(options: EvidenceOptions): Promise<Evidence | undefined> {
  const { regional, spec, columns, signal } = options
  if (!/\bpatina_members\b/i.test(spec.query)) return undefined
  const members = (await regional.query(MEMBERS_QUERY, [], { signal }).all()) as Cells[]
  const lost = lostHosts(members, options)
  if (lost === 0) return undefined
  const [row = []] = await regional
    .query(sizesQuery(spec, columns), [JSON.stringify(members.map(asIfAlive))], { signal })
    .all()
  const names = ['rows', ...valueColumns(spec, columns).map((name) => `sum of ${name}`)]
  return { sizes: new Map(names.map((name, at) => [name, Number(row[at] ?? 0)])), lost }
}

/** The hosts of this region that the global cluster misses; none where it misses as many as it has: who says so is cut off there, too. */
export function missedGlobally(members: readonly Member[], region: string): ReadonlySet<string> {
  const missed = members.filter(({ state }) => isMissed(state))
  if (missed.length >= members.filter(({ state }) => state === 'alive').length) return new Set()
  return new Set(missed.filter((member) => member.region === region).map(({ name }) => name))
}

/** How many have gone lately; 0 where they may be there, and this agent not with them. */
function lostHosts(
  members: readonly Cells[],
  { latelyMs, missedElsewhere }: Pick<EvidenceOptions, 'latelyMs' | 'missedElsewhere'>,
): number {
  const alive = members.filter((cells) => cells[STATE_AT] === 'alive')
  const lost = members.filter((cells) => isMissed(cells[STATE_AT]) && Number(cells[AGE_AT]) <= latelyMs)
  const doubtful = lost.filter((cells) => !missedElsewhere.has(String(cells[NAME_AT])))
  return doubtful.length < alive.length ? lost.length : 0
}

function isMissed(state: Cell | undefined): boolean {
  return state === 'suspect' || state === 'down'
}

function asIfAlive(member: Cells): Cells {
  return member.slice(0, AGE_AT).map((cell, at) => (at === STATE_AT ? 'alive' : cell))
}

/** Takes the members as JSON. A name in WITH hides the table of that name, also from a query that has its own WITH. */
function sizesQuery(spec: Pick<RollupSpec, 'query' | 'key'>, columns: readonly string[]): string {
  const members = MEMBER_COLUMNS.map((name, at) => `value ->> ${at} AS ${name}`).join(', ')
  const isKeyed = spec.key.map((name) => `${quoted(name)} IS NOT NULL`).join(' AND ')
  const sums = valueColumns(spec, columns).map(
    (name) => `sum(CASE WHEN typeof(${quoted(name)}) IN ('integer', 'real') THEN ${quoted(name)} END)`,
  )
  return `WITH patina_members AS MATERIALIZED (SELECT ${members} FROM json_each(?)),
patina_rollup(${columns.map(quoted).join(', ')}) AS MATERIALIZED (
${spec.query.replace(/;\s*$/, '')}
)
SELECT ${[`(SELECT count(*) FROM (SELECT DISTINCT ${spec.key.map(quoted).join(', ')} FROM patina_rollup WHERE ${isKeyed}))`, ...sums].join(', ')}
FROM patina_rollup WHERE ${isKeyed}`
}

function valueColumns({ key }: Pick<RollupSpec, 'key'>, columns: readonly string[]): string[] {
  return columns.filter((name) => !key.includes(name))
}
