/**
 * The tables of limits in docs/protocol.md, and the same numbers in the sources: a constant (`NAME = 17 * 1024 * 1024`), a
 * field (`name: 5_000`), or a knob (`name: knob('ms', 5_000, …)`). Pure: reads no file.
 */

export interface LimitRow {
  readonly name: string
  readonly file: string
  readonly value: number
}

const ROW = /^\|[^|]*\| *([\d,]+|\d+\^\d+) *\| *`(\w+)` *\| *`([^`]+)` *\|/gm

export function limitRows(page: string): LimitRow[] {
  return [...page.matchAll(ROW)].map(([, shown, name, file]) => ({
    name: name as string,
    file: file as string,
    value: numberOf((shown as string).replace('^', '**').replaceAll(',', '')),
  }))
}

/** The number that a source gives to a name; undefined where it gives none. */
export function valueIn(source: string, name: string): number | undefined {
  const constants = new Map([['MIB', 1_048_576]])
  const assigned = new RegExp(
    `^(?:export const |const |  )${name}(?:: number)?(?: =|:) (?:knob\\(\\s*'\\w+',\\s*|millis\\()?([\\w *]+)[),\\n]`,
    'm',
  ).exec(`${source}\n`)?.[1]
  if (assigned === undefined) return undefined
  const plain = assigned.replace(/[A-Z]+/g, (word) => String(constants.get(word) ?? word))
  return /^[\d_ *]+$/.test(plain) ? numberOf(plain) : undefined
}

/** A product of numbers and powers. */
function numberOf(expression: string): number {
  const [base, exponent] = expression.split('**') as [string, string?]
  if (exponent !== undefined) return numberOf(base) ** numberOf(exponent)
  return base.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '').trim()), 1)
}

/** Names to which a source of limits gives numbers as fields. */
export function namesIn(source: string): string[] {
  return [
    ...source.matchAll(
      /^ {2}(\w+): (?:[\d_ *]+|\d* ?\*? ?MIB|millis\([^)]*\)|knob\((?:[^']|'[^']*')*?\)),$/gm,
    ),
  ].map(([, name]) => name as string)
}
