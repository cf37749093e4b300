/** Vectors of membership: each body of a packet, records in every state, and packets of later versions. */
import { actorId, actorToBytes, peerAddress } from '@patina/base'
import {
  appendRecords,
  type Body,
  decodePacket,
  digestOf,
  encodePacketHead,
  encodeUpdate,
  type MemberRecord,
  type Update,
} from '@patina/swim/wire'
import { type Plain, toPlain } from './plain.ts'
import { ACTOR_A, ACTOR_B, ACTOR_C, bytesOf, counting, cut, joined } from './samples.ts'
import type { Reading, Sample, Topic } from './topic.ts'

const METADATA = { name: 'n1', region: 'fra', apiAddress: '10.0.0.1:8080', tags: { role: 'web', zone: 'ö' } }
const SENDER: MemberRecord = {
  actor: ACTOR_A,
  generation: 1_767_225_600_000,
  incarnation: 0,
  state: 'alive',
  address: peerAddress('10.0.0.1:4001'),
  told: undefined,
}
const WITH_METADATA: MemberRecord = {
  ...SENDER,
  incarnation: 3,
  told: { generation: SENDER.generation, incarnation: 3, metadata: METADATA },
}
const OTHER: MemberRecord = {
  ...SENDER,
  actor: ACTOR_B,
  address: peerAddress('[fd00::2]:4001'),
  generation: 1,
  incarnation: 4_294_967_295,
}

/** It shares its first byte with the sender's. */
const ACTOR_OF_ITS_BUCKET = actorId('00ffffffffffffffffffffffffffffff')

export const swimTopic: Topic = {
  name: 'swim-packets',
  about:
    'Packets of membership, as a datagram carries them sealed and a session behind the byte of the service (1). `context.way` is how it came.',
  section: 'Membership messages',
  read,
  samples: [
    packet('ping', { kind: 'ping', probe: 7, target: ACTOR_B }),
    packet('ping-req', { kind: 'ping-req', probe: 8, target: ACTOR_B }),
    packet('ack', { kind: 'ack', probe: 7 }),
    packet('ack with a coordinate', {
      kind: 'ack',
      probe: 7,
      coordinate: { place: [1, -2, 0.5, 0, 0, 0, 0, 12.25], height: 0.5, adjustment: -0.25, error: 1.5 },
    }),
    packet('nack', { kind: 'nack', probe: 8 }),
    packet('gossip of records in every state', { kind: 'gossip' }, [
      { record: OTHER, accusers: [] },
      { record: { ...OTHER, state: 'suspect' }, accusers: [ACTOR_A, ACTOR_C] },
      { record: { ...OTHER, state: 'down', incarnation: 2 }, accusers: [ACTOR_A], ageS: 90 },
      { record: { ...OTHER, state: 'left', incarnation: 2 }, accusers: [] },
    ]),
    packet('gossip of metadata told before this incarnation', { kind: 'gossip' }, [
      { record: { ...WITH_METADATA, incarnation: 9 }, accusers: [] },
    ]),
    packet('gossip of who leaves', { kind: 'gossip' }, [], { ...SENDER, state: 'left' }),
    packet('announce with padding and metadata', { kind: 'announce', padding: 40 }, [], WITH_METADATA),
    packet('feed', { kind: 'feed' }, [{ record: WITH_METADATA, accusers: [] }]),
    packet('digest', { kind: 'digest', exchange: 5, hashes: counting(2_048) }, [], SENDER, 'stream'),
    packet(
      'delta',
      { kind: 'delta', exchange: 5, wanted: [0, 17, 255] },
      [{ record: OTHER, accusers: [] }],
      SENDER,
      'stream',
    ),
    packet('busy', { kind: 'busy', exchange: 5, retryAfterMs: 1_000 }, [], SENDER, 'stream'),
    packet(
      'pull of who has details, and says so in its metadata',
      { kind: 'pull', exchange: 9 },
      [],
      {
        ...WITH_METADATA,
        told: {
          generation: SENDER.generation,
          incarnation: 3,
          metadata: { ...METADATA, details: { bytes: 5, checksum: 0x515ad3cc } },
        },
      },
      'stream',
    ),
    packet(
      'details',
      { kind: 'details', exchange: 9, bytes: counting(5), retryAfterMs: 0 },
      [],
      SENDER,
      'stream',
    ),
    packet(
      'details, not now',
      { kind: 'details', exchange: 9, bytes: bytesOf(), retryAfterMs: 1_000 },
      [],
      SENDER,
      'stream',
    ),
    {
      name: 'a body and fields of a later version: the sender and the records count',
      context: { way: 'datagram' },
      bytes: joined(gossip(), bytesOf(0xfa, 0x7f, 2, 1, 2)),
    },
  ],
  junk: [
    { name: 'nothing', why: 'a packet has a protocol', context: { way: 'datagram' }, bytes: bytesOf() },
    {
      name: 'no sender',
      why: 'the sender says who it is',
      context: { way: 'datagram' },
      bytes: bytesOf(0x08, 1),
    },
    {
      name: 'a packet that breaks off',
      why: 'it ends within a record',
      context: { way: 'datagram' },
      bytes: cut(gossip(), 20),
    },
    {
      name: 'a sender that is down',
      why: 'who speaks is alive or leaves',
      context: { way: 'datagram' },
      bytes: encodePacketHead({ ...SENDER, state: 'down' }, { kind: 'gossip' }),
    },
    {
      name: 'generation 0',
      why: 'generations begin with 1',
      context: { way: 'datagram' },
      bytes: encodePacketHead({ ...SENDER, generation: 0 }, { kind: 'gossip' }),
    },
    {
      name: 'an address with a name',
      why: 'addresses are ip:port',
      context: { way: 'datagram' },
      bytes: encodePacketHead({ ...SENDER, address: 'host.example:4001' as never }, { kind: 'gossip' }),
    },
    {
      name: 'metadata above 512 bytes',
      why: 'it is gossiped',
      context: { way: 'datagram' },
      bytes: encodePacketHead(withName('x'.repeat(600)), { kind: 'gossip' }),
    },
    {
      name: 'a digest of 2,047 bytes',
      why: 'it has 256 hashes of 8',
      context: { way: 'stream' },
      bytes: encodePacketHead(SENDER, { kind: 'digest', exchange: 1, hashes: counting(2_047) }),
    },
    {
      name: 'a datagram above 1,500 bytes',
      why: 'nobody sends one',
      context: { way: 'datagram' },
      bytes: encodePacketHead(SENDER, { kind: 'announce', padding: 1_500 }),
    },
  ],
}

export const digestTopic: Topic = {
  name: 'member-digests',
  about:
    'Hashes of member records, as a Digest carries them: the bytes are those of the bucket `context.bucket`, all others are zeros.',
  section: 'Membership messages',
  read: (bytes) => (bytes.length === 8 ? { value: toPlain(bytes) } : { refused: 'length' }),
  samples: [
    bucket('one record without metadata', [SENDER]),
    bucket('the same suspected: it counts as alive', [{ ...SENDER, state: 'suspect' }]),
    bucket('the same down', [{ ...SENDER, state: 'down' }]),
    bucket('the same after it has left', [{ ...SENDER, state: 'left' }]),
    bucket('one with metadata', [WITH_METADATA]),
    bucket('two of one bucket', [SENDER, { ...OTHER, actor: ACTOR_OF_ITS_BUCKET }]),
  ],
  junk: [],
}

function bucket(name: string, records: readonly MemberRecord[]): Sample {
  const number = actorToBytes(SENDER.actor)[0] as number
  const bytes = digestOf(records).slice(8 * number, 8 * number + 8)
  return { name, context: { bucket: number, records: toPlain(records) }, bytes }
}

function gossip(): Uint8Array {
  return encodePacketHead(SENDER, { kind: 'gossip' })
}

function withName(name: string): MemberRecord {
  const { generation, incarnation } = SENDER
  return { ...SENDER, told: { generation, incarnation, metadata: { ...METADATA, name } } }
}

function packet(
  name: string,
  body: Exclude<Body, { kind: 'unknown' }>,
  updates: readonly Update[] = [],
  sender: MemberRecord = SENDER,
  way: 'datagram' | 'stream' = 'datagram',
): Sample {
  return {
    name,
    context: { way },
    bytes: appendRecords(encodePacketHead(sender, body), updates.map(encodeUpdate)),
  }
}

function read(bytes: Uint8Array, context: Plain): Reading {
  const { way } = context as { readonly way: 'datagram' | 'stream' }
  const decoded = decodePacket(bytes, way)
  return decoded.ok ? { value: toPlain(decoded.value) } : { refused: decoded.error.kind }
}
