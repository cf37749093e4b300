/** Vectors of datagrams: prelude and seal under known keys, and what an opener refuses. */
import { parseKeyring } from '@patina/transport'
import { Opener, Sealer } from '@patina/transport/wire'
import { type Plain, toPlain } from './plain.ts'
import { bytesOf, counting, cut, withByte } from './samples.ts'
import type { Reading, Sample, Topic } from './topic.ts'

const CLUSTER = 'example'
const SENDER = counting(16, 16)
const KEY_1 = Buffer.from(counting(32)).toString('base64')
const KEY_2 = Buffer.from(counting(32, 200)).toString('base64')
const PAYLOAD = new TextEncoder().encode('patina')

/** What a receiver is configured with. */
interface Receiver {
  readonly clusterId: string
  /** Lines of the secret file; none: plaintext. */
  readonly keys: readonly string[]
}

const SECURE: Receiver = { clusterId: CLUSTER, keys: [KEY_1] }

export const datagramTopic: Topic = {
  name: 'datagrams',
  about:
    'Packets on the wire. `context` is the receiver: its cluster id and the lines of its secret file, none where it speaks plaintext.',
  section: 'Datagrams',
  read,
  samples: [
    packet('sealed, the first of its process', SECURE, sealed(KEY_1, 1)),
    packet('the third of its process', SECURE, sealed(KEY_1, 3)),
    packet(
      'sealed with the second key of the receiver',
      { ...SECURE, keys: [KEY_2, KEY_1] },
      sealed(KEY_1, 1),
    ),
    packet('an empty payload', SECURE, sealed(KEY_1, 1, bytesOf())),
    packet('plaintext', { clusterId: CLUSTER, keys: [] }, sealed(undefined, 1)),
  ],
  junk: [
    junk('nothing', 'it is shorter than a prelude', SECURE, bytesOf()),
    junk('another magic', 'it is none of ours', SECURE, withByte(sealed(KEY_1, 1), 0, 0x51)),
    junk('another format', 'only format 1 is known', SECURE, withByte(sealed(KEY_1, 1), 2, 2)),
    junk('an unknown flag', 'flags are 0 but for plaintext', SECURE, withByte(sealed(KEY_1, 1), 3, 2)),
    junk(
      'another cluster',
      'the cluster tag is another one',
      { ...SECURE, clusterId: 'other' },
      sealed(KEY_1, 1),
    ),
    junk(
      'a key that the receiver does not have',
      'the key id is unknown',
      { ...SECURE, keys: [KEY_2] },
      sealed(KEY_1, 1),
    ),
    junk(
      'a flipped bit of the payload',
      'the tag does not prove it',
      SECURE,
      withByte(sealed(KEY_1, 1), 36, 0),
    ),
    junk(
      'a flipped bit of the counter',
      'the prelude is authenticated',
      SECURE,
      withByte(sealed(KEY_1, 1), 35, 2),
    ),
    junk('plaintext where keys are configured', 'nothing proves it', SECURE, sealed(undefined, 1)),
    junk(
      'sealed where plaintext is configured',
      'both ends say the same',
      { clusterId: CLUSTER, keys: [] },
      sealed(KEY_1, 1),
    ),
    junk('without its tag', 'the tag does not prove it', SECURE, cut(sealed(KEY_1, 1), 40)),
    junk(
      '1,253 bytes',
      'the longest has 1,252',
      SECURE,
      new Uint8Array(Buffer.concat([sealed(KEY_1, 1, counting(1_200)), bytesOf(0)])),
    ),
  ],
}

/** The `counter`-th packet of the sender. */
function sealed(key: string | undefined, counter: number, payload: Uint8Array = PAYLOAD): Uint8Array {
  const security = key === undefined ? 'plaintext' : parseKeyring(key, 'the vectors')
  const sealer = new Sealer({ clusterId: CLUSTER, security, process: SENDER })
  let bytes = sealer.seal(payload)
  for (let i = 1; i < counter; i += 1) bytes = sealer.seal(payload)
  return Uint8Array.from(bytes)
}

function packet(name: string, receiver: Receiver, bytes: Uint8Array): Sample {
  return { name, context: toPlain(receiver), bytes }
}

function junk(name: string, why: string, receiver: Receiver, bytes: Uint8Array): Topic['junk'][number] {
  return { ...packet(name, receiver, bytes), why }
}

function read(bytes: Uint8Array, context: Plain): Reading {
  const { clusterId, keys } = context as unknown as Receiver
  const security = keys.length === 0 ? 'plaintext' : parseKeyring(keys.join('\n'), 'the vectors')
  const opened = new Opener({ clusterId, security, process: counting(16, 99) }).open(Buffer.from(bytes))
  return opened.ok ? { value: toPlain(Uint8Array.from(opened.value)) } : { refused: opened.error }
}
