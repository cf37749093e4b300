/** Starts the child processes: this program again, in another role. */
import type { StoreContract } from '@patina/crdt-store'
import type { LiveQueryContract } from '@patina/live-query'
import { type ChildProcessPort, openChildProcess } from '@patina/sqlite/port'
import { openThreadedProcess } from '@patina/sqlite/threads'
import type { Config } from './effective-config.ts'
import type { LiveQueryEnd } from './live-query-child.ts'
import type { ReadersContract } from './readers-child.ts'
import type { LiveQueryRoleOptions } from './roles/live-query.ts'
import type { ReadersRoleOptions } from './roles/readers.ts'
import type { StoreRoleOptions } from './roles/store.ts'

/** The program beside this file, from source and when built. */
const MAIN = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url)

/** One may be inside a long query. */
const READER_THREADS = 2

/** Open queries of one reader thread; two threads carry what limits.queries_concurrent_max allows by default. */
const THREAD_CONNECTIONS_MAX = 64

/**
 * Of the store, by class of work (the order is the store's): writes of clients, as many as its group takes four times;
 * batches of others, which main hands over one at a time; changes of the schema. What does not fit is told to come again.
 */
const STORE_CALLS_MAX = { transact: 1_024, apply: 16, schema: 8 } as const
/** Figures and definitions beside them. */
const STORE_QUESTIONS_MAX = 64

/**
 * Open live results: as many as the live-query process takes. Each may have four chunks on its way, which together stay below
 * what a port lets wait for a reader that is behind (65,536 messages).
 */
const LIVE_STREAMS_MAX = 8_192

/** Calls beside the streams: what commits touch, members, is it ready; one of each at a time, and some that were given up. */
const LIVE_CALLS_MAX = 64

/**
 * `restart`: schema files are not read again. They may have been edited since; a mistake in them shall be told by a reload,
 * and not take the store away when it is needed.
 */
export function spawnStore(
  { db, gossip, limits }: Config,
  start: 'first' | 'restart',
): ChildProcessPort<StoreContract> {
  const options: StoreRoleOptions = {
    path: db.path,
    clusterId: gossip.clusterId,
    durability: db.durability,
    schemaPaths: start === 'first' ? db.schemaPaths : undefined,
    memoryBytesMax: limits.processBytesMax,
    limits: { statementsMax: limits.statementsMax, walBytesMax: db.walBytesMax },
  }
  const calls = Object.values(STORE_CALLS_MAX).reduce((sum, max) => sum + max, 0)
  return openChildProcess<StoreContract>({
    module: MAIN,
    args: ['--role=store', JSON.stringify(options)],
    pendingMax: calls + STORE_QUESTIONS_MAX,
    pendingMaxByKind: STORE_CALLS_MAX,
    withdrawable: ['transact'],
  })
}

export function spawnReaders({ db, limits }: Config): ChildProcessPort<ReadersContract> {
  const options: ReadersRoleOptions = {
    path: db.path,
    durability: db.durability,
    connectionsMax: THREAD_CONNECTIONS_MAX,
    threads: READER_THREADS,
    memoryBytesMax: limits.processBytesMax,
  }
  return openThreadedProcess<ReadersContract>({
    module: MAIN,
    args: ['--role=readers', JSON.stringify(options)],
    threads: READER_THREADS,
    askAll: ['ready'],
    tellAll: ['members', 'lag'],
  })
}

/** The results lie beside the database, in a file that may be deleted when the agent is down. */
export function spawnLiveQuery(
  { db, limits }: Config,
  previousEnd: LiveQueryEnd,
): ChildProcessPort<LiveQueryContract> {
  const options: LiveQueryRoleOptions = {
    path: db.path,
    statePath: `${db.path}-subscriptions`,
    previousEnd,
    memoryBytesMax: limits.processBytesMax,
    limits: { subscribersMax: LIVE_STREAMS_MAX },
  }
  return openChildProcess<LiveQueryContract>({
    module: MAIN,
    pendingMax: LIVE_STREAMS_MAX + LIVE_CALLS_MAX,
    args: ['--role=live-query', JSON.stringify(options)],
  })
}
