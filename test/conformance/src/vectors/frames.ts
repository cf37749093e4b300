/** Vectors of session frames: handshake and parting, messages whole and in parts, packed ones; and schema words. */
import { peerAddress } from '@patina/base'
import { decodeSchemaWord, encodeSchemaWord } from '@patina/node/wire'
import {
  acceptHello,
  attachFrame,
  decodeAttach,
  decodeFrame,
  decodeHello,
  decodeRefusal,
  decodeSwitch,
  decodeWelcome,
  encodeFrame,
  type Frame,
  goodbyeFrame,
  type Hello,
  helloFrame,
  refusalFrame,
  switchFrame,
  unpackFrame,
  welcomeFrame,
} from '@patina/transport/wire'
import { toPlain } from './plain.ts'
import { ACTOR_A, ACTOR_B, bytesOf, counting, cut, joined, withByte } from './samples.ts'
import type { Reading, Topic } from './topic.ts'

const OURS = { clusterId: 'example', actor: ACTOR_B }
const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'example',
  actor: ACTOR_A,
  address: peerAddress('10.0.0.1:4001'),
  process: '101112131415161718191a1b1c1d1e1f',
  moment: 300,
  capabilities: ['backlog-connection', 'zstd'],
}

export const frameTopic: Topic = {
  name: 'session-frames',
  about: `Frames of a session. Hellos are judged by a node of cluster "${OURS.clusterId}" with actor ${OURS.actor}.`,
  section: 'Frames',
  read: readFrame,
  samples: [
    { name: 'hello', bytes: helloFrame(HELLO) },
    { name: 'hello without capabilities', bytes: helloFrame({ ...HELLO, capabilities: [] }) },
    {
      name: 'hello of a later build: more versions, unknown fields',
      bytes: joined(helloFrame({ ...HELLO, versionMax: 9 }), bytesOf(99, 2, 1, 2)),
    },
    { name: 'welcome', bytes: welcomeFrame(301) },
    { name: 'welcome with more behind it', bytes: joined(welcomeFrame(301), bytesOf(1, 2)) },
    ...(
      [
        'duplicate',
        'not-patina',
        'other-cluster',
        'incompatible-version',
        'own-actor',
        'hello-timeout',
        'too-many-sessions',
        'no-session',
      ] as const
    ).map((reason) => ({ name: `refusal: ${reason}`, bytes: refusalFrame({ reason, detail: 'why' }) })),
    { name: 'refusal of a later version', bytes: encodeFrame('refusal', 'control', bytesOf(77, 0x68, 0x69)) },
    { name: 'goodbye', bytes: goodbyeFrame() },
    {
      name: 'attach',
      bytes: attachFrame({ actor: ACTOR_A, process: HELLO.process, moment: 300, serial: 1 }),
    },
    { name: 'switch', bytes: switchFrame(1) },
    ...(['control', 'fresh', 'repair', 'backlog'] as const).map((lane) => ({
      name: `a whole message in lane ${lane}`,
      bytes: encodeFrame('whole', lane, counting(5)),
    })),
    {
      name: 'the first part of a message of 70,000 bytes',
      bytes: encodeFrame('first', 'repair', bytesOf(0xf0, 0xa2, 0x04, 1, 2, 3)),
    },
    { name: 'a further part', bytes: encodeFrame('next', 'repair', bytesOf(4, 5)) },
    {
      name: 'a packed frame',
      bytes: encodeFrame('packed', 'backlog', zstd(encodeFrame('whole', 'backlog', counting(20)))),
    },
  ],
  junk: [
    { name: 'nothing', why: 'a frame has a head', bytes: bytesOf() },
    { name: 'zeros', why: 'kinds begin with 1', bytes: bytesOf(0, 0) },
    { name: 'an unknown kind', why: 'kinds end with 10', bytes: bytesOf(0xb0) },
    { name: 'lane 4', why: 'lanes are 0 to 3', bytes: bytesOf(0x54) },
    {
      name: 'hello with another magic',
      why: 'it is none of ours',
      bytes: withByte(helloFrame(HELLO), 1, 0x70),
    },
    { name: 'hello that breaks off', why: 'a field is missing', bytes: cut(helloFrame(HELLO), 40) },
    {
      name: 'hello of another cluster',
      why: 'clusters do not speak',
      bytes: helloFrame({ ...HELLO, clusterId: 'other' }),
    },
    {
      name: 'hello of our own actor',
      why: 'it is this node or a copy of it',
      bytes: helloFrame({ ...HELLO, actor: ACTOR_B }),
    },
    {
      name: 'hello that speaks later versions alone',
      why: 'no version is common',
      bytes: helloFrame({ ...HELLO, versionMin: 2, versionMax: 3 }),
    },
    {
      name: 'attach that breaks off',
      why: 'a field is missing',
      bytes: cut(attachFrame({ actor: ACTOR_A, process: HELLO.process, moment: 1, serial: 1 }), 20),
    },
    {
      name: 'a packed frame that is no zstd',
      why: 'it cannot be unpacked',
      bytes: encodeFrame('packed', 'backlog', counting(40)),
    },
    {
      name: 'a packed goodbye',
      why: 'only parts of messages are packed',
      bytes: encodeFrame('packed', 'backlog', zstd(goodbyeFrame())),
    },
    {
      name: 'a packed frame of another lane',
      why: 'a lane carries its own',
      bytes: encodeFrame('packed', 'backlog', zstd(encodeFrame('whole', 'fresh', counting(9)))),
    },
  ],
}

export const schemaTopic: Topic = {
  name: 'schema-words',
  about: 'What a node says of its tables, without the byte of the service (3).',
  section: 'Schema words',
  read: readWord,
  samples: [
    {
      name: 'two tables',
      bytes: encodeSchemaWord({
        all: 'ffeeddccbbaa9988',
        tables: [
          { table: 'm', hash: '0011223344556677' },
          { table: 'größe', hash: '8899aabbccddeeff' },
        ],
      }),
    },
    { name: 'no table', bytes: encodeSchemaWord({ all: '0000000000000000', tables: [] }) },
    {
      name: 'a table whose name is too long is left out',
      bytes: encodeSchemaWord({
        all: 'ffeeddccbbaa9988',
        tables: [{ table: 'x'.repeat(256), hash: '0011223344556677' }],
      }),
    },
    {
      name: 'bytes of a later version behind it',
      bytes: joined(encodeSchemaWord({ all: 'ffeeddccbbaa9988', tables: [] }), bytesOf(1, 2, 3)),
    },
  ],
  junk: [
    { name: 'nothing', why: 'it has a format', bytes: bytesOf() },
    { name: 'another format', why: 'only format 1 is known', bytes: bytesOf(2) },
    {
      name: 'a hash in capitals',
      why: 'hashes are lower-case hex',
      bytes: withByte(encodeSchemaWord({ all: 'ffeeddccbbaa9988', tables: [] }), 2, 0x46),
    },
    {
      name: 'more tables listed than there are',
      why: 'the first count is of all',
      bytes: joined(encodeSchemaWord({ all: 'ffeeddccbbaa9988', tables: [] }).slice(0, 18), bytesOf(0, 1)),
    },
  ],
}

/** A frame of zstd with one block that is not compressed: no compressor decides these bytes. At most 255 bytes. */
function zstd(content: Uint8Array): Uint8Array {
  const lastRawBlock = (content.length << 3) | 1
  const head = bytesOf(0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length)
  return joined(head, bytesOf(lastRawBlock & 0xff, lastRawBlock >> 8, 0), content)
}

function readFrame(bytes: Uint8Array): Reading {
  const decoded = decodeFrame(bytes)
  if (!decoded.ok) return { refused: decoded.error.kind }
  const { kind, lane, payload } = decoded.value
  const said = readSaid(decoded.value)
  if ('refused' in said) return said
  return {
    value: {
      kind,
      lane,
      ...(said.value === null ? { payload: toPlain(Uint8Array.from(payload)) } : { says: said.value }),
    },
  }
}

/** What a frame of these kinds says; null for parts of messages. */
function readSaid(frame: Frame): Reading {
  const { kind, payload } = frame
  switch (kind) {
    case 'hello':
      return readHello(payload)
    case 'welcome':
      return reading(decodeWelcome(payload))
    case 'refusal':
      return reading(decodeRefusal(payload))
    case 'attach':
      return reading(decodeAttach(payload))
    case 'switch':
      return reading(decodeSwitch(payload))
    case 'packed':
      return reading(unpackFrame(frame))
    default:
      return { value: null }
  }
}

function readHello(payload: Uint8Array): Reading {
  const accepted = acceptHello(payload, OURS)
  return accepted.ok ? reading(decodeHello(payload)) : { refused: accepted.error.reason }
}

function readWord(bytes: Uint8Array): Reading {
  return reading(decodeSchemaWord(bytes))
}

function reading(
  decoded:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly error: { readonly kind: string } },
): Reading {
  return decoded.ok ? { value: toPlain(decoded.value) } : { refused: decoded.error.kind }
}
