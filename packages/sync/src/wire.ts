/** The bytes of replication, for those who test a wire and run no machine: vectors, tools. */
export { bucketHashes } from './buckets.ts'
export { decodeMessage, encodeMessage } from './codec.ts'
export { rootHash } from './knowledge-digest.ts'
export type { SyncMessage } from './message.ts'
