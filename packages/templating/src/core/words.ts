/**
 * The words that templates have beside the language: values as text, rows as JSON and CSV, sorting and grouping. Pure; the
 * words that ask for rows, files and the environment are those of the renderer.
 */

export type Row = { readonly [column: string]: unknown }
/** A column, or what is computed of a row. */
export type By = string | ((row: Row) => unknown)

/**
 * A value as it stands in the output. NULL is nothing. What would be a silent mistake there throws TypeError: a column that is not
 * in the row, a number that is none, a whole row.
 */
export function printed(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return hex(value)
  if (typeof value === 'number' && !Number.isNaN(value)) return String(value)
  if (value === undefined) throw new TypeError('undefined would be written: is there such a column?')
  if (typeof value === 'object')
    throw new TypeError('an object would be written; use json(…) or one of its fields')
  throw new TypeError(`a ${typeof value === 'number' ? 'NaN' : typeof value} would be written`)
}

/** JSON text; integers to the last digit, BLOBs as hex. `indent` as in JSON.stringify. */
export function json(value: unknown, indent?: number | string): string {
  const text = JSON.stringify(value, jsonValue, indent)
  if (text === undefined) throw new TypeError('json(…) was given nothing that JSON has')
  return text
}

function jsonValue(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Readonly<Record<string, unknown>>)[key]
  if (typeof value === 'bigint') return JSON.rawJSON(String(value))
  return raw instanceof Uint8Array ? hex(raw) : value
}

/** Header and rows, RFC 4180: quoted where needed, NULL is empty. Lines end with a line feed. */
export function csv(rows: readonly Row[] & { readonly columns?: readonly string[] }): string {
  const columns = rows.columns ?? Object.keys(rows[0] ?? {})
  const line = (cells: readonly unknown[]): string =>
    `${cells.map((cell) => csvCell(printed(cell))).join(',')}\n`
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('')
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A sorted copy: by each of `by` in turn, the first that differs decides. NULL first, numbers before texts. Stable. */
export function sortBy(rows: readonly Row[], ...by: readonly By[]): Row[] {
  const keys = by.map(keyOf)
  return [...rows].sort((a, b) => {
    for (const key of keys) {
      const order = compare(key(a), key(b))
      if (order !== 0) return order
    }
    return 0
  })
}

/** Groups in the order of their first rows: `for (const [app, rows] of groupBy(…, 'app'))`. */
export function groupBy(rows: readonly Row[], by: By): Map<unknown, Row[]> {
  return Map.groupBy(rows, keyOf(by))
}

/** The last row of each key. */
export function indexBy(rows: readonly Row[], by: By): Map<unknown, Row> {
  const key = keyOf(by)
  return new Map(rows.map((row) => [key(row), row]))
}

/** The first row of each key, in order. */
export function uniqueBy(rows: readonly Row[], by: By): Row[] {
  return [...groupBy(rows, by).values()].map(([first]) => first as Row)
}

/** Each line of a text moved to the right. */
export function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces))
}

function keyOf(by: By): (row: Row) => unknown {
  if (typeof by === 'function') return by
  return (row) => {
    const key = row[by]
    if (key === undefined) throw new TypeError(`no row has a column ${by}`)
    return key
  }
}

function compare(a: unknown, b: unknown): number {
  const byClass = rank(a) - rank(b)
  if (byClass !== 0) return byClass
  const [x, y] = [a, b] as [string, string]
  return x < y ? -1 : x > y ? 1 : 0
}

function rank(value: unknown): number {
  if (value === null || value === undefined) return 0
  return typeof value === 'string' ? 2 : 1
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
