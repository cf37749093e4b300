/**
 * Statements on their way to the agent: texts and parameters → JSON of the API. A whole number binds as INTEGER, any
 * other as REAL, a Uint8Array as BLOB. What JSON would change silently is refused here.
 */

export type SqlParam = null | boolean | number | bigint | string | Uint8Array

/** By position, or by name with its prefix as in the SQL (`:id`, `@id`, `$id`). */
export type SqlParams = readonly SqlParam[] | { readonly [name: string]: SqlParam }

export type Statement = string | readonly [sql: string, params: SqlParams]

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** JSON text of one statement. Throws RangeError for a number that SQLite cannot hold. */
export function encodeStatement(statement: Statement): string {
  return JSON.stringify(statementJson(statement))
}

/** JSON text of a transaction. Throws as encodeStatement. */
export function encodeStatements(statements: readonly Statement[]): string {
  return JSON.stringify(statements.map(statementJson))
}

function statementJson(statement: Statement): unknown {
  if (typeof statement === 'string') return statement
  const [sql, params] = statement
  if (isList(params)) return [sql, params.map(paramJson)]
  const named = Object.entries(params).map(([name, value]) => [name, paramJson(value)] as const)
  return [sql, Object.fromEntries(named)]
}

function isList(params: SqlParams): params is readonly SqlParam[] {
  return Array.isArray(params)
}

function paramJson(param: SqlParam): unknown {
  if (param instanceof Uint8Array) return [...param]
  if (typeof param === 'bigint') return integerJson(param)
  if (typeof param === 'number' && !Number.isFinite(param))
    throw new RangeError(`a parameter is ${param}, which JSON cannot carry; use null`)
  return param
}

function integerJson(integer: bigint): unknown {
  if (integer < INT64_MIN || integer > INT64_MAX)
    throw new RangeError(`the parameter ${integer} is beyond int64, the range of INTEGER`)
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : JSON.rawJSON(String(integer))
}
