/**
 * Codec: packets ↔ bytes by the schema proto/swim.proto. Decoding is the one edge where foreign bytes become branded
 * types: every length, range and text is checked here, and whatever is wrong is a DecodeError, never a throw.
 * Records are encoded apart and appended, so that a rumor is encoded once however often it is sent.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  actorFromBytes,
  actorToBytes,
  type DecodeError,
  DecodeFailure,
  err,
  isPeerAddress,
  ok,
  type PeerAddress,
  type Result,
  refuse,
} from '@patina/base'
import protobuf from 'protobufjs/minimal.js'
import { patina } from '#gen/swim.js'
import { type Coordinate, DIMENSIONS, isFiniteCoordinate } from './coordinate.ts'
import { DETAILS_BYTES_MAX, type DetailsMark } from './details.ts'
import type { MemberRecord, ToldMetadata } from './member.ts'
import type { Body, Packet, Update, Way } from './message.ts'
import type { MemberMetadata, MemberState } from './notification.ts'

/** The protocol that this code speaks. Version history: docs/protocol.md. */
export const PROTOCOL = 1

/** Encoded metadata of a member, at most; the half of a packet. */
export const METADATA_BYTES_MAX = 512

/** Longest packet that is looked at, whatever the sender's limit is; and records in one: each takes at least 28 bytes. */
const PACKET_BYTES_MAX = 1_500
const UPDATES_MAX = 64
/** The same by stream, where a packet is a part of a whole view. */
export const STREAM_PACKET_BYTES_MAX = 65_536
const STREAM_UPDATES_MAX = 2_341
/** One that brings details: 65,536 of them, and 1,024 for what their sender says of itself. */
const DETAILS_PACKET_BYTES_MAX = 66_560
/** A digest: 256 hashes of 8 bytes. */
export const DIGEST_BYTES = 2_048
const BUCKETS = 256
const COORDINATE_BYTES = 4 * (DIMENSIONS + 3)
/** Accusers of a record: K is at most 7, and there is the first. */
export const ACCUSERS_MAX = 8
const TAGS_MAX = 64
/** The field has 32 bits. */
const AGE_S_MAX = 4_294_967_295

const STATES: readonly MemberState[] = ['alive', 'suspect', 'down', 'left']
const NO_BYTES = new Uint8Array(0)
/** One for all who have none. */
const NO_TAGS: { readonly [key: string]: string } = Object.freeze({})
const wire = patina.swim.v1
/** Key of `Packet.records`: field 15, length-delimited. */
const RECORDS_KEY = (15 << 3) | 2

/** Bytes of a packet without records; append those with `appendRecords`. `protocol`: what is spoken with its reader. */
export function encodePacketHead(
  sender: MemberRecord,
  body: Exclude<Body, { kind: 'unknown' }>,
  protocol: number = PROTOCOL,
): Uint8Array {
  return wire.Packet.encode({
    protocol,
    // Left out where it is the same: most packets are small.
    ...(protocol === PROTOCOL ? {} : { protocolMax: PROTOCOL }),
    sender: recordToWire(sender, []),
    ...bodyToWire(body),
  }).finish()
}

export function encodeUpdate({ record, accusers, ageS }: Update): Uint8Array {
  const age = ageS === undefined ? {} : { ageS: Math.min(AGE_S_MAX, ageS) }
  return wire.Record.encode({ ...recordToWire(record, accusers), ...age }).finish()
}

/** Bytes that an encoded record adds to a packet. */
export function recordCost(record: Uint8Array): number {
  return 1 + (record.length < 128 ? 1 : 2) + record.length
}

/** A packet head followed by encoded records: in protobuf, concatenation is union. */
export function appendRecords(head: Uint8Array, records: readonly Uint8Array[]): Uint8Array {
  if (records.length === 0) return head
  const writer = protobuf.Writer.create()
  for (const record of records) writer.uint32(RECORDS_KEY).bytes(record)
  const tail = writer.finish()
  const packet = new Uint8Array(head.length + tail.length)
  packet.set(head)
  packet.set(tail, head.length)
  return packet
}

export function decodePacket(bytes: Uint8Array, way: Way = 'datagram'): Result<Packet, DecodeError> {
  if (bytes.length > (way === 'stream' ? DETAILS_PACKET_BYTES_MAX : PACKET_BYTES_MAX))
    return err({ kind: 'out-of-range', what: 'packet bytes', got: String(bytes.length) })
  try {
    const reader = protobuf.Reader.create(bytes)
    reader.discardUnknown = true
    return ok(packetFromWire(wire.Packet.decode(reader), way === 'stream' ? STREAM_UPDATES_MAX : UPDATES_MAX))
  } catch (cause) {
    if (cause instanceof DecodeFailure) return err(cause.error)
    // protobufjs throws plain errors for bytes that are no protobuf.
    return err({ kind: 'malformed', what: cause instanceof Error ? cause.message : 'packet' })
  }
}

/** Bytes of the metadata on the wire; what a member may tell is at most METADATA_BYTES_MAX. */
export function metadataBytes(metadata: MemberMetadata): number {
  return wire.Metadata.encode(metadataToWire(metadata)).finish().length
}

function recordToWire(record: MemberRecord, accusers: readonly ActorId[]): patina.swim.v1.Record.$Properties {
  const { generation, incarnation, address, told } = record
  return {
    actor: actorToBytes(record.actor),
    generation,
    incarnation,
    state: STATES.indexOf(record.state),
    address,
    ...(told === undefined ? {} : { metadata: toldToWire(record, told) }),
    accusers: accusers.map((accuser) => actorToBytes(accuser)),
  }
}

function toldToWire(record: MemberRecord, told: ToldMetadata): patina.swim.v1.Metadata.$Properties {
  const asRecord = told.generation === record.generation && told.incarnation === record.incarnation
  return {
    ...metadataToWire(told.metadata),
    toldGeneration: asRecord ? 0 : told.generation,
    toldIncarnation: asRecord ? 0 : told.incarnation,
  }
}

function metadataToWire({ details, ...rest }: MemberMetadata): patina.swim.v1.Metadata.$Properties {
  const metadata = { ...rest, tags: { ...rest.tags } }
  if (details === undefined) return metadata
  return { ...metadata, detailsBytes: details.bytes, detailsChecksum: details.checksum }
}

function bodyToWire(body: Exclude<Body, { kind: 'unknown' }>): Partial<patina.swim.v1.Packet.$Properties> {
  switch (body.kind) {
    case 'ping':
      return { ping: { probe: body.probe, target: actorToBytes(body.target) } }
    case 'ping-req':
      return { pingReq: { probe: body.probe, target: actorToBytes(body.target) } }
    case 'ack':
      return { ack: { probe: body.probe, ...coordinateToWire(body.coordinate) } }
    case 'nack':
      return { nack: { probe: body.probe } }
    case 'gossip':
      return { gossip: {} }
    case 'announce':
      return { announce: body.padding === undefined ? {} : { padding: new Uint8Array(body.padding) } }
    case 'feed':
      return { feed: {} }
    case 'digest':
      return { digest: { exchange: body.exchange, hashes: body.hashes } }
    case 'delta':
      return { delta: { exchange: body.exchange, wanted: Uint8Array.from(body.wanted) } }
    case 'busy':
      return { busy: { exchange: body.exchange, retryAfterMs: body.retryAfterMs } }
    case 'pull':
      return { pull: { exchange: body.exchange } }
    case 'details':
      return {
        details: { exchange: body.exchange, bytes: body.bytes, retryAfterMs: body.retryAfterMs },
      }
  }
}

function coordinateToWire(coordinate: Coordinate | undefined): { readonly coordinate?: Uint8Array } {
  if (coordinate === undefined) return {}
  const bytes = new Uint8Array(COORDINATE_BYTES)
  const view = new DataView(bytes.buffer)
  const { place, height, adjustment, error } = coordinate
  for (const [i, number] of [...place, height, adjustment, error].entries())
    view.setFloat32(4 * i, number, true)
  return { coordinate: bytes }
}

/** Nothing where there is none, or one that is not of numbers: a coordinate is a hint and spoils no ack. */
function coordinateFromWire(bytes: Uint8Array | null | undefined): { readonly coordinate?: Coordinate } {
  if (bytes?.length !== COORDINATE_BYTES) return {}
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const numbers = Array.from({ length: DIMENSIONS + 3 }, (_, i) => view.getFloat32(4 * i, true))
  const [height = 0, adjustment = 0, error = 0] = numbers.slice(DIMENSIONS)
  const coordinate = { place: numbers.slice(0, DIMENSIONS), height, adjustment, error }
  return isFiniteCoordinate(coordinate) ? { coordinate } : {}
}

function packetFromWire(packet: patina.swim.v1.Packet, updatesMax: number): Packet {
  if (packet.protocol < 1) refuse('protocol', packet.protocol)
  if (!packet.sender) throw new DecodeFailure({ kind: 'malformed', what: 'packet without sender' })
  if (packet.records.length > updatesMax) refuse('records', packet.records.length)
  const sender = recordFromWire(packet.sender).record
  if (sender.state !== 'alive' && sender.state !== 'left') refuse('state of a sender', sender.state)
  return {
    protocol: packet.protocol,
    protocolMax: Math.max(packet.protocol, packet.protocolMax),
    sender,
    body: bodyFromWire(packet),
    updates: packet.records.map(recordFromWire),
  }
}

function bodyFromWire(packet: patina.swim.v1.Packet): Body {
  const { ping, pingReq, ack, nack, digest, delta, busy, pull, details } = packet
  if (ping) return { kind: 'ping', probe: ping.probe ?? 0, target: actorOf(ping.target, 'target') }
  if (pingReq)
    return { kind: 'ping-req', probe: pingReq.probe ?? 0, target: actorOf(pingReq.target, 'target') }
  if (ack) return { kind: 'ack', probe: ack.probe ?? 0, ...coordinateFromWire(ack.coordinate) }
  if (nack) return { kind: 'nack', probe: nack.probe ?? 0 }
  if (packet.gossip) return { kind: 'gossip' }
  if (packet.announce) return announceFromWire(packet.announce)
  if (digest)
    return { kind: 'digest', exchange: digest.exchange ?? 0, hashes: hashesOf(digest.hashes ?? NO_BYTES) }
  if (delta)
    return { kind: 'delta', exchange: delta.exchange ?? 0, wanted: wantedOf(delta.wanted ?? NO_BYTES) }
  if (busy) return { kind: 'busy', exchange: busy.exchange ?? 0, retryAfterMs: busy.retryAfterMs ?? 0 }
  if (pull) return { kind: 'pull', exchange: pull.exchange ?? 0 }
  if (details) return detailsFromWire(details)
  return packet.feed ? { kind: 'feed' } : { kind: 'unknown' }
}

function announceFromWire({ padding }: patina.swim.v1.Announce.$Properties): Body {
  return padding?.length ? { kind: 'announce', padding: padding.length } : { kind: 'announce' }
}

function detailsFromWire(details: patina.swim.v1.Details.$Properties): Body {
  const bytes = details.bytes ?? NO_BYTES
  if (bytes.length > DETAILS_BYTES_MAX) refuse('details bytes', bytes.length)
  return {
    kind: 'details',
    exchange: details.exchange ?? 0,
    // A copy: these are kept, and lie in the bytes of the packet.
    bytes: new Uint8Array(bytes),
    retryAfterMs: details.retryAfterMs ?? 0,
  }
}

function hashesOf(bytes: Uint8Array): Uint8Array {
  return bytes.length === DIGEST_BYTES ? bytes : refuse('digest bytes', bytes.length)
}

function wantedOf(bytes: Uint8Array): readonly number[] {
  return bytes.length > BUCKETS ? refuse('buckets', bytes.length) : [...new Set(bytes)]
}

function recordFromWire(record: patina.swim.v1.Record.$Properties): Update {
  const generation = generationOf(record.generation, 'generation')
  const incarnation = record.incarnation ?? 0
  const accusers = record.accusers ?? []
  if (accusers.length > ACCUSERS_MAX) refuse('accusers', accusers.length)
  return {
    record: {
      actor: actorOf(record.actor, 'actor'),
      generation,
      incarnation,
      state: STATES[record.state ?? 0] ?? refuse('state', Number(record.state)),
      address: addressOf(record.address),
      told: record.metadata ? toldFromWire(record.metadata, generation, incarnation) : undefined,
    },
    accusers: accusers.map((accuser) => actorOf(accuser, 'accuser')),
    ...(record.ageS ? { ageS: record.ageS } : {}),
  }
}

function toldFromWire(
  metadata: patina.swim.v1.Metadata.$Properties,
  generation: number,
  incarnation: number,
): ToldMetadata {
  const asRecord = safeInteger(metadata.toldGeneration ?? 0, 'told generation') === 0
  const checked: MemberMetadata = {
    name: textOf(metadata.name),
    region: textOf(metadata.region),
    apiAddress: textOf(metadata.apiAddress),
    tags: tagsOf(metadata.tags ?? {}),
    ...markOf(metadata.detailsBytes ?? 0, metadata.detailsChecksum ?? 0),
  }
  const bytes = metadataBytes(checked)
  if (bytes > METADATA_BYTES_MAX) refuse('metadata bytes', bytes)
  return {
    generation: asRecord ? generation : generationOf(metadata.toldGeneration, 'told generation'),
    incarnation: asRecord ? incarnation : (metadata.toldIncarnation ?? 0),
    metadata: checked,
  }
}

function markOf(bytes: number, checksum: number): { readonly details?: DetailsMark } {
  if (bytes > DETAILS_BYTES_MAX) refuse('details bytes', bytes)
  return bytes === 0 ? {} : { details: { bytes, checksum } }
}

function tagsOf(tags: { readonly [key: string]: string }): { readonly [key: string]: string } {
  const entries = Object.entries(tags)
  if (entries.length > TAGS_MAX) refuse('tags', entries.length)
  if (entries.length === 0) return NO_TAGS
  return Object.fromEntries(entries.map(([key, value]) => [textOf(key), textOf(value)]))
}

function actorOf(bytes: Uint8Array | null | undefined, what: string): ActorId {
  if (bytes?.length !== ACTOR_BYTES) return refuse(`${what} bytes`, bytes?.length ?? 0)
  return actorFromBytes(bytes)
}

function addressOf(text: string | null | undefined): PeerAddress {
  const address = text ?? ''
  return isPeerAddress(address) ? address : refuse('address', address.slice(0, 80))
}

/** Text from a peer as it is shown to people: without a lone surrogate, which UTF-8 cannot carry on. */
function textOf(text: string | null | undefined): string {
  return (text ?? '').toWellFormed()
}

function generationOf(value: unknown, what: string): number {
  const generation = safeInteger(value, what)
  return generation >= 1 ? generation : refuse(what, generation)
}

/** protobufjs gives an uint64 as number or, where `long` is installed, as two signed halves. */
function safeInteger(value: unknown, what: string): number {
  const { low, high } =
    typeof value === 'number' ? { low: 0, high: 0 } : (value as { low: number; high: number })
  const number = typeof value === 'number' ? value : (high >>> 0) * 2 ** 32 + (low >>> 0)
  return Number.isSafeInteger(number) ? number : refuse(what, number)
}
