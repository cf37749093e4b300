/**
 * What Consul's agent says, as rows: answers of `/v1/agent/services` and `/v1/agent/checks`, or of the catalog, decoded
 * once. Unknown fields are ignored: newer versions add some. An answer of another shape is refused as a whole, because
 * what is missing from an answer is deleted.
 */
import { err, ok, type Result } from '@patina/base'

export interface ServiceRow {
  readonly id: string
  readonly name: string
  /** JSON list of texts, in Consul's order. */
  readonly tags: string
  /** JSON object of texts, by key. */
  readonly meta: string
  readonly port: number
  /** Empty: the node's own. */
  readonly address: string
}

export interface CheckRow {
  readonly id: string
  /** Empty: a check of the node. */
  readonly serviceId: string
  readonly serviceName: string
  readonly name: string
  readonly status: string
  readonly output: string
  /** The operator's word in Notes (`{"hash_include":["output"]}`): a new output is a difference. */
  readonly outputCounts: boolean
}

/** What one Consul agent has, by id. */
export interface ConsulState {
  readonly services: ReadonlyMap<string, ServiceRow>
  readonly checks: ReadonlyMap<string, CheckRow>
}

type Json = { readonly [key: string]: unknown }

/** `answer`: an object by service id, as agent and catalog give it. The error says what is wrong. */
export function readServices(answer: unknown): Result<Map<string, ServiceRow>, string> {
  if (!isObject(answer)) return err('services are no object by id')
  const rows = new Map<string, ServiceRow>()
  for (const [id, raw] of Object.entries(answer)) {
    const row = readService(id, raw)
    if (!row.ok) return err(`service ${id}: ${row.error}`)
    rows.set(id, row.value)
  }
  return ok(rows)
}

/** `answer`: an object by check id (the agent's) or a list (the catalog's). */
export function readChecks(answer: unknown): Result<Map<string, CheckRow>, string> {
  if (!isObject(answer) && !Array.isArray(answer)) return err('checks are neither an object by id nor a list')
  const rows = new Map<string, CheckRow>()
  for (const raw of Object.values(answer)) {
    const row = readCheck(raw)
    if (!row.ok) return row
    rows.set(row.value.id, row.value)
  }
  return ok(rows)
}

function readService(id: string, raw: unknown): Result<ServiceRow, string> {
  if (!isObject(raw) || typeof raw.Service !== 'string') return err('has no name')
  const { Tags: tags = [], Meta: meta = {}, Port: port = 0, Address: address = '' } = raw
  if (tags !== null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')))
    return err('Tags are no list of texts')
  if (meta !== null && !(isObject(meta) && Object.values(meta).every((value) => typeof value === 'string')))
    return err('Meta is no object of texts')
  if (!Number.isSafeInteger(port)) return err('Port is no whole number')
  if (typeof address !== 'string') return err('Address is no text')
  return ok({
    id,
    name: raw.Service,
    tags: JSON.stringify(tags ?? []),
    meta: JSON.stringify(sortedByKey(meta ?? {})),
    port: port as number,
    address,
  })
}

function readCheck(raw: unknown): Result<CheckRow, string> {
  if (!isObject(raw) || typeof raw.CheckID !== 'string') return err('a check has no CheckID')
  const { CheckID: id, ServiceID = '', ServiceName = '', Name = '', Status, Output = '', Notes } = raw
  const texts = [ServiceID, ServiceName, Name, Status, Output]
  if (!texts.every((text) => typeof text === 'string'))
    return err(`check ${id}: ServiceID, ServiceName, Name, Status and Output must be texts`)
  const [serviceId, serviceName, name, status, output] = texts as [string, string, string, string, string]
  return ok({ id, serviceId, serviceName, name, status, output, outputCounts: includesOutput(Notes) })
}

/** Notes belong to people; only those that are JSON with a list `hash_include` are meant for us. */
function includesOutput(notes: unknown): boolean {
  if (typeof notes !== 'string' || !notes.includes('hash_include')) return false
  try {
    const { hash_include: included } = (JSON.parse(notes) ?? {}) as { readonly hash_include?: unknown }
    return Array.isArray(included) && included.includes('output')
  } catch {
    return false
  }
}

function sortedByKey(object: Json): Json {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
