/**
 * Request bodies with their numbers intact: a JSON integer is an INTEGER to the last digit, a number with `.` or an
 * exponent is a REAL. Plain `JSON.parse` where the text holds neither fractions nor long numbers, else a reviver that
 * looks at the source text of each number.
 */
import { err, INT64_MAX, INT64_MIN, ok, type Result } from '@patina/base'

/** `exact`: integers are bigint and reals are number; else every number is a safe integer. */
export interface JsonBody {
  readonly value: unknown
  readonly exact: boolean
}

/** A digit before a fraction or an exponent, or more digits than a double is sure to hold. */
const NEEDS_SOURCE = /\d[.eE]|\d{16}/

/** The error is the parser's word. */
export function parseJsonBody(text: string): Result<JsonBody, string> {
  const exact = NEEDS_SOURCE.test(text)
  try {
    return ok({ value: exact ? JSON.parse(text, reviveNumber) : JSON.parse(text), exact })
  } catch (cause) {
    return err((cause as Error).message)
  }
}

/** JSON text of a part of a body, its numbers as they were meant. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return JSON.rawJSON(String(inner))
    return typeof inner === 'number' && Number.isInteger(inner) ? JSON.rawJSON(realText(inner)) : inner
  })
}

function reviveNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value
  // JSON has no bound here; infinity is not what was written, and could not be read back. The original refuses it, too.
  if (!Number.isFinite(value)) throw new RangeError('a number is out of range')
  if (/[.eE]/.test(context.source)) return value
  const integer = BigInt(context.source)
  return integer >= INT64_MIN && integer <= INT64_MAX ? integer : value
}

/** A real that happens to be whole keeps its point. */
function realText(real: number): string {
  const text = String(real)
  return /[.e]/.test(text) ? text : `${text}.0`
}
