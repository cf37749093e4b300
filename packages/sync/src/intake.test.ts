import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type ActorId, actorId, encodeChangeset, hlc, instant, NEVER, seq, version } from '@patina/base'
import fc from 'fast-check'
import { DEFAULT_SYNC_CONFIG, type SyncConfig } from './config.ts'
import { Outbox, type SyncEffect } from './effect.ts'
import { Intake, type Urgency } from './intake.ts'
import { Knowledge } from './knowledge.ts'

const [SELF, OTHER] = ['a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]
type Apply = Extract<SyncEffect, { kind: 'apply' }>

let knowledge: Knowledge
let intake: Intake

function setUp(config: Partial<SyncConfig> = {}): void {
  knowledge = new Knowledge([])
  intake = new Intake(SELF, { ...DEFAULT_SYNC_CONFIG, ...config }, knowledge)
}

function changeset(
  v: number,
  seqs: [number, number, number] = [0, 0, 0],
  actor = OTHER,
  bytes = 10,
): Uint8Array {
  const [firstSeq, lastSeq, versionLastSeq] = seqs.map(seq) as [never, never, never]
  const header = { actor, version: version(v), firstSeq, lastSeq, versionLastSeq, ts: hlc(1), flags: 0 }
  return encodeChangeset(header, new Uint8Array(bytes))
}

function take(bytes: Uint8Array, urgency: Urgency = 'fresh'): string {
  return intake.take(bytes, urgency, new Outbox())
}

function pump(ms = 0): Apply | undefined {
  const out = new Outbox()
  intake.pump(instant(ms), out)
  return out.take().find((effect): effect is Apply => effect.kind === 'apply')
}

beforeEach(() => setUp())

describe('by the header', () => {
  it('a changeset is new once, then known, until the store has spoken', () => {
    assert.equal(take(changeset(1)), 'new')
    assert.equal(take(changeset(1)), 'known')
    const apply = pump()
    assert.equal(take(changeset(1)), 'known')
    intake.finish(apply?.token as number)
    assert.equal(take(changeset(1)), 'new', 'the store said nothing of holding it')
  })

  it('what is held is known, what is our own is ours, what has no header is junk', () => {
    knowledge.replace({
      actor: OTHER,
      have: [{ first: version(3), last: version(3) }],
      partials: [],
      head: version(3),
      headTs: hlc(0),
    })
    assert.equal(take(changeset(3)), 'known')
    assert.equal(take(changeset(4)), 'new')
    assert.equal(take(changeset(1, [0, 0, 0], SELF)), 'own')
    assert.equal(take(new Uint8Array(5)), 'malformed')
    assert.equal(take(new Uint8Array()), 'malformed')
    assert.equal(intake.inFlight, 1)
  })

  it('chunks of one version are different changesets', () => {
    assert.equal(take(changeset(1, [0, 4, 9])), 'new')
    assert.equal(take(changeset(1, [5, 9, 9])), 'new')
    assert.equal(take(changeset(1, [0, 4, 9])), 'known')
    const expected = intake.expected().get(OTHER)
    assert.equal(expected?.versions.size, 0)
    assert.equal(`${expected?.chunks.get(version(1))?.seqs}`, '0-9')
  })
})

describe('batches for the store', () => {
  it('are one at a time, and the next takes all that has come meanwhile', () => {
    take(changeset(1))
    const first = pump()
    assert.equal(first?.changesets.length, 1)
    for (let v = 2; v <= 20; v += 1) take(changeset(v))
    assert.equal(pump(), undefined)
    intake.finish(first?.token as number)
    assert.equal(pump()?.changesets.length, 19)
    assert.equal(pump(), undefined)
  })

  it('have a bound of items and of bytes; a changeset above it goes alone', () => {
    setUp({ applyItemsMax: 3, applyBytesMax: 1_000 })
    for (let v = 1; v <= 4; v += 1) take(changeset(v))
    take(changeset(5, [0, 0, 0], OTHER, 5_000))
    take(changeset(6))
    const sizes: number[] = []
    for (let apply = pump(); apply !== undefined; apply = pump()) {
      sizes.push(apply.changesets.length)
      intake.finish(apply.token)
    }
    assert.deepEqual(sizes, [3, 1, 1, 1])
  })

  it('take fresh before backlog', () => {
    const [old, fresh] = [changeset(1), changeset(9)]
    take(old, 'backlog')
    take(fresh, 'fresh')
    assert.deepEqual(pump()?.changesets, [fresh, old])
  })

  it('carry one claim each, behind the changesets that came before it', () => {
    const claim = (v: number) => {
      const versions = [{ actor: OTHER, versions: [{ first: version(v), last: version(v) }] }]
      return { cleared: versions, basis: versions }
    }
    take(changeset(1), 'backlog')
    intake.takeClaim(claim(2), new Outbox())
    intake.takeClaim(claim(3), new Outbox())
    take(changeset(4), 'backlog')
    const shapes: [number, number][] = []
    for (let apply = pump(); apply !== undefined; apply = pump()) {
      shapes.push([apply.changesets.length, apply.cleared[0]?.versions[0]?.first ?? 0])
      assert.deepEqual(apply.basis, apply.cleared)
      intake.finish(apply.token)
    }
    assert.deepEqual(shapes, [
      [1, 2],
      [0, 3],
      [1, 0],
    ])
  })
})

describe('failures', () => {
  it('free what was in flight, tell of the loss once, and pause before the next batch', () => {
    take(changeset(1))
    const apply = pump()
    take(changeset(2))
    intake.fail(apply?.token as number, instant(1_000))
    assert.equal(intake.takeLoss(), true)
    assert.equal(intake.takeLoss(), false)
    assert.equal(intake.inFlight, 1)
    assert.equal(pump(1_100), undefined)
    assert.equal(intake.nextDeadline(), 1_200)
    assert.equal(pump(1_200)?.changesets.length, 1)
    assert.equal(take(changeset(1)), 'new')
  })

  it('of a token of the past change nothing', () => {
    take(changeset(1))
    const apply = pump()
    intake.fail((apply?.token as number) + 7, instant(0))
    intake.finish((apply?.token as number) - 1)
    assert.equal(intake.inFlight, 1)
    assert.equal(intake.takeLoss(), false)
  })

  it('by silence: a store that does not answer has failed', () => {
    take(changeset(1))
    pump(0)
    const deadline = intake.nextDeadline()
    intake.expire(instant(deadline - 1))
    assert.equal(intake.inFlight, 1)
    intake.expire(deadline)
    assert.equal(intake.inFlight, 0)
    assert.equal(intake.nextDeadline(), NEVER)
  })

  it('of one changeset, damaged: the good copy gets in, and it is asked for', () => {
    take(changeset(1))
    const apply = pump()
    intake.finish(apply?.token as number, [{ kind: 'dropped', reason: 'checksum' }])
    assert.equal(intake.takeLoss(), true)
    assert.equal(take(changeset(1)), 'new')
  })
})

describe('arrivals', () => {
  it('are the versions that were applied, with how they came and when they were committed', () => {
    take(changeset(1), 'backlog')
    take(changeset(2), 'urgent')
    take(changeset(3, [0, 0, 1]), 'fresh')
    take(changeset(3, [1, 1, 1]), 'fresh')
    intake.takeClaim({ cleared: [], basis: [] }, new Outbox())
    const { token } = pump() as Apply
    const kinds = ['applied', 'buffered', 'applied', 'duplicate'] as const
    const arrivals = intake.finish(
      token,
      kinds.map((kind) => ({ kind })),
    )
    assert.deepEqual(
      arrivals.map(({ origin, ts, lane }) => [origin, ts, lane]),
      [
        [OTHER, 1, 'urgent'],
        [OTHER, 1, 'fresh'],
      ],
    )
    assert.deepEqual(intake.finish(token, []), [], 'told once')
  })
})

describe('above the bound of bytes or items', () => {
  it('the oldest backlog goes first, then the oldest fresh, each counted and free to come again', () => {
    for (const config of [{ queueItemsMax: 4 }, { queueBytesMax: 4 * changeset(1).length }]) {
      setUp(config)
      const out = new Outbox()
      for (const v of [1, 2]) intake.take(changeset(v), 'fresh', out)
      for (const v of [11, 12, 13]) intake.take(changeset(v), 'backlog', out)
      intake.take(changeset(3), 'fresh', out)
      assert.deepEqual(out.take(), [{ kind: 'count', metric: 'apply_dropped', by: 2 }])
      assert.equal(intake.takeLoss(), true)
      assert.equal(intake.inFlight, 4)
      assert.equal(`${intake.expected().get(OTHER)?.versions}`, '1-3,13')
      for (const v of [4, 5]) intake.take(changeset(v), 'fresh', new Outbox())
      assert.equal(`${intake.expected().get(OTHER)?.versions}`, '2-5')
      assert.ok(intake.bytes <= 4 * changeset(1).length)
      assert.equal(take(changeset(11), 'backlog'), 'new')
    }
  })

  it('there is no room for answers above half of it', () => {
    setUp({ queueItemsMax: 4 })
    take(changeset(1))
    assert.ok(intake.hasRoom())
    take(changeset(2))
    assert.ok(!intake.hasRoom())
  })
})

describe('seen (I-SYNC-2)', () => {
  /** A few changesets, taken, applied, failed, damaged, given up and dropped in any order. */
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('take' as const), v: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pump' as const) }) },
    fc.record({ kind: fc.constantFrom('applied' as const, 'failed' as const, 'damaged' as const) }),
    fc.record({ kind: fc.constant('silence' as const) }),
  )

  it('is held, queued or being applied, and nothing else: what failed is never taken for a duplicate', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        setUp({ queueItemsMax: 3 })
        const held = new Set<number>()
        let underWay: { token: number; versions: readonly number[] } | undefined
        /** What was taken and has not left: in order, as the queue drops its oldest. */
        let queued: number[] = []
        let now = 0
        for (const each of steps) {
          now += 1
          if (each.kind === 'take') {
            const isKnown = held.has(each.v) || queued.includes(each.v) || underWay?.versions.includes(each.v)
            assert.equal(take(changeset(each.v)), isKnown === true ? 'known' : 'new')
            if (isKnown !== true) queued = [...queued, each.v].slice(-3)
          } else if (each.kind === 'pump') {
            const apply = pump(now)
            if (apply === undefined) continue
            underWay = { token: apply.token, versions: queued }
            queued = []
          } else if (underWay !== undefined) {
            const { token, versions } = underWay
            underWay = undefined
            if (each.kind === 'silence') {
              now += DEFAULT_SYNC_CONFIG.applyTimeoutMs
              intake.expire(instant(now))
            } else if (each.kind === 'failed') intake.fail(token, instant(now))
            else {
              const kind = each.kind === 'applied' ? 'applied' : 'dropped'
              intake.finish(
                token,
                versions.map(() => ({ kind, reason: '' })),
              )
              if (kind === 'applied') for (const v of versions) hold(held.add(v))
            }
            now += DEFAULT_SYNC_CONFIG.applyRetryMs
          }
          assert.equal(intake.inFlight, queued.length + (underWay?.versions.length ?? 0))
        }
      }),
    )
  })

  function hold(versions: ReadonlySet<number>): void {
    const have = [...versions].sort((a, b) => a - b).map((v) => ({ first: version(v), last: version(v) }))
    knowledge.replace({ actor: OTHER, have, partials: [], head: version(6), headTs: hlc(0) })
  }
})
