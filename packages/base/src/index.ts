export {
  ACTOR_BYTES,
  type ActorId,
  actorFromBytes,
  actorId,
  actorToBytes,
  compareActors,
  isActorId,
} from './actor.ts'
export { assert, must, unreachable } from './assert.ts'
export { BoundedQueue, type DropPolicy } from './bounded-queue.ts'
export { ByteReader, ByteWriter, type DecodeError, DecodeFailure, decode, refuse } from './bytes.ts'
export {
  CHANGESET_FORMAT,
  CHUNK_BYTES_MAX,
  type ChangesetError,
  type ChangesetHeader,
  COUNTER_MAX,
  changesetChecksum,
  type DecodedHeader,
  decodeChangesetHeader,
  encodeChangeset,
  joinChangeset,
  SEQ_MAX,
} from './changeset-header.ts'
export { crc32 } from './crc32.ts'
export { HLC_DRIFT_MAX_MICROS, type Hlc, hlc, isHlc, observe, tick } from './hlc.ts'
export type {
  ActorKnowledge,
  ActorVersions,
  ApplyOutcome,
  ApplyReport,
  LocalCommit,
  Need,
  OwnCheck,
  PartialVersion,
  RememberedForks,
  ServedBatch,
  VersionsByActor,
} from './knowledge.ts'
export { LANES, type Lane } from './lane.ts'
export {
  isPeerAddress,
  PEER_ADDRESS_CHARS_MAX,
  type PeerAddress,
  peerAddress,
  peerAddressOf,
  splitPeerAddress,
} from './peer-address.ts'
export {
  type CallOptions,
  type Port,
  type PortContract,
  type PortError,
  PortFailure,
  type PortHandlers,
  type PortStream,
  type ServedStream,
} from './port.ts'
export { Prng } from './prng.ts'
export { type Range, RangeSet } from './range-set.ts'
export { err, ok, type Result } from './result.ts'
export type { CausalLength, CellChange, ColumnVersion, RowChange } from './row-change.ts'
export { HASH_BYTES, NO_SCHEMA, type SchemaHashes, type TableHash } from './schema-hashes.ts'
export {
  CELL_BYTES_MAX,
  compareBytes,
  compareValues,
  INT64_MAX,
  INT64_MIN,
  isStorable,
  type SqliteValue,
  STORAGE_CLASS,
  type StorageClass,
  sameValue,
  storageClass,
  utf8Bytes,
  valueBytes,
} from './sqlite-value.ts'
export {
  after,
  type Clock,
  earliest,
  elapsed,
  type Instant,
  instant,
  latest,
  type Millis,
  millis,
  NEVER,
} from './time.ts'
export { isSeq, isVersion, nextVersion, type Seq, seq, type Version, version } from './version.ts'
