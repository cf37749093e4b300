/**
 * Binding a client's parameters as the original does: by position for every kind of parameter (`?`, `?2`, `:a` alike),
 * or by name with its prefix. better-sqlite3 wants anonymous ones in arrays and all others, numbered ones too, in an
 * object without prefixes; this file translates, and checks each value on the way (value-codec.ts).
 * An unknown name and a wrong count are errors; a name that is not given is NULL, as in the original.
 */
import { err, ok, type Result, type SqliteValue } from '@patina/base'
import { refuseValue, type ValueError } from './value-codec.ts'

/** The statement cannot be bound. Nothing was run; the client is at fault. */
export type BindError =
  | ValueError
  | {
      readonly kind: 'unknown-parameter' | 'parameter-count' | 'ambiguous-parameter'
      readonly message: string
    }

type Params = readonly SqliteValue[] | { readonly [name: string]: SqliteValue }

/**
 * What to spread into `run`, `all`, `get` or `iterate` of a statement whose parameters are `names`
 * (`parameterNames(sql)`; keep them with the prepared statement).
 */
export function bindArguments(
  names: readonly (string | null)[],
  params: Params,
): Result<unknown[], BindError> {
  const values = isPositional(params) ? byPosition(names, params) : byName(names, params)
  if (!values.ok) return values
  for (const value of values.value) {
    const error = refuseValue(value)
    if (error !== undefined) return err(error)
  }
  return split(names, values.value)
}

function isPositional(params: Params): params is readonly SqliteValue[] {
  return Array.isArray(params)
}

function byPosition(
  names: readonly (string | null)[],
  params: readonly SqliteValue[],
): Result<readonly SqliteValue[], BindError> {
  if (params.length === names.length) return ok(params)
  const message = `the statement has ${names.length} parameters, and ${params.length} values were given`
  return err({ kind: 'parameter-count', message })
}

function byName(
  names: readonly (string | null)[],
  params: { readonly [name: string]: SqliteValue },
): Result<readonly SqliteValue[], BindError> {
  for (const name of Object.keys(params)) {
    if (names.includes(name)) continue
    const message = `the statement has no parameter named ${name} (the prefix belongs to the name)`
    return err({ kind: 'unknown-parameter', message })
  }
  return ok(
    names.map((name) =>
      name !== null && Object.hasOwn(params, name) ? (params[name] as SqliteValue) : null,
    ),
  )
}

/** One array of the anonymous values, one object of the others. */
function split(
  names: readonly (string | null)[],
  values: readonly SqliteValue[],
): Result<unknown[], BindError> {
  if (names.length === 0) return ok([])
  if (names.every((name) => name === null)) return ok([values])
  const anonymous: SqliteValue[] = []
  const named: { [name: string]: SqliteValue } = Object.create(null)
  for (const [i, name] of names.entries()) {
    const value = values[i] as SqliteValue
    if (name === null) anonymous.push(value)
    else if (name.slice(1) in named) return err(ambiguous(name))
    else named[name.slice(1)] = value
  }
  return ok([anonymous, named])
}

/** `:a` beside `@a`: two parameters to SQLite, one name to better-sqlite3. */
function ambiguous(name: string): BindError {
  const message = `${name} differs from another parameter by its prefix alone; rename one of them`
  return { kind: 'ambiguous-parameter', message }
}
