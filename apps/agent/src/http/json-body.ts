/**
 * Request bodies with their numbers intact: a JSON integer is an INTEGER to the last digit, a number with `.` or an
 * exponent is a REAL. Plain `JSON.parse` where no number of the text is a fraction or long, else a reviver that looks at the
 * source text of each number, which takes fifteen times as long. Texts within the body do not count: nearly every id and
 * address has a digit before an `e` or a point.
 */
import { err, INT64_MAX, INT64_MIN, ok, type Result } from '@patina/base'
import { refuseWeight } from './json-weight.ts'

/** `exact`: integers are bigint and reals are number; else every number is a safe integer. */
export interface JsonBody {
  readonly value: unknown
  readonly exact: boolean
}

/** A double holds every integer of one digit less. */
const LONG_DIGITS = 16

/** `too-many`: a loop that parses it would stand; the other error is the parser's word. */
export interface JsonError {
  readonly kind: 'invalid' | 'too-many'
  readonly message: string
}

export function parseJsonBody(text: string): Result<JsonBody, JsonError> {
  const exact = hasExactNumber(text)
  const weight = refuseWeight(text, exact)
  if (weight !== undefined) return err({ kind: 'too-many', message: weight })
  try {
    return ok({ value: exact ? JSON.parse(text, reviveNumber) : JSON.parse(text), exact })
  } catch (cause) {
    return err({ kind: 'invalid', message: (cause as Error).message })
  }
}

/** Whether a number outside of texts has a point, an exponent or many digits. Of what is not JSON the answer does not matter. */
function hasExactNumber(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    if (isExactBetween(text, at, quote < 0 ? text.length : quote)) return true
    if (quote < 0) return false
    at = endOfText(text, quote)
  }
  return false
}

/** `from` and `to` have no text between them: point and `e` stand in numbers, and in the words `true` and `false`. */
function isExactBetween(text: string, from: number, to: number): boolean {
  let digits = 0
  for (let i = from; i < to; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit >= DIGIT_0 && unit <= DIGIT_9) {
      digits += 1
      if (digits === LONG_DIGITS) return true
    } else {
      if (digits > 0 && (unit === POINT || unit === SMALL_E || unit === LARGE_E)) return true
      digits = 0
    }
  }
  return false
}

/** Behind the quote that ends the text which begins at `quote`; the end of all where nothing ends it. */
function endOfText(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = end
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1
    if ((end - escapes) % 2 === 0) return end + 1
  }
  return text.length
}

const [DIGIT_0, DIGIT_9, POINT, SMALL_E, LARGE_E, BACKSLASH] = [0x30, 0x39, 0x2e, 0x65, 0x45, 0x5c]

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
