/**
 * Changeset header: all that relays and `sync` read of a changeset; the payload behind it is crdt-store's.
 *
 *   format u8 · actor 16 · version · firstSeq · lastSeq − firstSeq · versionLastSeq − lastSeq · ts (varints) · flags u8 · crc u32
 *
 * The CRC-32 covers header and payload without the CRC itself, because a flipped bit in the version would otherwise
 * put good cells under a wrong name (ADR 0005).
 */
import { ACTOR_BYTES, type ActorId, actorFromBytes, actorToBytes } from './actor.ts'
import { assert } from './assert.ts'
import { ByteReader, ByteWriter, type DecodeError, DecodeFailure } from './bytes.ts'
import { crc32 } from './crc32.ts'
import { type Hlc, isHlc } from './hlc.ts'
import { err, ok, type Result } from './result.ts'
import { isVersion, type Seq, type Version } from './version.ts'

/** The format that this code writes, and the only one that it reads. */
export const CHANGESET_FORMAT = 1

/** A chunk of a version, header included, is at most this long: one cell of 16 MiB and its row. */
export const CHUNK_BYTES_MAX: number = 17 * 1024 * 1024

/** A version has at most this many row changes (the default of the store's limit is lower). */
export const SEQ_MAX = 4_294_967_295

/**
 * Versions and timestamps of others are at most this (as microseconds: the year 2112), far enough below 2^53 that what
 * follows them is a safe integer too: a forged one must not leave a node without numbers of its own.
 */
export const COUNTER_MAX: number = 2 ** 52

export interface ChangesetHeader {
  readonly actor: ActorId
  readonly version: Version
  /** This chunk holds the row changes firstSeq…lastSeq of 0…versionLastSeq. */
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly versionLastSeq: Seq
  readonly ts: Hlc
  /** Reserved; 0 in format 1. Unknown bits are kept as they are. */
  readonly flags: number
}

export type ChangesetError = DecodeError | { readonly kind: 'unknown-format'; readonly got: number }

/** A header and where the payload begins. */
export interface DecodedHeader {
  readonly header: ChangesetHeader
  readonly payloadOffset: number
  /** What the sender claims; compare with `changesetChecksum`. */
  readonly checksum: number
}

/** Header and payload as one changeset, under a checksum made here: for the writer of the version. */
export function encodeChangeset(header: ChangesetHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  writeHeader(header)
  return join(crc32(payload, crc32(headerWriter.written())), payload)
}

/** The same under the checksum that the changeset arrived with, so that damage on this disk does not pass as good. */
export function joinChangeset(
  header: ChangesetHeader,
  checksum: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  writeHeader(header)
  return join(checksum, payload)
}

/** One buffer for all headers: a changeset is made for each version of a row. */
const headerWriter = new ByteWriter(128)

function writeHeader(header: ChangesetHeader): void {
  const { actor, version, firstSeq, lastSeq, versionLastSeq, ts, flags } = header
  assert(firstSeq <= lastSeq && lastSeq <= versionLastSeq && versionLastSeq <= SEQ_MAX, 'seqs out of order')
  headerWriter.clear()
  headerWriter.u8(CHANGESET_FORMAT).raw(actorToBytes(actor)).varint(version)
  headerWriter
    .varint(firstSeq)
    .varint(lastSeq - firstSeq)
    .varint(versionLastSeq - lastSeq)
    .varint(ts)
    .u8(flags)
}

/** The header just written, the checksum and the payload. */
function join(checksum: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = headerWriter.u32(checksum).written()
  const bytes = new Uint8Array(head.length + payload.length)
  assert(bytes.length <= CHUNK_BYTES_MAX, `longer than a chunk: ${bytes.length} bytes`)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

/** Reads the header only; the checksum is not verified here (relays need not). */
export function decodeChangesetHeader(bytes: Uint8Array): Result<DecodedHeader, ChangesetError> {
  if (bytes.length > CHUNK_BYTES_MAX)
    return err({ kind: 'out-of-range', what: 'changeset bytes', got: `${bytes.length}` })
  if (bytes.length > 0 && bytes[0] !== CHANGESET_FORMAT)
    return err({ kind: 'unknown-format', got: bytes[0] as number })
  const reader = new ByteReader(bytes)
  try {
    return ok(readHeader(reader))
  } catch (cause) {
    if (cause instanceof DecodeFailure) return err(cause.error)
    throw cause
  }
}

/** CRC of a changeset as it should be; `payloadOffset` from its decoded header. */
export function changesetChecksum(bytes: Uint8Array, payloadOffset: number): number {
  return crc32(bytes.subarray(payloadOffset), crc32(bytes.subarray(0, payloadOffset - 4)))
}

function readHeader(reader: ByteReader): DecodedHeader {
  reader.u8()
  const actor = actorFromBytes(reader.raw(ACTOR_BYTES))
  const version = reader.varint('version', COUNTER_MAX)
  if (!isVersion(version))
    throw new DecodeFailure({ kind: 'out-of-range', what: 'version', got: `${version}` })
  const firstSeq = reader.varint('first seq', SEQ_MAX)
  const lastSeq = firstSeq + reader.varint('seq count', SEQ_MAX - firstSeq)
  const versionLastSeq = lastSeq + reader.varint('seqs behind', SEQ_MAX - lastSeq)
  const ts = reader.varint('timestamp', COUNTER_MAX)
  assert(isHlc(ts), 'varints are timestamps')
  const flags = reader.u8()
  const checksum = reader.u32()
  const header = {
    actor,
    version,
    firstSeq: firstSeq as Seq,
    lastSeq: lastSeq as Seq,
    versionLastSeq: versionLastSeq as Seq,
    ts,
    flags,
  }
  return { header, payloadOffset: reader.offset, checksum }
}
