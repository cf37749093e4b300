export {
  type ColumnsByTable,
  Inspector,
  type SkippedDefinition,
  SQL_CHARS_MAX,
  type StatementInfo,
} from './inspect.ts'
export { type InspectCode, type InspectError, isInternalName } from './inspect-error.ts'
export { LAG_DEFINITION, LAG_TABLE, type LagRow, LagTable } from './lag-table.ts'
export { asTemp, type LocalChange, type LocalRow } from './local-table.ts'
export { MEMBERS_DEFINITION, MEMBERS_TABLE, type MemberRow, MembersTable } from './members-table.ts'
export {
  type Database,
  type Durability,
  OpenError,
  type OpenErrorKind,
  type OpenOptions,
  openDatabase,
  openReader,
  setSynchronous,
} from './open.ts'
export { type BindError, bindArguments } from './parameters.ts'
export type { BegunCalls } from './port/begun-calls.ts'
export type { CallerOptions } from './port/caller.ts'
export {
  type ChildProcessOptions,
  type ChildProcessPort,
  openChildProcess,
  type ServeOptions,
  serveParentProcess,
} from './port/child-process.ts'
export { openInLine } from './port/in-line.ts'
export { type MergedContract, mergeHandlers } from './port/merge-handlers.ts'
export { type ServeThreadsOptions, serveThread, serveThreads } from './port/serve-threads.ts'
export { openThreadedProcess, type ThreadedProcessOptions } from './port/threaded-process.ts'
export type { Watch } from './port/watch.ts'
export type { Pulse } from './port/watch-thread.ts'
export { openWorkerThread, serveParentThread, type WorkerThreadOptions } from './port/worker-thread.ts'
export {
  type QueryHead,
  type QueryRequest,
  type ReaderContract,
  type ReaderOptions,
  readerHandlers,
} from './reader.ts'
export { cellsText, encodeResult, type ResultLimits, type ResultSource, rowLine } from './result-encoder.ts'
export { firstWords, parameterNames, splitStatements, type TextStatement } from './sql-text.ts'
export type { SqlStatement } from './statement.ts'
export { TempViews, VIEWS_TABLE } from './temp-views.ts'
export {
  bindableValues,
  refuseValue,
  rowFromSqlite,
  type ValueError,
  valueFromSqlite,
} from './value-codec.ts'
