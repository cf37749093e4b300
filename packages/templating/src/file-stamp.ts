/** What tells a file from another one under the same path, without reading it. */
import { statSync } from 'node:fs'

/** Null where nothing is there that can be read. */
export function fileStamp(path: string): string | null {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    return null
  }
}
