export type { ChangedTable } from './core/dependents.ts'
export { DEFAULT_LIMITS, type LiveQueryLimits } from './limits.ts'
export type {
  LiveQueryContract,
  LiveQueryInfo,
  SubscribeHead,
  SubscribeOptions,
  SubscribeRequest,
} from './live-query-port.ts'
export { type LiveQueryProcessOptions, liveQueryHandlers } from './live-query-process.ts'
export { LiveQueries, type LiveQueriesOptions, type Opened } from './sqlite/live-queries.ts'
