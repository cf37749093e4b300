/** A thread of the readers process: queries on connections of their own, the log on one more. */
import { workerData } from 'node:worker_threads'
import type { PortHandlers } from '@patina/base'
import { LogServer } from '@patina/crdt-store'
import { mergeHandlers, openReader, readerHandlers, serveParentThread } from '@patina/sqlite'
import type { LogContract } from '../readers-child.ts'
import type { ReadersRoleOptions } from './readers.ts'

await serveParentThread(() => {
  const options = workerData as ReadersRoleOptions
  return mergeHandlers(readerHandlers(options), logHandlers(options.path))
})

function logHandlers(path: string): PortHandlers<LogContract> {
  const db = openReader(path)
  const log = new LogServer(db)
  return {
    calls: { serve: ({ needs, budgetBytes }) => log.serve(needs, budgetBytes) },
    streams: {},
    stop: () => {
      db.close()
    },
  }
}
