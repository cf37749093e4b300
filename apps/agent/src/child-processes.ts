/** The child processes of an agent, made from its configuration; what they tell is passed on. Starts and ends none of them. */
import type { StoreEvent, StoreState } from '@patina/crdt-store'
import type { Logger } from 'pino'
import type { Config } from './effective-config.ts'
import { LiveQueryChild } from './live-query-child.ts'
import { ReadersChild } from './readers-child.ts'
import { spawnLiveQuery, spawnReaders, spawnStore } from './spawn.ts'
import { dumpFolder } from './stall-dump.ts'
import { LOOP_STANDS_MS } from './stall-watch.ts'
import { StoreChild } from './store-child.ts'

export interface ChildProcesses {
  readonly store: StoreChild
  readonly readers: ReadersChild
  readonly liveQueries: LiveQueryChild
}

export interface ChildProcessesOptions {
  readonly config: Config
  readonly log: Logger
  readonly storeTold: (event: StoreEvent) => void
  readonly storeReplaced: (state: StoreState) => void
  readonly restarted: (role: string) => void
}

/** How long an old readers process may finish what its neighbours asked for. */
const READERS_DRAIN_MS = 1_000

export function makeChildProcesses(options: ChildProcessesOptions): ChildProcesses {
  const { config, log, storeTold, storeReplaced, restarted } = options
  const { startTimeoutMs, storeTimeoutMs, queryTimeoutMs } = config.limits
  const watch = {
    startTimeoutMs,
    onRestart: ({ role, reason }: { readonly role: string; readonly reason: string }) => {
      restarted(role)
      log.warn({ role, reason }, 'replacing a child process')
    },
    onFailure: (failure: { readonly role: string; readonly reason: string; readonly retryMs: number }) =>
      log.error(failure, 'a child process did not start'),
  }
  const stall = { dumpFolder: dumpFolder(config.db.path), loopMs: LOOP_STANDS_MS, upkeepMs: storeTimeoutMs }
  let storeStarts: 'first' | 'restart' = 'first'
  const store = new StoreChild({
    ...watch,
    stall,
    spawn: () => {
      const port = spawnStore(config, storeStarts)
      storeStarts = 'restart'
      return port
    },
    onEvent: storeTold,
    onReplaced: storeReplaced,
  })
  const readers = new ReadersChild({
    ...watch,
    stall,
    drainMs: READERS_DRAIN_MS,
    spawn: () => spawnReaders(config),
  })
  const liveQueries = new LiveQueryChild({
    ...watch,
    // It does not tell what it runs, so its loop may stand as long as a query may take.
    stall: { ...stall, loopMs: queryTimeoutMs + LOOP_STANDS_MS },
    runTimeoutMs: queryTimeoutMs,
    spawn: (previousEnd) => spawnLiveQuery(config, previousEnd),
  })
  return { store, readers, liveQueries }
}
