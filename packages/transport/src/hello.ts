/**
 * Hello: what the two ends of a connection tell each other before anything else. Pure codec and the check of what the
 * other end said. A clear beginning (magic, range of protocol versions) that no version may change, then tagged fields;
 * unknown tags are skipped, so that later versions can say more. The steps of the handshake: ws/handshake.ts.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  actorFromBytes,
  actorToBytes,
  ByteReader,
  ByteWriter,
  type DecodeError,
  DecodeFailure,
  decode,
  err,
  isPeerAddress,
  PEER_ADDRESS_CHARS_MAX,
  type PeerAddress,
  type Result,
} from '@patina/base'
import { limits } from './limits.ts'
import type { StreamRefusal } from './transport.ts'

export interface Hello {
  readonly versionMin: number
  readonly versionMax: number
  readonly clusterId: string
  readonly actor: ActorId
  /** The gossip address that the node advertises. */
  readonly address: PeerAddress
  /** 16 random bytes drawn when the process opened its listener: tells a restarted peer from a second connection. */
  readonly process: string
  /** Rises with every hello and welcome of the process: tells the peer's later word from its earlier one. */
  readonly moment: number
  readonly capabilities: readonly string[]
}

/** What this build can do beside the versions; a peer that does not say the same is spoken to without it. */
export const CAPABILITY = { backlogConnection: 'backlog-connection', zstd: 'zstd' } as const

/** The range of session protocols that this build speaks. */
export const PROTOCOL_VERSION_MIN = 1
export const PROTOCOL_VERSION_MAX = 1

const MAGIC = 'PATINA'
export const PROCESS_BYTES = 16
const VERSIONS_MAX = 65_535
const FIELDS_MAX = 256
const TAG = { clusterId: 1, actor: 2, address: 3, process: 4, moment: 5, capability: 6 } as const

export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ByteWriter()
  writer.raw(utf8.encode(MAGIC)).varint(hello.versionMin).varint(hello.versionMax)
  const field = (tag: number, value: Uint8Array): void => void writer.varint(tag).bytes(value)
  field(TAG.clusterId, utf8.encode(hello.clusterId))
  field(TAG.actor, actorToBytes(hello.actor))
  field(TAG.address, utf8.encode(hello.address))
  field(TAG.process, Buffer.from(hello.process, 'hex'))
  field(TAG.moment, new ByteWriter(8).varint(hello.moment).toBytes())
  for (const capability of hello.capabilities) field(TAG.capability, utf8.encode(capability))
  return writer.toBytes()
}

const utf8 = new TextEncoder()

export function decodeHello(bytes: Uint8Array): Result<Hello, DecodeError> {
  return decode(bytes.subarray(0, limits.helloBytesMax), readHello)
}

/** Why we do not speak with somebody. */
export interface HelloRefusal {
  readonly reason: StreamRefusal
  readonly detail: string
}

/**
 * A hello from somebody with whom we speak, or why we do not. The versions are judged before the fields are read: those
 * of a later version may be none that we know.
 */
export function acceptHello(
  bytes: Uint8Array,
  ours: Pick<Hello, 'clusterId' | 'actor'>,
): Result<Hello, HelloRefusal> {
  const beginning = decode(bytes.subarray(0, limits.helloBytesMax), (reader) => {
    const versions = readBeginning(reader)
    reader.raw(reader.remaining())
    return versions
  })
  if (!beginning.ok) return err(notAHello(beginning.error))
  const { versionMin, versionMax } = beginning.value
  if (versionMin > PROTOCOL_VERSION_MAX || versionMax < PROTOCOL_VERSION_MIN)
    return err({
      reason: 'incompatible-version',
      detail: `the peer speaks ${versionMin}–${versionMax}, this node ${PROTOCOL_VERSION_MIN}–${PROTOCOL_VERSION_MAX}`,
    })
  const hello = decodeHello(bytes)
  if (!hello.ok) return err(notAHello(hello.error))
  const refusal = refuseHello(hello.value, ours)
  return refusal === undefined ? hello : err(refusal)
}

function notAHello({ kind }: DecodeError): HelloRefusal {
  return { reason: 'not-patina', detail: `a hello that is ${kind}` }
}

function refuseHello(theirs: Hello, ours: Pick<Hello, 'clusterId' | 'actor'>): HelloRefusal | undefined {
  if (theirs.clusterId !== ours.clusterId)
    return {
      reason: 'other-cluster',
      detail: `the peer is of ${theirs.clusterId}, this node of ${ours.clusterId}`,
    }
  if (theirs.actor === ours.actor)
    return {
      reason: 'own-actor',
      detail: `the peer at ${theirs.address} is this node, or a copy of its database`,
    }
  return undefined
}

interface Fields {
  clusterId?: string
  actor?: ActorId
  address?: PeerAddress
  process?: string
  moment?: number
  readonly capabilities: string[]
}

function readHello(reader: ByteReader): Hello {
  const { versionMin, versionMax } = readBeginning(reader)
  const fields: Fields = { capabilities: [] }
  for (let count = 0; reader.remaining() > 0; count += 1) {
    if (count >= FIELDS_MAX) malformed('too many fields')
    const tag = reader.varint('tag')
    readField(fields, tag, new ByteReader(reader.bytes('field', limits.helloBytesMax)))
  }
  const { clusterId, actor, address, process, moment, capabilities } = fields
  if (clusterId === undefined || actor === undefined || address === undefined)
    return malformed('a field is missing')
  if (process === undefined || moment === undefined) return malformed('a field is missing')
  return { versionMin, versionMax, clusterId, actor, address, process, moment, capabilities }
}

/** What no version may change. */
function readBeginning(reader: ByteReader): Pick<Hello, 'versionMin' | 'versionMax'> {
  if (new TextDecoder().decode(reader.raw(MAGIC.length)) !== MAGIC) malformed('not a hello')
  return {
    versionMin: reader.varint('lowest version', VERSIONS_MAX),
    versionMax: reader.varint('highest version', VERSIONS_MAX),
  }
}

function readField(fields: Fields, tag: number, value: ByteReader): void {
  switch (tag) {
    case TAG.clusterId:
      fields.clusterId = readText(value, limits.clusterIdBytesMax)
      break
    case TAG.actor:
      fields.actor = actorFromBytes(exactly(value, ACTOR_BYTES))
      break
    case TAG.address:
      fields.address = readAddress(value)
      break
    case TAG.process:
      fields.process = Buffer.from(exactly(value, PROCESS_BYTES)).toString('hex')
      break
    case TAG.moment:
      fields.moment = value.varint('moment')
      break
    case TAG.capability:
      if (fields.capabilities.length >= limits.capabilitiesMax) malformed('too many capabilities')
      fields.capabilities.push(readText(value, limits.capabilityBytesMax))
      break
    default:
    // A field of a later version; its length was read, so it is skipped.
  }
}

function readAddress(value: ByteReader): PeerAddress {
  const text = readText(value, PEER_ADDRESS_CHARS_MAX)
  return isPeerAddress(text) ? text : malformed('not a peer address')
}

function readText(value: ByteReader, max: number): string {
  const bytes = value.raw(value.remaining())
  if (bytes.length > max) malformed('text too long')
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return malformed('not UTF-8')
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function exactly(value: ByteReader, bytes: number): Uint8Array {
  return value.remaining() === bytes ? value.raw(bytes) : malformed(`not ${bytes} bytes`)
}

function malformed(what: string): never {
  throw new DecodeFailure({ kind: 'malformed', what })
}
