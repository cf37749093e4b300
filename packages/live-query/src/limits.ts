/** Limits of the engine: every bound by name, with its unit and why it is what it is. */
import { type Millis, millis } from '@patina/base'

export interface LiveQueryLimits {
  /** Materialised results. */
  readonly queriesMax: number
  /** Open streams of all results together. */
  readonly subscribersMax: number
  /** Rows of one result. */
  readonly rowsMax: number
  /** Bytes of one result, as its rows are sent. It is held in memory while it is compared. */
  readonly resultBytesMax: number
  /** Changes of one result that are kept for those that come back. */
  readonly historyChangesMax: number
  readonly historyBytesMax: number
  /** What may wait for one slow subscriber. */
  readonly bufferBytesMax: number
  /** What may wait for all subscribers before a new one gets its first rows; above it, it is told to come again. */
  readonly waitingBytesMax: number
  /** A result without subscribers lives this long. */
  readonly idleMs: Millis
  /** How long runs may follow each other before the process looks for messages. */
  readonly sliceMs: Millis
}

const MIB = 1024 * 1024

export const DEFAULT_LIMITS: LiveQueryLimits = {
  queriesMax: 8192,
  subscribersMax: 8192,
  rowsMax: 1_000_000,
  resultBytesMax: 64 * MIB,
  historyChangesMax: 5000,
  historyBytesMax: MIB,
  bufferBytesMax: 8 * MIB,
  waitingBytesMax: 256 * MIB,
  idleMs: millis(10 * 60 * 1000),
  // A tenth of what an event may take (10 ms at the 99th percentile).
  sliceMs: millis(1),
}
