/** A service that notes what it works on, and stands in every way that a process can: in a statement, in JavaScript. */
import type { PortHandlers } from '@patina/base'
import { openDatabase } from '../../src/open.ts'
import type { BegunCalls } from '../../src/port/begun-calls.ts'
import { serveParentProcess } from '../../src/port/child-process.ts'

export interface WatchedContract {
  readonly calls: {
    /** Runs so many steps of a statement, which is endless for most purposes; false where it was taken back. */
    readonly statement: { readonly request: number; readonly reply: boolean }
    readonly spin: { readonly request: number; readonly reply: null }
  }
  readonly streams: Record<never, never>
  readonly event: never
}

function handlers(begun: BegunCalls): PortHandlers<WatchedContract> {
  const db = openDatabase(':memory:')
  const count = db.prepare(
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT ?) SELECT count(*) FROM c',
  )
  return {
    calls: {
      // Each begins in a turn of its own, as requests in the queues of the store do.
      statement: (steps, id = 0) =>
        new Promise((resolve) => {
          setImmediate(() => {
            const begins = begun.begin(id)
            if (begins) count.get(BigInt(steps))
            begun.rest()
            resolve(begins)
          })
        }),
      spin: (ms) => {
        spinFor(ms)
        return null
      },
    },
    streams: {},
  }
}

function spinFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

await serveParentProcess(handlers)
