/** The live-query process: results of subscriptions, kept current on a read connection of its own. */
import { type LiveQueryProcessOptions, liveQueryHandlers } from '@patina/live-query'
import { serveParentProcess } from '@patina/sqlite'

/** What main passes as one JSON argument. */
export type LiveQueryRoleOptions = Pick<
  LiveQueryProcessOptions,
  'path' | 'statePath' | 'previousEnd' | 'limits'
> & { readonly memoryBytesMax: number }

export async function runLiveQuery(argument: string): Promise<void> {
  const { memoryBytesMax, ...options } = JSON.parse(argument) as LiveQueryRoleOptions
  await serveParentProcess(() => liveQueryHandlers(options), { memoryBytesMax })
}
