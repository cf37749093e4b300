/**
 * RenderRecord: what must be known of the last written content when this program starts again: the sizes that the guard compares
 * with, and whether the command for it is still due. It lies beside the destination as `.NAME.patina`, and is written before
 * the content: a crash between the two costs one more comparison, one behind the content costs one more command.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeAtomically } from './atomic-write.ts'

export interface RenderRecord {
  /** Digest of the template's texts: other queries are no shrinkage. */
  readonly digest: string
  /** Rows by text of the query. */
  readonly sizes: ReadonlyMap<string, number>
  readonly commandDue: boolean
}

export function recordPath(destination: string): string {
  const path = resolve(destination)
  return join(dirname(path), `.${basename(path)}.patina`)
}

/** Undefined where there is none, or none that can be read: then the guard knows of nothing to compare with. */
export async function readRecord(destination: string): Promise<RenderRecord | undefined> {
  try {
    return decodeRecord(JSON.parse(await readFile(recordPath(destination), 'utf8')))
  } catch {
    return undefined
  }
}

export async function writeRecord(destination: string, record: RenderRecord): Promise<void> {
  const { digest, sizes, commandDue } = record
  const text = JSON.stringify(
    { format: 1, digest, sizes: Object.fromEntries(sizes), commandDue },
    undefined,
    1,
  )
  await writeAtomically(recordPath(destination), `${text}\n`)
}

function decodeRecord(value: unknown): RenderRecord | undefined {
  const { format, digest, sizes, commandDue } = value as Readonly<Record<string, unknown>>
  if (format !== 1 || typeof digest !== 'string' || typeof commandDue !== 'boolean') return undefined
  const entries = Object.entries(sizes as Readonly<Record<string, unknown>>)
  if (!entries.every(([, size]) => Number.isSafeInteger(size))) return undefined
  return { digest, sizes: new Map(entries as [string, number][]), commandDue }
}
