/** A thread of the readers process: queries on connections of their own, the log on one more. */
import type { PortHandlers } from '@patina/base'
import { LogServer, WalSync } from '@patina/crdt-store'
import { mergeHandlers, openReader, readerHandlers, serveThread } from '@patina/sqlite'
import type { LogContract } from '../readers-child.ts'
import type { ReadersRoleOptions } from './readers.ts'

await serveThread((options: ReadersRoleOptions) =>
  mergeHandlers(readerHandlers(options), logHandlers(options)),
)

function logHandlers({ path, durability }: ReadersRoleOptions): PortHandlers<LogContract> {
  const db = openReader(path)
  const wal = durability === 'normal' ? new WalSync(db.name) : undefined
  const log = new LogServer(db, () => wal?.sync())
  return {
    calls: { serve: ({ needs, budgetBytes }) => log.serve(needs, budgetBytes) },
    streams: {},
    stop: () => {
      db.close()
      wal?.close()
    },
  }
}
