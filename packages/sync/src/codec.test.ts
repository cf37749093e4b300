import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ActorId,
  actorId,
  hlc,
  type Need,
  type Range,
  RangeSet,
  type Seq,
  seq,
  type Version,
  version,
} from '@patina/base'
import fc from 'fast-check'
import { decodeMessage, encodeMessage } from './codec.ts'
import type { SyncMessage } from './message.ts'

const ACTOR = actorId('0123456789abcdef0123456789abcdef')

const ids = fc.integer({ min: 1, max: 0xffff_ffff })
const actors = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex') as ActorId)
const versionRanges = rangesFrom(1) as fc.Arbitrary<Range<Version>[]>
const changesets = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
const needs: fc.Arbitrary<Need> = fc.oneof(
  fc.record({ kind: fc.constant('versions' as const), actor: actors, versions: versionRanges }),
  fc.record({
    kind: fc.constant('seqs' as const),
    actor: actors,
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(version),
    seqs: rangesFrom(0) as fc.Arbitrary<Range<Seq>[]>,
  }),
)
const actorVersions = fc.uniqueArray(fc.record({ actor: actors, versions: versionRanges }), {
  selector: ({ actor }) => actor,
  maxLength: 4,
})
const knowledge = fc.uniqueArray(
  fc
    .record({
      actor: actors,
      have: versionRanges,
      beyond: fc.nat(1_000),
      ts: fc.maxSafeNat().map(hlc),
      lost: versionRanges,
    })
    .map(({ actor, have, beyond, ts, lost }) => {
      const head = ((have.at(-1)?.last ?? 0) + beyond) as Version
      const partials =
        beyond === 0
          ? []
          : [{ version: head, seqs: [{ first: seq(0), last: seq(beyond) }], lastSeq: seq(2 * beyond) }]
      return { actor, have, head, headTs: ts, partials, ...(lost.length > 0 ? { lost } : {}) }
    }),
  { selector: ({ actor }) => actor, maxLength: 4 },
)
const messages: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('changes' as const),
    mode: fc.constantFrom('direct' as const, 'tree' as const, 'epidemic' as const),
    urgent: fc.boolean(),
    changesets,
  }),
  fc.record({
    kind: fc.constant('digest' as const),
    exchange: ids,
    salt: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    root: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    understandsBuckets: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('buckets' as const),
    exchange: ids,
    hashes: fc.uint8Array({ minLength: 4_096, maxLength: 4_096 }),
  }),
  fc.record({ kind: fc.constant('equal' as const), exchange: ids }),
  fc.record({
    kind: fc.constant('summary' as const),
    exchange: ids,
    answerWanted: fc.boolean(),
    actors: knowledge,
  }),
  fc.record({
    kind: fc.constant('summary' as const),
    exchange: ids,
    answerWanted: fc.boolean(),
    actors: knowledge,
    scope: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    onlyAsks: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('request' as const),
    request: ids,
    needs: fc.array(needs, { maxLength: 4 }),
    budgetBytes: fc.maxSafeNat(),
    credits: fc.nat(100),
  }),
  fc.record({
    kind: fc.constant('batch' as const),
    request: ids,
    changesets,
    cleared: actorVersions,
    basis: actorVersions,
    done: fc.boolean(),
    rest: fc.array(needs, { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('credit' as const), request: ids, batches: fc.nat(100) }),
  fc.record({
    kind: fc.constant('pulse' as const),
    version: fc.nat() as fc.Arbitrary<Version | 0>,
    sent: ids,
    answers: fc.nat(),
  }),
  fc.record({
    kind: fc.constantFrom('await' as const, 'held' as const),
    versions: fc
      .uniqueArray(fc.integer({ min: 1, max: 300 }).map(version), { maxLength: 40 })
      .map((versions) => versions.sort((a, b) => a - b)),
  }),
  fc.record({
    kind: fc.constant('mutes' as const),
    rules: fc.array(fc.record({ origin: actors, muted: fc.boolean(), at: fc.nat().map(hlc) })),
  }),
  fc.record({
    kind: fc.constant('refusal' as const),
    exchange: fc.constant(0),
    request: ids,
    retryMs: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('heads' as const),
    isSettled: fc.boolean(),
    heads: fc.uniqueArray(
      fc.record({
        actor: actors,
        version: fc.integer({ min: 1, max: 2 ** 52 }).map(version),
        ts: fc.integer({ min: 1, max: 2 ** 52 }).map(hlc),
      }),
      { selector: ({ actor }) => actor, maxLength: 4 },
    ),
    forks: fc.uniqueArray(fc.record({ actor: actors, isRepairedHere: fc.boolean() }), {
      selector: ({ actor }) => actor,
      maxLength: 4,
    }),
  }),
)

function rangesFrom(min: number): fc.Arbitrary<Range[]> {
  return fc
    .array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000)), { maxLength: 6 })
    .map((pairs) => [
      ...RangeSet.of(pairs.map(([first, span]) => ({ first: first + min, last: first + min + span }))),
    ])
}

/** Without views into shared memory, so that deep equality compares content. */
function plain(message: SyncMessage): unknown {
  return JSON.parse(JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? [...value] : value)))
}

describe('messages', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const decoded = decodeMessage(Uint8Array.from(encodeMessage(message)))
        assert.ok(decoded.ok, JSON.stringify(decoded))
        assert.deepEqual(plain(decoded.value), plain(message))
      }),
      { numRuns: 300 },
    )
  })

  it('of arbitrary bytes are refused or sound, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeMessage(bytes)
        if (decoded.ok) assert.ok(decodeMessage(encodeMessage(decoded.value)).ok)
      }),
      { numRuns: 1_000 },
    )
  })

  it('with some bytes changed are refused or sound, and never throw', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (message, flips) => {
        const bytes = Uint8Array.from(encodeMessage(message))
        for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte
        const decoded = decodeMessage(bytes)
        if (decoded.ok) assert.ok(decodeMessage(encodeMessage(decoded.value)).ok)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what a peer must not say', () => {
  const have = [{ first: version(1), last: version(5) }]
  const entry = { actor: ACTOR, have, head: version(5), headTs: hlc(0), partials: [] }

  it('an actor twice', () => {
    const bytes = encodeMessage({ kind: 'summary', exchange: 1, answerWanted: false, actors: [entry, entry] })
    assert.deepEqual(decodeMessage(bytes), {
      ok: false,
      error: { kind: 'malformed', what: 'an actor named twice' },
    })
  })

  it('exchange or request 0, a refusal of two things, a root of another length', () => {
    const hashes = { salt: new Uint8Array(8), root: new Uint8Array(16) }
    const digest = { kind: 'digest', exchange: 1, ...hashes, understandsBuckets: true } as const
    for (const message of [
      { kind: 'equal', exchange: 0 },
      { kind: 'pulse', version: 0, sent: 0, answers: 0 },
      { kind: 'credit', request: 0, batches: 1 },
      { kind: 'refusal', exchange: 1, request: 1, retryMs: 1 },
      { kind: 'refusal', exchange: 0, request: 0, retryMs: 1 },
      { ...digest, root: new Uint8Array(15) },
      { ...digest, salt: new Uint8Array(0) },
      { kind: 'buckets', exchange: 1, hashes: new Uint8Array(4_095) },
      { kind: 'summary', exchange: 1, answerWanted: true, actors: [], scope: new Uint8Array(31) },
    ] as const)
      assert.equal(decodeMessage(encodeMessage(message)).ok, false, JSON.stringify(message))
  })

  it('more versions than it may wait for', () => {
    const most = Array.from({ length: 1_024 }, (_, i) => version(i + 7))
    assert.ok(decodeMessage(encodeMessage({ kind: 'await', versions: most })).ok)
    const more = [...most, version(2_000)]
    for (const kind of ['await', 'held'] as const)
      assert.equal(decodeMessage(encodeMessage({ kind, versions: more })).ok, false)
    // await { ranges: 1 … 2^53 − 1 } in eleven bytes
    const all = [0xaa, 0x01, 11, 0x0a, 9, 0x01, ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]]
    assert.equal(decodeMessage(Uint8Array.from(all)).ok, false)
  })

  it('more rules of muting than may be, or one that no other could follow', () => {
    const rule = { origin: ACTOR, muted: true, at: hlc(1) }
    const many = Array.from({ length: 257 }, () => rule)
    assert.ok(decodeMessage(encodeMessage({ kind: 'mutes', rules: many.slice(1) })).ok)
    assert.equal(decodeMessage(encodeMessage({ kind: 'mutes', rules: many })).ok, false)
    const late = { ...rule, at: hlc(2 ** 52 + 1) }
    assert.equal(decodeMessage(encodeMessage({ kind: 'mutes', rules: [late] })).ok, false)
  })

  it('a number above 2^53, or seqs behind the last of their version', () => {
    // summary { exchange 1, actor { actor, head 2^63 } }
    const actor = [0x0a, 16, ...Buffer.from(ACTOR, 'hex'), 0x18, ...Array(9).fill(0x80), 0x01]
    const summary = [0x08, 1, 0x1a, actor.length, ...actor]
    assert.equal(decodeMessage(Uint8Array.from([0x22, summary.length, ...summary])).ok, false)
    const partials = [{ version: version(6), seqs: [{ first: seq(0), last: seq(9) }], lastSeq: seq(3) }]
    const lying = {
      kind: 'summary',
      exchange: 1,
      answerWanted: false,
      actors: [{ ...entry, partials }],
    } as const
    assert.equal(decodeMessage(encodeMessage(lying)).ok, false)
  })

  it('more fields or numbers than a message may have, however small they are', () => {
    // One batch with 600,000 empty changesets; one request with 300,000 numbers in one need.
    const empty = Uint8Array.from(Array.from({ length: 600_000 }, () => [0x12, 0]).flat())
    assert.equal(decodeMessage(submessage(6, empty)).ok, false)
    const numbers = new Uint8Array(300_000).fill(2)
    const need = Uint8Array.from([0x0a, 16, ...Buffer.from(ACTOR, 'hex'), ...submessage(2, numbers)])
    assert.equal(decodeMessage(submessage(5, Uint8Array.from([0x08, 1, ...submessage(2, need)]))).ok, false)
  })

  it('nothing, or something of a kind that is not known', () => {
    assert.equal(decodeMessage(new Uint8Array()).ok, false)
    assert.equal(decodeMessage(submessage(15, new Uint8Array(3))).ok, false)
  })
})

describe('sizes', () => {
  it('of digest and equal stay under 150 bytes', () => {
    const exchange = 0xffff_ffff
    const digest = encodeMessage({
      kind: 'digest',
      exchange,
      salt: new Uint8Array(8),
      root: new Uint8Array(16),
      understandsBuckets: true,
    })
    assert.ok(digest.length < 150, `${digest.length}`)
    assert.ok(encodeMessage({ kind: 'equal', exchange }).length < 150)
  })

  it('of a summary: some 40 bytes for an actor without gaps, two for a gap', () => {
    const have = [{ first: version(1), last: version(2_000_000) }]
    const whole = { actor: ACTOR, have, head: version(2_000_000), headTs: hlc(1.7e15), partials: [] }
    const sizeOf = (actors: (typeof whole)[]) =>
      encodeMessage({ kind: 'summary', exchange: 1, answerWanted: true, actors }).length
    assert.ok(sizeOf([whole]) < 50, `${sizeOf([whole])}`)
    const holes = Array.from({ length: 101 }, (_, i) => ({
      first: version(1 + 3 * i),
      last: version(2 + 3 * i),
    }))
    const gaps = sizeOf([{ ...whole, have: holes }]) - sizeOf([{ ...whole, have: holes.slice(0, 1) }])
    assert.ok(gaps <= 204, `${gaps}`)
  })
})

/** Field `number` with the bytes as its content. */
function submessage(number: number, content: Uint8Array): Uint8Array {
  const length: number[] = []
  let rest = content.length
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80)
  const out = new Uint8Array(1 + length.length + 1 + content.length)
  out.set([(number << 3) | 2, ...length, rest])
  out.set(content, 2 + length.length)
  return out
}
