/**
 * EvidenceSource: do hosts that have gone explain why a roll-up is smaller? Its query is asked once more with a list of members in which
 * they are alive. What it lacks then too was deleted, and the guard holds it; what it has then went with its hosts. A query that does
 * not read `patina_members` has no such evidence, nor has one that reads it through a view.
 * Only hosts are revived whose rows are in the guard's measure: rows of a dead host stay in the table, and would hide a deletion
 * (I-ROLL-3). And an agent that is cut off finds that all others have gone, so evidence needs more hosts that are there than such as went lately; those do
 * not count that the global cluster misses too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Millis } from '@patina/base'
import type { Cell, Client, Member } from '@patina/client'
import type { Cells } from './rollup-rows.ts'
import type { RollupSpec } from './rollup-spec.ts'
import { quoted } from './rollup-statements.ts'

/** By the names that the guard knows. */
export type Sizes = ReadonlyMap<string, number>

export interface Evidence {
  /** What the roll-up had when this was asked for. */
  readonly was: Sizes
  /** What it would have with these hosts alive. */
  readonly sizes: Sizes
  /** Actors that are suspected, or were found to be down, lately. */
  readonly hosts: readonly string[]
  /** All actors that were not alive then. */
  readonly missing: ReadonlySet<string>
}

export interface EvidenceSourceOptions {
  readonly regional: Pick<Client, 'query'>
  readonly spec: Pick<RollupSpec, 'query' | 'key'>
  /** Names of hosts that are missed by others than the regional agent. */
  readonly missedElsewhere: () => ReadonlySet<string>
  /** What is lately: as long as the guard would hold, and remembers. */
  readonly latelyMs: Millis
  /** Default SETTLE_MS. */
  readonly settleMs?: number
}

/** A live result follows the members, and hosts of a rack die together: until then what it has may be of before the last of them. */
const SETTLE_MS = 300
/** Where hosts go one after the other there is no evidence yet. */
const SETTLES_MAX = 3

const MEMBER_COLUMNS = ['actor', 'name', 'addr', 'state', 'region', 'tags', 'rtt_ms', 'since'] as const
/** Ages by the clock that `since` is of. */
const MEMBERS_QUERY = `SELECT ${MEMBER_COLUMNS.join(', ')}, unixepoch('subsec') * 1000 - since FROM patina_members`

/** A row of it. */
interface HostRow {
  readonly actor: string
  readonly name: string
  readonly state: string
  readonly ageMs: number
  readonly cells: Cells
}

export class EvidenceSource {
  readonly #options: EvidenceSourceOptions
  readonly #readsMembers: boolean
  /** Actors that are not in the measure: they explain nothing until they are seen alive. */
  #discounted: ReadonlySet<string> = new Set()
  /** Actors that were not alive at the last look. */
  #missing: ReadonlySet<string> = new Set()

  constructor(options: EvidenceSourceOptions) {
    this.#options = options
    this.#readsMembers = /\bpatina_members\b/i.test(options.spec.query)
  }

  /** What the guard compares with has been taken anew: hosts that are missing now are not in it. Throws what the client throws. */
  async learn(signal: AbortSignal): Promise<void> {
    if (!this.#readsMembers) return
    this.#missing = missingOf(await this.#hosts(signal))
    this.#discounted = this.#missing
  }

  /**
   * To be called now and then while nothing is held, so that what is accepted and who is missing are of one time: who is back counts again,
   * and who is missing at two looks running does not. At the first a loss may be about to be judged. Throws what the client throws.
   */
  async observe(signal: AbortSignal): Promise<void> {
    if (!this.#readsMembers) return
    const missing = missingOf(await this.#hosts(signal))
    this.#discounted = new Set(
      [...missing].filter((actor) => this.#discounted.has(actor) || this.#missing.has(actor)),
    )
    this.#missing = missing
  }

  /** `sizes`: of the roll-up as it is now. Undefined where there is none. Throws what the client throws. */
  async seek(
    columns: readonly string[],
    sizes: () => Sizes | undefined,
    signal: AbortSignal,
  ): Promise<Evidence | undefined> {
    const rows = this.#readsMembers ? await this.#settledHosts(signal) : undefined
    const was = sizes()
    if (rows === undefined || was === undefined) return undefined
    const missing = missingOf(rows)
    this.#discounted = new Set([...this.#discounted].filter((actor) => missing.has(actor)))
    const hosts = this.#lost(rows)
    if (hosts.length === 0) return undefined
    const { regional, spec } = this.#options
    const members = rows.map(({ actor, cells }) => (hosts.includes(actor) ? asIfAlive(cells) : cells))
    const [row = []] = await regional
      .query(sizesQuery(spec, columns), [JSON.stringify(members)], { signal })
      .all()
    const names = ['rows', ...valueColumns(spec, columns).map((name) => `sum of ${name}`)]
    const revived = new Map(names.map((name, at) => [name, Number(row[at] ?? 0)]))
    return { was, sizes: revived, hosts, missing }
  }

  /** It was believed, and what is measured from now on is without those that were missing. */
  accept({ missing }: Evidence): void {
    this.#discounted = new Set([...this.#discounted, ...missing])
  }

  /** When nobody has just gone. Undefined where that is not so for long. */
  async #settledHosts(signal: AbortSignal): Promise<HostRow[] | undefined> {
    const { settleMs = SETTLE_MS } = this.#options
    for (let looks = 0; looks <= SETTLES_MAX; looks += 1) {
      const rows = await this.#hosts(signal)
      const ages = rows.filter(({ state }) => isMissed(state)).map(({ ageMs }) => ageMs)
      // An age below 0: the clock was set back, and says nothing.
      const restMs = settleMs - Math.min(settleMs, ...ages.filter((age) => age >= 0))
      if (restMs === 0) return rows
      await sleep(restMs, undefined, { signal })
    }
    return undefined
  }

  async #hosts(signal: AbortSignal): Promise<HostRow[]> {
    const rows = (await this.#options.regional.query(MEMBERS_QUERY, [], { signal }).all()) as Cells[]
    return rows.map((row) => {
      const cells = row.slice(0, MEMBER_COLUMNS.length)
      const text = (name: (typeof MEMBER_COLUMNS)[number]): string =>
        String(cells[MEMBER_COLUMNS.indexOf(name)])
      return {
        actor: text('actor'),
        name: text('name'),
        state: text('state'),
        ageMs: Number(row.at(-1)),
        cells,
      }
    })
  }

  /** Who has gone lately and is in the measure; none where they may be there, and this agent not with them. */
  #lost(rows: readonly HostRow[]): string[] {
    const { latelyMs, missedElsewhere } = this.#options
    const alive = new Set(rows.filter(({ state }) => state === 'alive').map(({ name }) => name))
    // A host that begins anew is another actor of the same name, and rows belong to names.
    const missed = rows.filter(
      ({ state, ageMs, name }) => isMissed(state) && ageMs <= latelyMs && !alive.has(name),
    )
    const elsewhere = missedElsewhere()
    const doubtful = new Set(missed.map(({ name }) => name).filter((name) => !elsewhere.has(name)))
    if (doubtful.size >= alive.size) return []
    const counted = missed.filter(({ actor }) => !this.#discounted.has(actor))
    return [...new Map(counted.map(({ name, actor }) => [name, actor])).values()]
  }
}

/**
 * The hosts of a region that the global cluster has missed since then, in milliseconds since 1970; none where it misses as many
 * as it has: who says so is cut off there, too.
 */
export function missedGlobally(
  members: readonly Member[],
  region: string,
  afterMs: number,
): ReadonlySet<string> {
  const alive = new Set(members.filter(({ state }) => state === 'alive').map(({ name }) => name))
  const missed = members.filter(
    ({ state, since_ms, name }) => isMissed(state) && since_ms >= afterMs && !alive.has(name),
  )
  if (missed.length >= alive.size) return new Set()
  return new Set(missed.filter((member) => member.region === region).map(({ name }) => name))
}

function isMissed(state: Cell | undefined): boolean {
  return state === 'suspect' || state === 'down'
}

function missingOf(rows: readonly HostRow[]): ReadonlySet<string> {
  return new Set(rows.filter(({ state }) => state !== 'alive').map(({ actor }) => actor))
}

function asIfAlive(member: Cells): Cells {
  return member.map((cell, at) => (MEMBER_COLUMNS[at] === 'state' ? 'alive' : cell))
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
