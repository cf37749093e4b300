/**
 * What has to be written so that the tables say what Consul says. Pure. What counts as a difference is said here: of a
 * check all but its output, which many scripts fill with the time, unless its notes ask for it.
 */
import type { CheckRow, ConsulState, ServiceRow } from './consul-rows.ts'

/** Rows of the tables; what counts of a check is Consul's to say. */
export interface StoredState {
  readonly services: ReadonlyMap<string, ServiceRow>
  readonly checks: ReadonlyMap<string, Omit<CheckRow, 'outputCounts'>>
}

export interface TableDiff<Row> {
  /** New, or different. */
  readonly written: readonly Row[]
  /** Ids that Consul does not have any more. */
  readonly gone: readonly string[]
}

export interface Diff {
  readonly services: TableDiff<ServiceRow>
  readonly checks: TableDiff<CheckRow>
}

export function diffStates(wanted: ConsulState, stored: StoredState): Diff {
  return {
    services: diffTable(wanted.services, stored.services, sameService),
    checks: diffTable(wanted.checks, stored.checks, sameCheck),
  }
}

export function isEmpty({ services, checks }: Diff): boolean {
  return [services.written, services.gone, checks.written, checks.gone].every((rows) => rows.length === 0)
}

/** The diff without its deletions: while those are held, what is new goes on. */
export function withoutDeletions({ services, checks }: Diff): Diff {
  return { services: { ...services, gone: [] }, checks: { ...checks, gone: [] } }
}

/** What is stored once the diff is. */
export function applyDiff(stored: StoredState, diff: Diff): StoredState {
  return {
    services: applyToTable(stored.services, diff.services),
    checks: applyToTable(stored.checks, diff.checks),
  }
}

export function sameService(a: ServiceRow, b: ServiceRow): boolean {
  return (
    a.name === b.name &&
    a.tags === b.tags &&
    a.meta === b.meta &&
    a.port === b.port &&
    a.address === b.address
  )
}

export function sameCheck(wanted: CheckRow, stored: Omit<CheckRow, 'outputCounts'>): boolean {
  return (
    wanted.status === stored.status &&
    wanted.serviceId === stored.serviceId &&
    wanted.serviceName === stored.serviceName &&
    wanted.name === stored.name &&
    (!wanted.outputCounts || wanted.output === stored.output)
  )
}

function diffTable<Wanted, Stored>(
  wanted: ReadonlyMap<string, Wanted>,
  stored: ReadonlyMap<string, Stored>,
  same: (wanted: Wanted, stored: Stored) => boolean,
): TableDiff<Wanted> {
  const written: Wanted[] = []
  for (const [id, row] of wanted) {
    const old = stored.get(id)
    if (old === undefined || !same(row, old)) written.push(row)
  }
  return { written, gone: [...stored.keys()].filter((id) => !wanted.has(id)) }
}

function applyToTable<Stored extends { readonly id: string }>(
  stored: ReadonlyMap<string, Stored>,
  { written, gone }: TableDiff<Stored>,
): Map<string, Stored> {
  const rows = new Map(stored)
  for (const row of written) rows.set(row.id, row)
  for (const id of gone) rows.delete(id)
  return rows
}
