/**
 * Rows on a terminal or for a script: `list` (cells joined by `|`, as the original prints them), `table`, `json` (one
 * array of objects), `csv` (RFC 4180). Numbers come as their JSON text, so that no digit is lost.
 */
import { NumberText, type TextCell } from '@patina/client'
import { UsageError } from '@patina/program'

export const FORMATS = ['list', 'table', 'json', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** Receives the columns once, then rows, then the end. `write` takes text for stdout. */
export interface RowPrinter {
  columns(names: readonly string[]): void
  row(cells: readonly TextCell[]): void
  end(): void
}

/** A row of a table is held back until the end; more rows than this are printed in pieces of their own width. */
const TABLE_ROWS_MAX = 1_000

export function parseFormat(text: string | undefined, json: boolean): Format {
  if (json) return 'json'
  if (text === undefined) return 'list'
  const format = FORMATS.find((name) => name === text)
  if (format === undefined) throw new UsageError(`--format takes ${FORMATS.join(', ')}, not ${text}`)
  return format
}

export function createPrinter(
  format: Format,
  write: (text: string) => void,
  { header }: { readonly header: boolean },
): RowPrinter {
  switch (format) {
    case 'list':
      return linePrinter(write, header, (cells) => cells.join('|'))
    case 'csv':
      return linePrinter(write, true, (cells) => cells.map(csvField).join(','), '\r\n')
    case 'json':
      return jsonPrinter(write)
    case 'table':
      return tablePrinter(write)
    default:
      throw new UsageError(`unknown format ${format satisfies never}`)
  }
}

/** As sqlite3 shows it: NULL is empty, a blob is `x'…'`. */
export function cellText(cell: TextCell): string {
  if (cell === null) return ''
  if (typeof cell === 'string') return cell
  if (cell instanceof NumberText) return cell.text
  return `x'${cell.map(({ text }) => Number(text).toString(16).padStart(2, '0')).join('')}'`
}

function linePrinter(
  write: (text: string) => void,
  header: boolean,
  join: (cells: readonly string[]) => string,
  newline = '\n',
): RowPrinter {
  return {
    columns: (names) => header && write(join(names) + newline),
    row: (cells) => write(join(cells.map(cellText)) + newline),
    end: () => {},
  }
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function jsonPrinter(write: (text: string) => void): RowPrinter {
  let names: readonly string[] = []
  let rows = 0
  return {
    columns: (columns) => {
      names = columns
      write('[')
    },
    row: (cells) => {
      const fields = names.map((name, i) => `${JSON.stringify(name)}:${cellJson(cells[i] as TextCell)}`)
      write(`${rows === 0 ? '\n' : ',\n'}{${fields.join(',')}}`)
      rows += 1
    },
    end: () => write(rows === 0 ? ']\n' : '\n]\n'),
  }
}

/** JSON of a cell, numbers as they were sent. */
export function cellJson(cell: TextCell): string {
  if (cell instanceof NumberText) return cell.text
  return Array.isArray(cell) ? `[${cell.map(({ text }) => text).join(',')}]` : JSON.stringify(cell)
}

function tablePrinter(write: (text: string) => void): RowPrinter {
  let head: readonly string[] = []
  let rows: string[][] = []
  const flush = (): void => {
    const widths = head.map((name, i) =>
      Math.max(name.length, ...rows.map((row) => (row[i] as string).length)),
    )
    const line = (cells: readonly string[]): string =>
      `${cells
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd()}\n`
    write(line(head) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join(''))
    rows = []
  }
  return {
    columns: (names) => {
      head = names
    },
    row: (cells) => {
      rows.push(cells.map((cell) => cellText(cell).replaceAll('\n', '⏎')))
      if (rows.length === TABLE_ROWS_MAX) flush()
    },
    end: () => {
      if (rows.length > 0 || head.length > 0) flush()
    },
  }
}
