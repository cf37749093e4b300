/** Vectors of replication messages: each body of sync.proto, ranges at their edges, and the hash that a Digest carries. */
import { encodeChangeset, hlc, type Range, seq, type Version, version } from '@patina/base'
import { bucketHashes, decodeMessage, encodeMessage, rootHash, type SyncMessage } from '@patina/sync/wire'
import { toPlain } from './plain.ts'
import { ACTOR_A, ACTOR_B, ACTOR_C, bytesOf, counting, joined, TS } from './samples.ts'
import type { Reading, Sample, Topic } from './topic.ts'

const CHANGESET = encodeChangeset(
  {
    actor: ACTOR_A,
    version: version(7),
    firstSeq: seq(0),
    lastSeq: seq(0),
    versionLastSeq: seq(0),
    ts: TS,
    flags: 0,
  },
  bytesOf(1, 2, 3),
)

const KNOWLEDGE = [
  { actor: ACTOR_A, have: [range(1, 3), range(7, 7)], partials: [], head: version(9), headTs: TS },
  {
    actor: ACTOR_B,
    have: [],
    partials: [
      {
        version: version(2),
        seqs: [
          { first: seq(0), last: seq(4) },
          { first: seq(9), last: seq(9) },
        ],
        lastSeq: seq(20),
      },
    ],
    head: version(2),
    headTs: hlc(0),
  },
] as const

export const syncTopic: Topic = {
  name: 'sync-messages',
  about: 'Replication messages, without the byte of the service (2) that goes before them on a session.',
  section: 'Replication messages',
  read,
  samples: [
    message('changes, direct', { kind: 'changes', mode: 'direct', urgent: false, changesets: [CHANGESET] }),
    message('changes, urgent, two of them', {
      kind: 'changes',
      mode: 'direct',
      urgent: true,
      changesets: [CHANGESET, CHANGESET],
    }),
    message('changes by the tree', { kind: 'changes', mode: 'tree', urgent: false, changesets: [CHANGESET] }),
    message('digest', {
      kind: 'digest',
      exchange: 1,
      salt: counting(8),
      root: counting(16, 100),
      understandsBuckets: false,
    }),
    message('digest with the hash of two actors', {
      kind: 'digest',
      exchange: 0xffff_ffff,
      salt: counting(8),
      root: rootHash(KNOWLEDGE, counting(8)),
      understandsBuckets: false,
    }),
    message('digest that may be answered by buckets', {
      kind: 'digest',
      exchange: 1,
      salt: counting(8),
      root: counting(16, 100),
      understandsBuckets: true,
    }),
    message('buckets of two actors', {
      kind: 'buckets',
      exchange: 1,
      hashes: bucketHashes(KNOWLEDGE, counting(8)),
    }),
    message('equal', { kind: 'equal', exchange: 300 }),
    message('summary that wants an answer', {
      kind: 'summary',
      exchange: 1,
      answerWanted: true,
      actors: KNOWLEDGE,
    }),
    message('summary with versions that were given up', {
      kind: 'summary',
      exchange: 3,
      answerWanted: false,
      actors: [{ ...KNOWLEDGE[0], lost: [range(4, 6)] }],
    }),
    message('summary of nothing', { kind: 'summary', exchange: 2, answerWanted: false, actors: [] }),
    message('summary of the buckets 0, 9 and 255', {
      kind: 'summary',
      exchange: 1,
      answerWanted: true,
      actors: KNOWLEDGE,
      scope: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : i === 1 ? 2 : i === 31 ? 128 : 0)),
    }),
    message('a question without a summary: what of bucket 7 do you hold?', {
      kind: 'summary',
      exchange: 1,
      answerWanted: true,
      actors: [],
      scope: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 128 : 0)),
      onlyAsks: true,
    }),
    message('request for versions and for seqs', {
      kind: 'request',
      request: 5,
      budgetBytes: 1_048_576,
      credits: 8,
      needs: [
        { kind: 'versions', actor: ACTOR_A, versions: [range(4, 6), range(8, 9)] },
        { kind: 'seqs', actor: ACTOR_B, version: version(2), seqs: [{ first: seq(5), last: seq(8) }] },
      ],
    }),
    message('batch under way', {
      kind: 'batch',
      request: 5,
      changesets: [CHANGESET],
      cleared: [],
      basis: [],
      done: false,
      rest: [],
    }),
    message('last batch with cleared versions, their basis and a rest', {
      kind: 'batch',
      request: 5,
      changesets: [],
      cleared: [{ actor: ACTOR_A, versions: [range(4, 5)] }],
      basis: [
        { actor: ACTOR_A, versions: [range(1, 9)] },
        { actor: ACTOR_C, versions: [range(1, 1)] },
      ],
      done: true,
      rest: [{ kind: 'versions', actor: ACTOR_B, versions: [range(1, 1)] }],
    }),
    message('credit', { kind: 'credit', request: 5, batches: 1 }),
    message('refusal of an exchange', { kind: 'refusal', exchange: 1, request: 0, retryMs: 100 }),
    message('refusal of a request', { kind: 'refusal', exchange: 0, request: 5, retryMs: 1_000 }),
    message('mutes', {
      kind: 'mutes',
      rules: [
        { origin: ACTOR_A, muted: true, at: TS },
        { origin: ACTOR_B, muted: false, at: hlc(1) },
      ],
    }),
    message('await', { kind: 'await', versions: [1, 2, 3, 7, 300].map(version) }),
    message('held', { kind: 'held', versions: [1, 2].map(version) }),
    message('pulse of who has written nothing', { kind: 'pulse', version: 0, sent: 1, answers: 0 }),
    message('pulse', { kind: 'pulse', version: version(2 ** 40), sent: 4_294_967_295, answers: 300 }),
    message('heads', {
      kind: 'heads',
      isSettled: true,
      heads: [
        { actor: ACTOR_A, version: version(9), ts: TS },
        { actor: ACTOR_C, version: version(1), ts: hlc(1) },
      ],
      forks: [{ actor: ACTOR_B, isRepairedHere: true }],
    }),
    message('news of a fork, without heads', {
      kind: 'heads',
      isSettled: false,
      heads: [],
      forks: [{ actor: ACTOR_B, isRepairedHere: false }],
    }),
    { name: 'unknown fields are skipped', bytes: bytesOf(0x1a, 5, 0x08, 7, 0xf8, 0x7f, 1) },
    { name: 'a mode of a later version', bytes: bytesOf(0x0a, 2, 0x08, 9) },
  ],
  junk: [
    { name: 'nothing', why: 'a message has a body', bytes: bytesOf() },
    { name: 'no protobuf', why: 'field 0 is none', bytes: bytesOf(0, 0, 0) },
    {
      name: 'an unknown body',
      why: 'a message of a later version; it counts as malformed',
      bytes: bytesOf(0xfa, 0x06, 0),
    },
    {
      name: 'a body that breaks off',
      why: 'its length is more than there is',
      bytes: bytesOf(0x1a, 9, 0x08),
    },
    { name: 'an exchange of 0', why: 'numbers of questions begin with 1', bytes: bytesOf(0x1a, 0) },
    {
      name: 'a salt of 7 bytes',
      why: 'a salt has 8',
      bytes: bytesOf(0x12, 29, 0x08, 1, 0x12, 7, ...counting(7), 0x1a, 16, ...counting(16)),
    },
    {
      name: 'buckets of 255 hashes',
      why: 'there are 256 of 16 bytes',
      bytes: joined(bytesOf(0x4a, 0xf5, 0x1f, 0x08, 1, 0x12, 0xf0, 0x1f), counting(4_080)),
    },
    {
      name: 'an actor of 15 bytes',
      why: 'an actor has 16',
      bytes: bytesOf(0x22, 21, 0x08, 1, 0x1a, 17, 0x0a, 15, ...counting(15)),
    },
    { name: 'half a range', why: 'ranges are pairs', bytes: bytesOf(0xaa, 1, 3, 0x0a, 1, 1) },
    {
      name: 'ranges that touch',
      why: 'the second distance is at least 2',
      bytes: bytesOf(0xaa, 1, 6, 0x0a, 4, 1, 2, 1, 0),
    },
    { name: 'refusal of nothing', why: 'exactly one of the ids stands', bytes: bytesOf(0x42, 2, 0x18, 1) },
    {
      name: 'refusal of both',
      why: 'exactly one of the ids stands',
      bytes: bytesOf(0x42, 4, 0x08, 1, 0x10, 1),
    },
  ],
}

export const rootTopic: Topic = {
  name: 'knowledge-roots',
  about:
    'The hash of what a node holds, as a Digest carries it. The bytes are the hash; `context` is what is held and the salt. Heads and times are not part of it.',
  section: 'Replication messages',
  read: (bytes) => (bytes.length === 16 ? { value: toPlain(bytes) } : { refused: 'length' }),
  samples: [
    root('nothing', []),
    root('one version', [{ ...KNOWLEDGE[0], have: [range(1, 1)] }]),
    root('two actors, one with an incomplete version', KNOWLEDGE),
    root('the same in another order, with other heads', [
      { ...KNOWLEDGE[1], head: version(99) },
      { ...KNOWLEDGE[0], headTs: hlc(5) },
    ]),
    root('an actor of whom nothing is held is left out', [{ ...KNOWLEDGE[0], have: [] }]),
    root('given up, and not held', [{ ...KNOWLEDGE[0], lost: [range(4, 6), range(8, 8)] }]),
    root('great numbers', [{ ...KNOWLEDGE[0], have: [range(2 ** 40, 2 ** 52)] }]),
  ],
  junk: [],
}

function message(name: string, value: SyncMessage): Sample {
  return { name, bytes: encodeMessage(value) }
}

function root(name: string, held: Parameters<typeof rootHash>[0]): Sample {
  const salt = counting(8, 1)
  return { name, context: { salt: toPlain(salt), held: toPlain(held) }, bytes: rootHash(held, salt) }
}

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

function read(bytes: Uint8Array): Reading {
  const decoded = decodeMessage(bytes)
  return decoded.ok ? { value: toPlain(decoded.value) } : { refused: decoded.error.kind }
}
