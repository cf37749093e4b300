/**
 * The two tables in Patina (schema/consul.sql): reads what is stored for one node and writes a difference, in one
 * transaction. Nobody else names the tables. Rows with a `source` are somebody else's and neither read nor touched.
 */
import { ApiError, type Client, type Statement } from '@patina/client'
import { StartRefusal } from '@patina/program'
import type { CheckRow, ServiceRow } from './consul-rows.ts'
import type { Diff, StoredState } from './diff.ts'

/** By column names of the table, as a query returns them. */
interface StoredService {
  readonly id: string
  readonly name: string
  readonly tags: string
  readonly meta: string
  readonly port: number
  readonly address: string
}

interface StoredCheck {
  readonly id: string
  readonly service_id: string
  readonly service_name: string
  readonly name: string
  readonly status: string
  readonly output: string
}

const SERVICES = `SELECT node, id, name, tags, meta, port, address, updated_at, source FROM consul_services`
const CHECKS = `SELECT node, id, service_id, service_name, name, status, output, updated_at, source FROM consul_checks`
const OURS = 'WHERE node = ? AND source IS NULL'

const WRITE_SERVICE = `INSERT INTO consul_services (node, id, name, tags, meta, port, address, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (node, id) DO UPDATE SET name = excluded.name, tags = excluded.tags, meta = excluded.meta,
  port = excluded.port, address = excluded.address, updated_at = excluded.updated_at WHERE source IS NULL`

const WRITE_CHECK = `INSERT INTO consul_checks (node, id, service_id, service_name, name, status, output, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (node, id) DO UPDATE SET service_id = excluded.service_id, service_name = excluded.service_name,
  name = excluded.name, status = excluded.status, output = excluded.output, updated_at = excluded.updated_at
  WHERE source IS NULL`

/** Throws StartRefusal where a table or a column is missing, and the client's errors. */
export async function checkTables(client: Client, signal?: AbortSignal): Promise<void> {
  for (const table of [SERVICES, CHECKS])
    try {
      await client.query(`${table} LIMIT 0`, [], { signal }).all()
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== 400) throw cause
      throw new StartRefusal(
        `${cause.message}: the agent's schema lacks what the bridge writes; put what \`patina-consul schema\` prints into ` +
          'a file of its db.schema_paths and run `patina schema reload`',
      )
    }
}

export async function readStored(client: Client, node: string, signal?: AbortSignal): Promise<StoredState> {
  const options = { as: 'objects', signal } as const
  const [services, checks] = await Promise.all([
    client.query<StoredService>(`${SERVICES} ${OURS}`, [node], options).all(),
    client.query<StoredCheck>(`${CHECKS} ${OURS}`, [node], options).all(),
  ])
  return {
    services: new Map(services.map((row) => [row.id, row])),
    checks: new Map(checks.map((row) => [row.id, checkOf(row)])),
  }
}

/** One transaction. Resolves to the version that it became, null where the tables said so already. */
export async function writeDiff(
  client: Client,
  node: string,
  diff: Diff,
  nowMs: number,
  signal?: AbortSignal,
): Promise<number | null> {
  const { version } = await client.execute(statementsOf(node, diff, nowMs), { signal })
  return version
}

/** All rows of the node that are ours. */
export async function deleteAll(client: Client, node: string, signal?: AbortSignal): Promise<void> {
  const tables = ['consul_services', 'consul_checks']
  const statements = tables.map((table): Statement => [`DELETE FROM ${table} ${OURS}`, [node]])
  await client.execute(statements, { signal })
}

/** Names of the nodes that have rows. */
export async function readNodes(client: Client): Promise<string[]> {
  const union = `SELECT node FROM consul_services WHERE source IS NULL UNION SELECT node FROM consul_checks WHERE source IS NULL ORDER BY node`
  return (await client.query<{ readonly node: string }>(union, [], { as: 'objects' }).all()).map(
    ({ node }) => node,
  )
}

export function statementsOf(node: string, { services, checks }: Diff, nowMs: number): Statement[] {
  return [
    ...services.written.map((row): Statement => [WRITE_SERVICE, serviceParams(node, row, nowMs)]),
    ...checks.written.map((row): Statement => [WRITE_CHECK, checkParams(node, row, nowMs)]),
    ...services.gone.map((id): Statement => [`DELETE FROM consul_services ${OURS} AND id = ?`, [node, id]]),
    ...checks.gone.map((id): Statement => [`DELETE FROM consul_checks ${OURS} AND id = ?`, [node, id]]),
  ]
}

function serviceParams(node: string, row: ServiceRow, nowMs: number): (string | number)[] {
  return [node, row.id, row.name, row.tags, row.meta, row.port, row.address, nowMs]
}

function checkParams(node: string, row: CheckRow, nowMs: number): (string | number)[] {
  return [node, row.id, row.serviceId, row.serviceName, row.name, row.status, row.output, nowMs]
}

function checkOf({ service_id, service_name, ...row }: StoredCheck): Omit<CheckRow, 'outputCounts'> {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    output: row.output,
    serviceId: service_id,
    serviceName: service_name,
  }
}
