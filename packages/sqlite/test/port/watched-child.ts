/** A service that notes what it works on, and stands in every way that a process can: in a statement, in JavaScript. */
import type { PortHandlers } from '@patina/base'
import { openDatabase } from '../../src/open.ts'
import type { BegunCalls } from '../../src/port/begun-calls.ts'
import { serveParentProcess } from '../../src/port/child-process.ts'

export interface WatchedContract {
  readonly calls: {
    /** Runs so many steps of a statement, which is endless for most purposes; false where it was taken back. */
    readonly statement: { readonly request: number; readonly reply: boolean }
    /** Begins, and has its reply with that of the next statement: as requests that share a transaction. */
    readonly share: { readonly request: null; readonly reply: null }
    /** Fills memory without end, in one statement. */
    readonly fill: { readonly request: null; readonly reply: null }
    readonly spin: { readonly request: number; readonly reply: null }
  }
  readonly streams: Record<never, never>
  readonly event: never
}

/** Many large values, of which none is given back before the end. */
const FILL = `WITH c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c), m AS MATERIALIZED (SELECT zeroblob(1000000) || i AS z FROM c)
  SELECT count(*) FROM m`

function handlers(begun: BegunCalls): PortHandlers<WatchedContract> {
  const db = openDatabase(':memory:')
  const count = db.prepare(
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT ?) SELECT count(*) FROM c',
  )
  const sharing: (() => void)[] = []
  return {
    calls: {
      share: (_, id = 0) => {
        begun.begin(id)
        return new Promise((resolve) => sharing.push(() => resolve(null)))
      },
      // Each begins in a turn of its own, as requests in the queues of the store do.
      statement: (steps, id = 0) =>
        new Promise((resolve) => {
          setImmediate(() => {
            const begins = begun.begin(id)
            if (begins) count.get(BigInt(steps))
            begun.rest()
            resolve(begins)
            for (const end of sharing.splice(0)) end()
          })
        }),
      fill: (_, id = 0) => {
        begun.begin(id)
        db.prepare(FILL).get()
        return null
      },
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

await serveParentProcess(handlers, { memoryBytesMax: 400 * 2 ** 20 })
