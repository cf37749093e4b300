/**
 * ToldTables: `patina_members` and `patina_lag` at the processes that answer queries. Rows are told when they have changed and
 * not before; the processes keep what they were told, also across their restarts.
 */
import type { ActorId, Clock } from '@patina/base'
import type { Node } from '@patina/node'
import { lagRows } from './lag-rows.ts'
import type { LiveQueryChild } from './live-query-child.ts'
import { memberRows, sameRows } from './member-rows.ts'
import type { ReadersChild } from './readers-child.ts'

/** `patina_lag` is told anew at most so often. */
const LAG_PERIOD_MS = 1_000

export class ToldTables {
  readonly #children: readonly (
    | Pick<ReadersChild, 'members' | 'lag'>
    | Pick<LiveQueryChild, 'members' | 'lag'>
  )[]
  readonly #clock: Clock
  #node: Node | undefined
  #members: ReturnType<typeof memberRows> = []
  /** Before the first time; no rows are told too, because results that read the table wait for it. */
  #lag: ReturnType<typeof lagRows> | undefined
  /** Of members, by actor. */
  #regions: ReadonlyMap<string, string> = new Map()
  #lagTimer: NodeJS.Timeout | undefined

  constructor(
    children: { readonly readers: ReadersChild; readonly liveQueries: LiveQueryChild },
    clock: Clock,
  ) {
    this.#children = [children.readers, children.liveQueries]
    this.#clock = clock
  }

  start(node: Node): void {
    this.#node = node
    this.membersChanged()
    this.#tellLag()
    this.#lagTimer = setInterval(() => this.#tellLag(), LAG_PERIOD_MS)
    this.#lagTimer.unref()
  }

  stop(): void {
    clearInterval(this.#lagTimer)
  }

  regionOf(member: ActorId): string | undefined {
    return this.#regions.get(member)
  }

  /** After each event of membership. */
  membersChanged(): void {
    if (this.#node === undefined) return
    const members = this.#node.members()
    const rows = memberRows(this.#node.self(), members)
    if (sameRows(rows, this.#members)) return
    this.#members = rows
    this.#regions = new Map(members.map(({ actor, metadata }) => [actor, metadata.region]))
    for (const child of this.#children) child.members(rows)
  }

  #tellLag(): void {
    if (this.#node === undefined) return
    const rows = lagRows(this.#node.lag(this.#clock()), this.#node.pulsePeriodMs())
    if (this.#lag !== undefined && sameRows(rows, this.#lag)) return
    this.#lag = rows
    for (const child of this.#children) child.lag(rows)
  }
}
