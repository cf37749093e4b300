/** A live-query process as the agent starts one. Arguments: database, state file, why the process before it ended. */
import { serveParentProcess } from '@patina/sqlite'
import type { LiveQueryContract } from '../src/live-query-port.ts'
import { liveQueryHandlers } from '../src/live-query-process.ts'

const [, , path = '', statePath = '', end] = process.argv

await serveParentProcess<LiveQueryContract>(() =>
  liveQueryHandlers({ path, statePath, previousEnd: end === 'deadline' ? 'deadline' : 'other' }),
)
