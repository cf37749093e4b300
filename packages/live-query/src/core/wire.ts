/**
 * The lines of a live result as the original (superfly/corrosion) writes them: one JSON object a line. Cells come
 * as text that is already JSON. Numbers of rows and changes are safe integers. The original has no marks, so only who asks
 * gets them.
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

/** Behind the last change of a run: with the changes up to this one, the rows are what the query once gave (I-LIVE-9). */
export function markLine(changeId: number): Uint8Array {
  return encoder.encode(`{"mark":${changeId}}\n`)
}

/**
 * How a stream tells why it ends. `coded`: with a stable `code` and what else a program may want. `plain`: `{"error"}` alone,
 * because the original's client takes an event with a second key for no event.
 */
export type ErrorForm = 'coded' | 'plain'

export interface StreamFault {
  readonly message: string
  readonly code?: string
  /** Of one that fell behind: the last change before this line; null where its first rows were not complete. */
  readonly lastChangeId?: number | null
}

/** The last line of a stream that ends with a reason. */
export function errorLine({ message, code, lastChangeId }: StreamFault, form: ErrorForm): Uint8Array {
  const event = form === 'plain' ? { error: message } : { error: message, code, last_change_id: lastChangeId }
  return encoder.encode(`${JSON.stringify(event)}\n`)
}

/** Nobody is silently cut off: what a reader hears that took its changes too slowly. */
export function laggedFault(lastChangeId: number | undefined, canResume: boolean): StreamFault {
  const where =
    lastChangeId === undefined
      ? 'before its first rows were complete; subscribe again'
      : canResume
        ? `after change ${lastChangeId}; resume from there`
        : `after change ${lastChangeId}, and what followed is not kept any more; subscribe again`
  return {
    message: `lagged: the reader fell behind ${where}`,
    code: 'lagged',
    lastChangeId: lastChangeId ?? null,
  }
}
