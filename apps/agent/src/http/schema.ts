/** Routes for the schema: what is applied, what a reload of the files would change, and the reload itself. */
import type { Context } from 'hono'
import type { ReloadOutcome, SchemaReload } from '../schema-reload.ts'
import type { BodyReader } from './body.ts'
import { overloaded, refuseRequest } from './problem.ts'

export interface SchemaServices {
  readonly schema: Pick<SchemaReload, 'definitions' | 'diff' | 'reload'>
}

/** GET /v1/schema. */
export async function handleSchema(c: Context, { schema }: SchemaServices): Promise<Response> {
  const definitions = await schema.definitions()
  if (definitions === undefined) return refuseRequest(c, overloaded('the store does not answer'))
  return c.json({ definitions })
}

/** POST /v1/schema/reload. The body may say `{"dry_run": true}`; a JSON body is asked for, because no page of another origin can send one. */
export async function handleReload(
  c: Context,
  { schema }: SchemaServices,
  bodies: Pick<BodyReader, 'readJson'>,
): Promise<Response> {
  const body = await bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const isDry = readDryRun(body.value.value)
  if (isDry === undefined)
    return refuseRequest(c, {
      status: 422,
      code: 'invalid-body',
      error: 'the body is {} or {"dry_run": true}',
    })
  return answer(c, await (isDry ? schema.diff() : schema.reload()))
}

/** undefined: the body says something else. */
function readDryRun(body: unknown): boolean | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { dry_run: isDry = false, ...rest } = body as { readonly dry_run?: unknown }
  return typeof isDry === 'boolean' && Object.keys(rest).length === 0 ? isDry : undefined
}

function answer(c: Context, outcome: ReloadOutcome): Response {
  if (outcome.kind === 'done') return c.json({ changes: outcome.changes, kept: outcome.kept })
  if (outcome.kind === 'failed') return refuseRequest(c, overloaded(outcome.message, 'schema-unknown'))
  const { code, message, file, table, column } = outcome
  return c.json({ error: message, code, file, table, column }, 400)
}
