/** Broadcast alone: what leaves, in which order, and what is taken of what comes in. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import {
  type ActorId,
  actorId,
  encodeChangeset,
  hlc,
  type Instant,
  instant,
  type LocalCommit,
  NEVER,
  seq,
  version,
} from '@patina/base'
import { Broadcast } from './broadcast.ts'
import { decodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG, type SyncConfig } from './config.ts'
import { Outbox } from './effect.ts'
import { Intake } from './intake.ts'
import { Knowledge } from './knowledge.ts'
import { Mutes } from './mutes.ts'

const [SELF, PEER, WRITER] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
]

let broadcast: Broadcast
let intake: Intake
let mutes: Mutes
let now: Instant

function setUp(config: Partial<SyncConfig> = {}): void {
  now = instant(0)
  const whole = { ...DEFAULT_SYNC_CONFIG, ...config }
  intake = new Intake(SELF, whole, new Knowledge([]))
  mutes = new Mutes()
  broadcast = new Broadcast(SELF, whole, intake, mutes)
  broadcast.open(PEER)
}

function changeset(v: number, actor = SELF, bytes = 10): Uint8Array {
  const header = {
    ...{ actor, version: version(v), ts: hlc(v), flags: 0 },
    ...{ firstSeq: seq(0), lastSeq: seq(0), versionLastSeq: seq(0) },
  }
  return encodeChangeset(header, new Uint8Array(bytes))
}

function commit(v: number, about: Partial<LocalCommit> = {}): LocalCommit {
  return { version: version(v), ts: hlc(v), changesets: [changeset(v)], ...about }
}

/** Per message: whether it is urgent, and the lengths of its changesets. */
function sent(out: Outbox): { readonly urgent: boolean; readonly count: number }[] {
  return out.take().flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const message = decodeMessage(effect.bytes)
    assert.ok(message.ok && message.value.kind === 'changes')
    assert.equal(
      effect.isFirst === true,
      message.value.urgent === true,
      'what is urgent goes before what waits in the link',
    )
    return [{ urgent: message.value.urgent === true, count: message.value.changesets.length }]
  })
}

beforeEach(() => setUp())

describe('what is urgent', () => {
  function urgencyOf(commits: readonly LocalCommit[]): { urgent: boolean; count: number }[] {
    const out = new Outbox()
    broadcast.send(commits, now, out)
    return sent(out)
  }

  it('goes first: deletions before what was committed with them', () => {
    const messages = urgencyOf([commit(1), commit(2, { deletes: true }), commit(3, { deletes: false })])
    assert.deepEqual(messages, [
      { urgent: true, count: 1 },
      { urgent: false, count: 2 },
    ])
  })

  it('is also what the configuration names', () => {
    setUp({ urgentTables: ['health'] })
    const messages = urgencyOf([
      commit(1, { tables: ['apps'] }),
      commit(2, { tables: ['apps', 'health'] }),
      commit(3, { tables: [] }),
    ])
    assert.deepEqual(messages, [
      { urgent: true, count: 1 },
      { urgent: false, count: 2 },
    ])
  })

  it('is never a version that is larger than a message', () => {
    setUp({ changesBytes: 100 })
    const bulk = [1, 2, 3, 4, 5].map((v) => changeset(v))
    const messages = urgencyOf([commit(1, { deletes: true, changesets: bulk })])
    assert.ok(messages.length > 1)
    assert.ok(messages.every(({ urgent }) => !urgent))
  })

  it('is handed to the store before other fresh changesets, and keeps its place before the backlog', () => {
    const take = (v: number, urgent: boolean): boolean =>
      broadcast.take(
        { kind: 'changes', mode: 'direct', urgent, changesets: [changeset(v, WRITER)] },
        now,
        new Outbox(),
      )
    intake.take(changeset(1, WRITER), 'backlog', new Outbox())
    take(2, false)
    take(3, true)
    assert.deepEqual(
      appliedBytes(),
      [3, 2, 1].map((v) => [...changeset(v, WRITER)]),
    )
  })
})

describe('an origin above its budget', () => {
  const KIB = 1_024
  const big = (v: number, actor: ActorId = SELF): Uint8Array => changeset(v, actor, KIB)
  const config = { originBytesPerSecond: 4 * KIB, delayedBytesMax: 3 * KIB, changesBytes: KIB }

  function send(v: number): Outbox {
    const out = new Outbox()
    broadcast.send([{ version: version(v), ts: hlc(v), changesets: [big(v)] }], now, out)
    return out
  }

  function pump(ms: number): Outbox {
    now = instant(now + ms)
    const out = new Outbox()
    broadcast.pump(now, out)
    return out
  }

  beforeEach(() => setUp(config))

  it('waits, is sent as its budget grows, and is free again', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6].map((v) => sent(send(v)).length),
      [1, 1, 1, 1, 0, 0],
    )
    assert.ok(broadcast.delayedBytes() > 2 * KIB)
    const due = broadcast.nextDeadline()
    assert.ok(due > now && due < 1_000)
    assert.equal(sent(pump(due - now)).length, 1)
    assert.equal(sent(pump(1_000)).length, 1)
    assert.equal(broadcast.delayedBytes(), 0)
    assert.equal(broadcast.nextDeadline(), NEVER)
    pump(1_000)
    assert.deepEqual(
      [7, 8, 9, 10].map((v) => sent(send(v)).length),
      [1, 1, 1, 1],
      'a pause brings the whole budget back',
    )
  })

  it('keeps a bound: the oldest of more is not broadcast, and counted; what is urgent goes first', () => {
    for (const v of [1, 2, 3, 4]) send(v)
    const out = new Outbox()
    const commits = [5, 6, 7, 8].map((v) => ({ version: version(v), ts: hlc(v), changesets: [big(v)] }))
    broadcast.send(commits, now, out)
    assert.deepEqual(out.take(), [{ kind: 'count', metric: 'broadcast_dropped', by: 2 }])
    assert.ok(broadcast.delayedBytes() <= 3 * KIB)
    broadcast.send([commit(9, { deletes: true })], now, new Outbox())
    assert.deepEqual(
      sent(pump(10_000)).map(({ urgent }) => urgent),
      [true, false, false],
    )
  })

  it('is one of several: the budget of the process counts each receiver', () => {
    setUp({ ...config, originBytesPerSecond: 100 * KIB, broadcastBytesPerSecond: 4 * KIB })
    broadcast.open(WRITER)
    assert.deepEqual(
      [1, 2, 3].map((v) => sent(send(v)).length),
      [1, 1, 0],
    )
  })

  it('is not kept for nobody', () => {
    for (const v of [1, 2, 3, 4, 5, 6]) send(v)
    broadcast.close(PEER)
    pump(0)
    assert.equal(broadcast.delayedBytes(), 0)
  })

  it('waits at a receiver behind everybody else, then is not taken at all; others are', () => {
    const take = (v: number, actor: ActorId): boolean => {
      const message = { kind: 'changes', mode: 'direct', changesets: [big(v, actor)] } as const
      return broadcast.take(message, now, new Outbox())
    }
    const flood = Array.from({ length: 20 }, (_, i) => take(i + 1, PEER))
    const taken = flood.filter((each) => each).length
    assert.ok(taken >= 4 && taken <= 8, `${taken} taken`)
    assert.ok(intake.waitingBytes().backlog > 0)
    assert.ok(intake.waitingBytes().fresh <= 5 * KIB)
    assert.equal(take(1, WRITER), true)
    assert.deepEqual(appliedBytes()[4], [...big(1, WRITER)], 'behind four of the flood, before the rest')
    now = instant(3_000)
    assert.equal(take(21, PEER), true, 'two seconds pay the debt')
  })
})

describe('a muted origin', () => {
  it('sends nothing, what waited included, and nobody takes anything of it', () => {
    mutes.say(SELF, true, hlc(1))
    const out = new Outbox()
    broadcast.send([commit(1)], now, out)
    assert.deepEqual(sent(out), [])
    mutes.say(WRITER, true, hlc(1))
    const message = { kind: 'changes', mode: 'direct', changesets: [changeset(1, WRITER)] } as const
    assert.equal(broadcast.take(message, now, new Outbox()), false)
    mutes.say(WRITER, false, hlc(2))
    assert.equal(broadcast.take(message, now, new Outbox()), true, 'it was not taken for known')
  })
})

function appliedBytes(): number[][] {
  const out = new Outbox()
  intake.pump(0 as never, out)
  return out.take().flatMap((effect) => (effect.kind === 'apply' ? effect.changesets.map((b) => [...b]) : []))
}
