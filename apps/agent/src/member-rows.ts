/** Members as rows of `patina_members`. */
import type { LocalRow, MemberRow } from '@patina/sqlite'
import type { MemberView } from '@patina/swim'
import { wallMsOf } from './telemetry.ts'

/** Upper bounds of the rings that round trips are rounded to, in ms, so that the column seldom changes. */
const RINGS = [6, 15, 50, 100, 200, 300] as const

export function memberRows(self: MemberView, others: readonly MemberView[]): MemberRow[] {
  return [self, ...others].map(({ actor, address, state, held, metadata, rttMs, sinceMs }) => [
    actor,
    metadata.name,
    address,
    held === true ? 'down' : state,
    metadata.region,
    JSON.stringify(metadata.tags),
    rttMs === undefined ? null : BigInt(RINGS.find((bound) => rttMs <= bound) ?? 1_000),
    BigInt(wallMsOf(sinceMs)),
  ])
}

/** Of a local table, row by row in order. */
export function sameRows(a: readonly LocalRow[], b: readonly LocalRow[]): boolean {
  return a.length === b.length && a.every((row, i) => row.every((cell, column) => cell === b[i]?.[column]))
}
