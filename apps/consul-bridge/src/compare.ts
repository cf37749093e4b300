/**
 * What Consul's catalog and Patina's tables disagree on, for running both beside each other. Consul tells its servers
 * seconds after an agent knows, and Patina is told within one: what differs is looked at again, and counts if it
 * still does.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@patina/client'
import { type ConsulClient, mustAnswer } from './consul-client.ts'
import type { CheckRow, ConsulState, ServiceRow } from './consul-rows.ts'
import { type StoredState, sameCheck, sameService } from './diff.ts'
import { readNodes, readStored } from './patina-tables.ts'

export interface CompareOptions {
  readonly consul: Pick<ConsulClient, 'catalogNodes' | 'catalogState'>
  readonly patina: Client
  /** Only these; none: all that Patina has rows of. */
  readonly nodes: readonly string[]
  /** Before what differs is looked at again. */
  readonly settleMs?: number
}

export interface Difference {
  readonly node: string
  readonly kind: 'service' | 'check'
  readonly id: string
  /** Seen from Patina. */
  readonly problem: 'missing' | 'extra' | 'different'
  /** Which columns differ, with both values: `status passing ≠ critical`, Consul's first. */
  readonly detail: string
}

type TableDifference = Pick<Difference, 'id' | 'problem' | 'detail'>

export interface Comparison {
  readonly differences: readonly Difference[]
  /** How many were compared. */
  readonly nodes: number
  /** Nodes of the catalog without a row in Patina: no bridge runs there. */
  readonly unimported: readonly string[]
}

const SETTLE_MS = 5_000
const NODES_AT_ONCE_MAX = 8
/** Consul's own: no agent lists them, the catalog does. */
const CONSULS_CHECK = 'serfHealth'
const CONSULS_SERVICE = 'consul'

/** Throws StartRefusal for what Consul does not answer, and the client's errors. */
export async function compareNodes(options: CompareOptions): Promise<Comparison> {
  const { consul, patina, settleMs = SETTLE_MS } = options
  const imported = await readNodes(patina)
  const inCatalog = mustAnswer(await consul.catalogNodes())
  const nodes = options.nodes.length > 0 ? options.nodes : imported
  let differences = await compareAll(options, nodes)
  if (differences.length > 0) {
    await sleep(settleMs)
    const seen = new Set(differences.map((difference) => JSON.stringify(difference)))
    const suspects = [...new Set(differences.map(({ node }) => node))]
    differences = (await compareAll(options, suspects)).filter((one) => seen.has(JSON.stringify(one)))
  }
  return {
    differences,
    nodes: nodes.length,
    unimported: inCatalog.filter((name) => !imported.includes(name)),
  }
}

async function compareAll(options: CompareOptions, nodes: readonly string[]): Promise<Difference[]> {
  const found: Difference[] = []
  for (let at = 0; at < nodes.length; at += NODES_AT_ONCE_MAX) {
    const some = nodes.slice(at, at + NODES_AT_ONCE_MAX)
    found.push(...(await Promise.all(some.map((node) => compareNode(options, node)))).flat())
  }
  return found
}

async function compareNode({ consul, patina }: CompareOptions, node: string): Promise<Difference[]> {
  const [state, stored] = await Promise.all([consul.catalogState(node), readStored(patina, node)])
  return differencesOf(node, mustAnswer(state), stored)
}

/** Pure. */
export function differencesOf(node: string, consul: ConsulState, stored: StoredState): Difference[] {
  return [
    ...tableDifferences(consul.services, stored.services, sameService, CONSULS_SERVICE).map(
      (one) => ({ node, kind: 'service', ...one }) as const,
    ),
    ...tableDifferences(consul.checks, stored.checks, sameButOutput, CONSULS_CHECK).map(
      (one) => ({ node, kind: 'check', ...one }) as const,
    ),
  ]
}

function tableDifferences<Wanted extends ServiceRow | CheckRow, Stored extends object>(
  consul: ReadonlyMap<string, Wanted>,
  stored: ReadonlyMap<string, Stored>,
  same: (wanted: Wanted, stored: Stored) => boolean,
  consulsOwn: string,
): TableDifference[] {
  const ids = [...new Set([...consul.keys(), ...stored.keys()])].sort()
  return ids.flatMap((id): TableDifference[] => {
    const [wanted, row] = [consul.get(id), stored.get(id)]
    if (wanted === undefined) return [{ id, problem: 'extra', detail: '' }]
    if (row === undefined) return id === consulsOwn ? [] : [{ id, problem: 'missing', detail: '' }]
    return same(wanted, row) ? [] : [{ id, problem: 'different', detail: fieldsOf(wanted, row) }]
  })
}

/** Consul's servers are told of a new output minutes later (check_update_interval). */
function sameButOutput(wanted: CheckRow, stored: Omit<CheckRow, 'outputCounts'>): boolean {
  return sameCheck({ ...wanted, outputCounts: false }, stored)
}

function fieldsOf(wanted: object, stored: object): string {
  const old = stored as Readonly<Record<string, unknown>>
  return Object.entries(wanted)
    .filter(([name, value]) => name in old && name !== 'output' && old[name] !== value)
    .map(([name, value]) => `${name} ${value} ≠ ${old[name]}`)
    .join(', ')
}
