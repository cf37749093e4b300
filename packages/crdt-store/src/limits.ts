/** Every bound of the store. Table with reasons: docs/operations.md. */
export interface StoreLimits {
  /** Row changes of one version; above it the request fails and says to split it. */
  readonly versionRowsMax: number
  /** Encoded bytes of one version. */
  readonly versionBytesMax: number
  /** One cell; the wire format allows no more than CELL_BYTES_MAX. */
  readonly cellBytesMax: number
  /** A chunk is cut when its payload would pass this; a larger row is a chunk alone. */
  readonly chunkBytesTarget: number
  /** Versions of which some chunks wait for the rest; further ones are dropped and asked for again. */
  readonly waitingVersionsMax: number
  /** Ranges of versions in claims that wait for their basis; the oldest claims go first, and are made again when asked for. */
  readonly pendingClaimRangesMax: number
  /** Ranges of versions of one actor that are given up; what is declared above it is not taken. */
  readonly lostRangesMax: number
  /** Statements of one request; an agent passes `limits.statements_max`. As many as a version may have row changes. */
  readonly statementsMax: number
  /** Rows that a change of the schema, or a purge, takes along in one transaction, for which others wait … */
  readonly schemaSliceRowsMax: number
  /** … fewer where that took longer than this. */
  readonly schemaSliceMs: number
  /** Prepared statements kept; the least recently used goes first. */
  readonly preparedStatementsMax: number
  /** The write-ahead log: where a reader holds it, `maintain` says so from three quarters of this on. Its owner ends that reader. */
  readonly walBytesMax: number
}

export const defaultLimits: StoreLimits = {
  versionRowsMax: 100_000,
  versionBytesMax: 16 * 1024 * 1024,
  cellBytesMax: 16 * 1024 * 1024,
  chunkBytesTarget: 64 * 1024,
  waitingVersionsMax: 1_000,
  pendingClaimRangesMax: 100_000,
  lostRangesMax: 4_096,
  statementsMax: 100_000,
  schemaSliceRowsMax: 250,
  schemaSliceMs: 10,
  preparedStatementsMax: 500,
  walBytesMax: 1024 * 1024 * 1024,
}
