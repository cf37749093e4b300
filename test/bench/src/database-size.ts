/** DatabaseSize: what a database takes on the disk, its write-ahead log included. */
import { statSync } from 'node:fs'

export function fileMegabytes(path: string): number {
  const bytes = [path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  return bytes.reduce((sum, size) => sum + size, 0) / 1e6
}
