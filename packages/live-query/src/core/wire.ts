/**
 * The lines of a live result as the original (superfly/corrosion) writes them: one JSON object a line. Cells come
 * as text that is already JSON. Numbers of rows and changes are safe integers.
 */
import type { RowChangeEvent } from './diff.ts'

const encoder = new TextEncoder()

export function columnsLine(columns: readonly string[]): Uint8Array {
  return encoder.encode(`{"columns":${JSON.stringify(columns)}}\n`)
}

export function storedRowText(rowId: number, cells: string): string {
  return `{"row":[${rowId},${cells}]}\n`
}

export function endOfQueryLine(seconds: number, changeId: number): Uint8Array {
  return encoder.encode(`{"eoq":{"time":${JSON.stringify(seconds)},"change_id":${changeId}}}\n`)
}

export function changeLine({ kind, rowId, cells }: RowChangeEvent, changeId: number): Uint8Array {
  return encoder.encode(`{"change":["${kind}",${rowId},${cells},${changeId}]}\n`)
}

/** The last line of a stream that ends with a reason. The original knows `error` alone; `code` is stable. */
export function errorLine(message: string, code?: string): Uint8Array {
  return encoder.encode(
    `${JSON.stringify(code === undefined ? { error: message } : { error: message, code })}\n`,
  )
}
