/**
 * Statements as clients write them → SqlStatement. The forms of superfly/corrosion's API (text, [sql, params],
 * [sql, {named}], {query, params, named_params}) and its parameter values; arrays of bytes are BLOBs, other arrays and
 * objects are their JSON text.
 */
import { err, ok, type Result, type SqliteValue } from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'
import { type JsonBody, jsonText } from './json-body.ts'

/** One statement; the error completes a sentence for the client. */
export function decodeStatement(raw: unknown, exact: boolean): Result<SqlStatement, string> {
  if (typeof raw === 'string') return withParams(raw, [], exact)
  if (Array.isArray(raw)) {
    const [sql, params] = raw
    if (raw.length !== 2 || typeof sql !== 'string' || typeof params !== 'object' || params === null)
      return err('a statement in array form is [sql, [params]] or [sql, {named params}]')
    return withParams(sql, params, exact)
  }
  if (typeof raw !== 'object' || raw === null) return err('a statement is a text, an array or an object')
  const { query, params, named_params: named } = raw as Record<string, unknown>
  if (typeof query !== 'string') return err('a statement in object form needs a text "query"')
  if (params !== undefined && params !== null && !Array.isArray(params))
    return err('"params" must be an array')
  if (named !== undefined && named !== null && !isObject(named))
    return err('"named_params" must be an object')
  return withParams(query, params ?? named ?? [], exact)
}

/** An array of statements. */
export function decodeStatements({ value, exact }: JsonBody): Result<readonly SqlStatement[], string> {
  if (!Array.isArray(value)) return err('the body must be an array of statements')
  const statements: SqlStatement[] = []
  for (const [index, raw] of value.entries()) {
    const statement = decodeStatement(raw, exact)
    if (!statement.ok) return err(`statement ${index + 1}: ${statement.error}`)
    statements.push(statement.value)
  }
  return ok(statements)
}

/** SQLite's own bound on what one statement takes. Checked first: a body may hold millions of values. */
const PARAMETERS_MAX = 32_766

function withParams(sql: string, raw: object, exact: boolean): Result<SqlStatement, string> {
  if (!sql.isWellFormed()) return err('the SQL text has a lone surrogate, which no UTF-8 text can hold')
  if (Array.isArray(raw)) {
    if (raw.length > PARAMETERS_MAX) return err(TOO_MANY_PARAMETERS)
    const params = raw.map((value) => decodeParam(value, exact))
    return params.includes(undefined) ? err(LONE_SURROGATE) : ok({ sql, params: params as SqliteValue[] })
  }
  const entries = Object.entries(raw)
  if (entries.length > PARAMETERS_MAX) return err(TOO_MANY_PARAMETERS)
  const named: [string, SqliteValue][] = []
  for (const [name, value] of entries) {
    const param = decodeParam(value, exact)
    if (param === undefined) return err(LONE_SURROGATE)
    named.push([name, param])
  }
  return ok({ sql, params: Object.fromEntries(named) })
}

const TOO_MANY_PARAMETERS = `a statement has more than ${PARAMETERS_MAX} parameters`

const LONE_SURROGATE = 'a text parameter has a lone surrogate, which no UTF-8 text can hold'

/** undefined for a text that SQLite cannot hold. */
function decodeParam(raw: unknown, exact: boolean): SqliteValue | undefined {
  if (raw === null) return null
  if (typeof raw === 'boolean') return raw ? 1n : 0n
  if (typeof raw === 'bigint') return raw
  // Without the exact parser every number in the text is a safe integer.
  if (typeof raw === 'number') return exact ? raw : BigInt(raw)
  const text = typeof raw === 'string' ? raw : undefined
  if (text !== undefined) return text.isWellFormed() ? text : undefined
  if (Array.isArray(raw) && raw.every((item) => isByte(item, exact))) return Uint8Array.from(raw, Number)
  return exact ? jsonText(raw) : JSON.stringify(raw)
}

function isByte(item: unknown, exact: boolean): boolean {
  if (typeof item === 'bigint') return item >= 0n && item <= 255n
  return !exact && typeof item === 'number' && item >= 0 && item <= 255
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
