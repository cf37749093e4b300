/** The readers process: a few threads with read-only connections, for queries and for serving the log to peers. */
import { serveThreads } from '@patina/sqlite'

/** What main passes as one JSON argument, and each thread gets as its data. */
export interface ReadersRoleOptions {
  readonly path: string
  readonly memoryBytesMax: number
  /** Under `normal` nothing is served to peers before it is synced. */
  readonly durability: 'full' | 'normal'
  /** Open queries of one thread. */
  readonly connectionsMax: number
  readonly threads: number
}

const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js',
  import.meta.url,
)

export async function runReaders(argument: string): Promise<void> {
  const data = JSON.parse(argument) as ReadersRoleOptions
  await serveThreads({
    thread: THREAD,
    data,
    threads: data.threads,
    memoryBytesMax: data.memoryBytesMax,
  })
}
