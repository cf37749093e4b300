/** Routes for the schema: what is applied, what a reload of the files would change, and the reload itself. */

import type { PurgeCall } from '@patina/crdt-store'
import type { Context } from 'hono'
import type { ReloadOutcome, SchemaReload } from '../schema-reload.ts'
import type { BodyReader } from './body.ts'
import { overloaded, refuseRequest } from './problem.ts'

export interface SchemaServices {
  readonly schema: Pick<SchemaReload, 'definitions' | 'diff' | 'pending' | 'purge' | 'reload'>
}

/** GET /v1/schema. */
export async function handleSchema(c: Context, { schema }: SchemaServices): Promise<Response> {
  const [definitions, pending] = await Promise.all([schema.definitions(), schema.pending()])
  if (definitions === undefined || pending === undefined)
    return refuseRequest(c, overloaded('the store does not answer'))
  return c.json({ definitions, pending })
}

/**
 * POST /v1/schema/reload. The body may say `dry_run` and `allow_destructive`; a JSON body is asked for, because no page of another
 * origin can send one.
 */
export async function handleReload(
  c: Context,
  { schema }: SchemaServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const request = readReload(body.value.value)
  if (request === undefined)
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error: 'the body is an object with "dry_run" and "allow_destructive", true or false, or without',
    })
  const { isDry, allowDestructive } = request
  return answer(c, await (isDry ? schema.diff({ allowDestructive }) : schema.reload({ allowDestructive })))
}

/** POST /v1/store/purge: `table`, perhaps `column`, perhaps `dry_run`. */
export async function handlePurge(
  c: Context,
  { schema }: SchemaServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const call = readPurge(body.value.value)
  if (call === undefined)
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error:
        'the body is {"table": TEXT, "column": TEXT, "dry_run": true or false}; the last two may be absent',
    })
  const reply = await schema.purge(call)
  if (reply === undefined)
    return refuseRequest(c, overloaded('the store does not answer; it may yet be done'))
  if (reply.kind === 'refused')
    return refuseRequest(c, { status: 400, code: reply.code, error: reply.message })
  const { cells, rows, isAll: complete } = reply
  return c.json({ cells, rows, complete })
}

interface ReloadRequest {
  readonly isDry: boolean
  readonly allowDestructive: boolean
}

/** undefined: the body says something else. */
function readReload(body: unknown): ReloadRequest | undefined {
  const { dry_run: isDry = false, allow_destructive: allowDestructive = false, ...rest } = fieldsOf(body)
  const isRequest = typeof isDry === 'boolean' && typeof allowDestructive === 'boolean'
  return isRequest && Object.keys(rest).length === 0 ? { isDry, allowDestructive } : undefined
}

/** undefined: the body says something else. */
function readPurge(body: unknown): PurgeCall | undefined {
  const { table, column, dry_run: isDry = false, ...rest } = fieldsOf(body)
  const isRequest = typeof table === 'string' && typeof isDry === 'boolean' && Object.keys(rest).length === 0
  if (!isRequest || (column !== undefined && typeof column !== 'string')) return undefined
  return { table, column, isDry }
}

/** Of what is no object a field that nobody knows. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return isObject ? { ...body } : { body }
}

function answer(c: Context, outcome: ReloadOutcome): Response {
  if (outcome.kind === 'done')
    return c.json({ changes: outcome.changes, kept: outcome.kept, rebuilt: outcome.rebuilt })
  if (outcome.kind === 'failed') return refuseRequest(c, overloaded(outcome.message, 'schema-unknown'))
  const { code, message, file, table, column } = outcome
  return c.json({ error: message, code, file, table, column }, 400)
}
