/**
 * A query as a template asks it: its text, its parameters, and the key under which its result is shared. Pure.
 */

export type QueryParam = null | boolean | number | bigint | string | Uint8Array

/** By position, or by name with its prefix as in the SQL (`:id`). */
export type QueryParams = readonly QueryParam[] | { readonly [name: string]: QueryParam }

export interface Query {
  readonly sql: string
  readonly params: QueryParams
}

export type Cell = null | string | number | bigint | Uint8Array

/** A complete result. */
export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Equal for equal text and parameters of equal class, and for nothing else. */
export function queryKey({ sql, params }: Query): string {
  return JSON.stringify([sql, paramsKey(params)])
}

/** True where the text asks for an order. Also true where an inner query does: then the order is read once too often. */
export function asksForOrder(sql: string): boolean {
  return /\border\s+by\b/i.test(sql)
}

function paramsKey(params: QueryParams): unknown {
  if (isList(params)) return params.map(paramKey)
  return Object.entries(params)
    .map(([name, value]) => [name, paramKey(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, key]) => ({ [name]: key }))
}

function isList(params: QueryParams): params is readonly QueryParam[] {
  return Array.isArray(params)
}

function paramKey(param: QueryParam): unknown {
  if (param instanceof Uint8Array) return ['bytes', [...param].join()]
  if (typeof param === 'number') return ['number', String(param)]
  return typeof param === 'bigint' ? ['integer', String(param)] : param
}
