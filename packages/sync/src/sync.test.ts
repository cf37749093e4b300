/** One Sync against peers that are played here by hand: what it says, to whom, when, and what it does with lies. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  actorId,
  encodeChangeset,
  hlc,
  instant,
  type Need,
  Prng,
  type ServedBatch,
  seq,
  version,
} from '@patina/base'
import { decodeMessage, encodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG, type SyncConfig } from './config.ts'
import type { SyncEffect } from './effect.ts'
import type { SyncEvent } from './event.ts'
import { rootHash } from './knowledge-digest.ts'
import type { SyncMessage } from './message.ts'
import { Sync } from './sync.ts'

const [SMALL, SELF, PEER, THIRD] = ['1', '2', '3', '4'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]
const WRITER = actorId('9'.repeat(32))

let sync: Sync
let now: number

function setUp(knowledge: readonly ActorKnowledge[] = [], config: Partial<SyncConfig> = {}): void {
  now = 0
  sync = new Sync({ self: SELF, knowledge, config: { ...DEFAULT_SYNC_CONFIG, ...config }, prng: new Prng(1) })
}

function handle(event: SyncEvent): SyncEffect[] {
  return sync.handle(event, instant(now))
}

function say(from: ActorId, message: SyncMessage): SyncEffect[] {
  return handle({ kind: 'message-received', from, bytes: Uint8Array.from(encodeMessage(message)) })
}

/** Lets time pass, with all deadlines on the way. */
function wait(ms: number): SyncEffect[] {
  const end = now + ms
  const effects: SyncEffect[] = []
  while (sync.nextDeadline() <= end) {
    now = Math.max(now, sync.nextDeadline())
    effects.push(...handle({ kind: 'deadline-reached' }))
  }
  now = end
  return effects
}

function said<K extends SyncMessage['kind']>(
  effects: readonly SyncEffect[],
  kind: K,
): (SyncMessage & { kind: K })[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const decoded = decodeMessage(effect.bytes)
    assert.ok(decoded.ok)
    return decoded.value.kind === kind ? [decoded.value as SyncMessage & { kind: K }] : []
  })
}

function only<T>(items: readonly T[]): T {
  assert.equal(items.length, 1)
  return items[0] as T
}

function counted(effects: readonly SyncEffect[], metric: string): number {
  return effects.reduce(
    (sum, effect) => sum + (effect.kind === 'count' && effect.metric === metric ? effect.by : 0),
    0,
  )
}

function held(actor: ActorId, first: number, last: number): ActorKnowledge {
  return {
    actor,
    have: [{ first: version(first), last: version(last) }],
    partials: [],
    head: version(last),
    headTs: hlc(0),
  }
}

function changeset(v: number, actor = WRITER): Uint8Array {
  const only = seq(0)
  const seqs = { firstSeq: only, lastSeq: only, versionLastSeq: only }
  return encodeChangeset({ actor, version: version(v), ...seqs, ts: hlc(v), flags: 0 }, new Uint8Array(20))
}

function versions(actor: ActorId, first: number, last: number): ActorVersions {
  return { actor, versions: [{ first: version(first), last: version(last) }] }
}

function commit(v: number): SyncEffect[] {
  return handle({
    kind: 'committed',
    commits: [{ version: version(v), ts: hlc(v), changesets: [changeset(v, SELF)] }],
  })
}

function summaryOf(actors: readonly ActorKnowledge[]): SyncMessage {
  return { kind: 'summary', exchange: 77, answerWanted: false, actors }
}

function digestOf(exchange: number, knowledge?: readonly ActorKnowledge[]): SyncMessage {
  const salt = new Uint8Array(8).fill(5)
  const root = knowledge === undefined ? new Uint8Array(16) : rootHash(knowledge, salt)
  return { kind: 'digest', exchange, salt, root, understandsBuckets: true }
}

function batchOf(request: number, batch: Partial<SyncMessage & { kind: 'batch' }>): SyncMessage {
  return { kind: 'batch', request, changesets: [], cleared: [], basis: [], done: true, rest: [], ...batch }
}

beforeEach(() => setUp())

describe('a local commit', () => {
  it('leaves at once, encoded once, in the fresh lane to every session', () => {
    for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
    const effects = commit(1)
    const sends = effects.filter((effect) => effect.kind === 'send-message')
    assert.deepEqual(only(sends).to, [PEER, THIRD])
    assert.equal(only(sends).lane, 'fresh')
    const changes = only(said(effects, 'changes'))
    assert.equal(changes.mode, 'direct')
    assert.deepEqual([...(changes.changesets[0] as Uint8Array)], [...changeset(1, SELF)])
    assert.equal(counted(effects, 'broadcast_sent'), 2)
  })

  it('leaves in one message with those that shared its transaction', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const commits = [1, 2, 3].map((v) => ({
      version: version(v),
      ts: hlc(v),
      changesets: [changeset(v, SELF)],
    }))
    const effects = handle({ kind: 'committed', commits })
    assert.deepEqual(
      only(said(effects, 'changes')).changesets.map((bytes) => [...bytes]),
      [1, 2, 3].map((v) => [...changeset(v, SELF)]),
    )
    assert.equal(counted(effects, 'broadcast_sent'), 3)
    assert.deepEqual(sync.knowledge()[0]?.have, [{ first: version(1), last: version(3) }])
  })

  it('of many chunks goes in messages of a bounded size', () => {
    setUp([], { changesBytes: 110 })
    handle({ kind: 'session-opened', peer: PEER })
    const changesets = [1, 2, 3, 4, 5].map((v) => changeset(v, SELF))
    const effects = handle({ kind: 'committed', commits: [{ version: version(1), ts: hlc(1), changesets }] })
    assert.deepEqual(
      said(effects, 'changes').map((message) => message.changesets.length),
      [2, 2, 1],
    )
  })
})

describe('a broadcast', () => {
  it('is handed to the store in the same call, and its copies are dropped and counted', () => {
    for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
    const message = { kind: 'changes', mode: 'direct', changesets: [changeset(1)] } as const
    const first = say(PEER, message)
    assert.ok(first.some(({ kind }) => kind === 'apply'))
    assert.deepEqual(said(first, 'changes'), [], 'nothing is forwarded')
    const second = say(THIRD, message)
    assert.equal(counted(second, 'broadcast_duplicate'), 1)
    assert.ok(!second.some(({ kind }) => kind === 'apply'))
  })

  it('with one changeset of junk loses that one only', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const changesets = [changeset(1), new Uint8Array([9, 9]), changeset(2)]
    const effects = say(PEER, { kind: 'changes', mode: 'direct', changesets })
    assert.equal(counted(effects, 'sync_malformed'), 1)
    assert.equal(counted(effects, 'broadcast_received'), 2)
  })

  it('from nobody that has a session is not looked at', () => {
    assert.deepEqual(say(PEER, { kind: 'changes', mode: 'direct', changesets: [changeset(1)] }), [])
  })
})

describe('an exchange', () => {
  it('begins at once with a new session, at the smaller actor', () => {
    assert.equal(said(handle({ kind: 'session-opened', peer: PEER }), 'digest').length, 1)
    assert.equal(said(handle({ kind: 'session-opened', peer: SMALL }), 'digest').length, 0)
  })

  it('of equals is one hash and one word', () => {
    setUp([held(WRITER, 1, 9)])
    handle({ kind: 'session-opened', peer: SMALL })
    const equal = say(SMALL, digestOf(4, [held(WRITER, 1, 9)]))
    assert.deepEqual(said(equal, 'equal'), [{ kind: 'equal', exchange: 4 }])
  })

  it('has caught up when a peer has told what it holds and nothing of it is missing, and stays so', () => {
    setUp([held(WRITER, 1, 9)])
    handle({ kind: 'session-opened', peer: SMALL })
    handle({ kind: 'applied', token: 0, report: { outcomes: [], knowledge: [held(WRITER, 1, 9)] } })
    assert.equal(sync.status().caughtUp, false, 'nobody has told anything')
    say(SMALL, summaryOf([held(WRITER, 1, 12)]))
    assert.equal(sync.status().caughtUp, false)
    handle({ kind: 'applied', token: 0, report: { outcomes: [], knowledge: [held(WRITER, 1, 12)] } })
    assert.equal(sync.status().caughtUp, true)
    say(SMALL, summaryOf([held(WRITER, 1, 14)]))
    assert.equal(sync.status().caughtUp, true)
  })

  it('has not caught up while what was brought waits for the store, though another peer holds as little', () => {
    handle({ kind: 'session-opened', peer: SMALL })
    say(SMALL, summaryOf([held(WRITER, 1, 1)]))
    const { request } = only(said(wait(1_000), 'request'))
    say(SMALL, batchOf(request, { changesets: [changeset(1)] }))
    const { exchange } = only(said(handle({ kind: 'session-opened', peer: PEER }), 'digest'))
    say(PEER, { kind: 'equal', exchange })
    assert.equal(sync.status().caughtUp, false)
    const knowledge = [held(WRITER, 1, 1)]
    handle({ kind: 'applied', token: 1, report: { outcomes: [{ kind: 'applied' }], knowledge } })
    assert.equal(sync.status().caughtUp, true)
  })

  it('has not caught up after the store has refused what was brought, until somebody has told again', () => {
    handle({ kind: 'session-opened', peer: SMALL })
    say(SMALL, summaryOf([held(WRITER, 1, 1)]))
    const { request } = only(said(wait(1_000), 'request'))
    say(SMALL, batchOf(request, { changesets: [changeset(1)] }))
    handle({ kind: 'apply-failed', token: 1 })
    handle({ kind: 'members-reached', all: true })
    assert.equal(sync.status().caughtUp, false)
    say(SMALL, summaryOf([held(WRITER, 1, 1)]))
    assert.equal(sync.status().caughtUp, false)
    const knowledge = [held(WRITER, 1, 1)]
    handle({ kind: 'applied', token: 0, report: { outcomes: [], knowledge } })
    assert.equal(sync.status().caughtUp, true)
  })

  it('has caught up by the word of a peer that holds the same', () => {
    const { exchange } = only(said(handle({ kind: 'session-opened', peer: PEER }), 'digest'))
    say(PEER, { kind: 'equal', exchange })
    assert.equal(sync.status().caughtUp, true)
  })

  it('has caught up by its own comparison with the digest of a peer', () => {
    setUp([held(WRITER, 1, 9)])
    handle({ kind: 'session-opened', peer: SMALL })
    say(SMALL, digestOf(4, [held(WRITER, 1, 9)]))
    assert.equal(sync.status().caughtUp, true)
  })

  it('that differs brings both summaries, and each side asks for itself', () => {
    setUp([held(WRITER, 1, 9)])
    const digest = only(said(handle({ kind: 'session-opened', peer: PEER }), 'digest'))
    const theirs = {
      kind: 'summary',
      exchange: digest.exchange,
      answerWanted: true,
      actors: [held(WRITER, 1, 12)],
    } as const
    const answer = only(said(say(PEER, theirs), 'summary'))
    assert.equal(answer.answerWanted, false)
    assert.deepEqual(answer.actors, [held(WRITER, 1, 9)])
    const request = only(said(wait(60), 'request'))
    assert.deepEqual(request.needs, [{ kind: 'versions', ...versions(WRITER, 10, 12) }])
  })

  it('of the past does not make us tell anything', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const stale = { kind: 'summary', exchange: 1, answerWanted: true, actors: [] } as const
    assert.deepEqual(said(say(PEER, stale), 'summary'), [])
  })

  it('is refused to a peer that asks too often', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const digest = digestOf(4)
    assert.equal(said(say(PEER, digest), 'summary').length, 1)
    const refusal = only(said(say(PEER, digest), 'refusal'))
    assert.equal(refusal.exchange, 4)
    wait(refusal.retryMs)
    assert.equal(said(say(PEER, digest), 'refusal').length, 0)
  })

  it('goes to every peer within one period each while our knowledge is new, then ever more rarely', () => {
    for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
    commit(1)
    const asked: [ActorId, number][] = []
    const end = now + 60_000
    while (sync.nextDeadline() <= end) {
      now = sync.nextDeadline()
      for (const effect of handle({ kind: 'deadline-reached' })) {
        if (effect.kind !== 'send-message') continue
        const digest = decodeMessage(effect.bytes)
        assert.ok(digest.ok)
        if (digest.value.kind !== 'digest') continue
        const peer = only(effect.to)
        asked.push([peer, now])
        now += 10
        say(peer, { kind: 'equal', exchange: digest.value.exchange })
      }
    }
    const pauses = asked.slice(1).map(([, at], i) => at - (asked[i]?.[1] ?? 0))
    const first = new Map(asked.toReversed())
    assert.notEqual(asked.at(-1)?.[0], asked.at(-2)?.[0], 'who has waited longest comes first')
    assert.ok((first.get(PEER) ?? 1e9) < 8_000 && (first.get(THIRD) ?? 1e9) < 8_000)
    assert.ok(pauses.at(-1) === 10_010 && pauses.at(-2) === 10_010, `${pauses}`)
    commit(2)
    const next = now + 1_000
    assert.ok(sync.nextDeadline() <= next, 'a change wakes it')
  })
})

describe('fetching', () => {
  it('waits a moment for what is on its way, and does not ask for what came', () => {
    handle({ kind: 'session-opened', peer: PEER })
    assert.deepEqual(said(say(PEER, summaryOf([held(WRITER, 1, 2)])), 'request'), [])
    say(THIRD, { kind: 'changes', mode: 'direct', changesets: [changeset(1)] })
    say(PEER, { kind: 'changes', mode: 'direct', changesets: [changeset(2)] })
    const request = only(said(wait(60), 'request'))
    assert.deepEqual(request.needs, [{ kind: 'versions', ...versions(WRITER, 1, 1) }])
  })

  it('asks one peer at a time for a version, then another when the deadline passes or the session ends', () => {
    for (const end of ['silence', 'close'] as const) {
      setUp()
      for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
      for (const peer of [PEER, THIRD]) say(peer, summaryOf([held(WRITER, 1, 5)]))
      const first = wait(100).filter((effect) => effect.kind === 'send-message')
      const asked = only(first.filter((effect) => said([effect], 'request').length === 1)).to
      assert.deepEqual(asked, [PEER])
      const later = end === 'close' ? handle({ kind: 'session-closed', peer: PEER }) : wait(10_000)
      const sends = later.filter(
        (effect) => effect.kind === 'send-message' && said([effect], 'request').length === 1,
      )
      assert.deepEqual(
        sends.flatMap((effect) => (effect.kind === 'send-message' ? effect.to : [])),
        end === 'close' ? [THIRD] : [PEER, PEER, PEER, THIRD],
        end,
      )
    }
  })

  it('repeats a request of which nothing comes, under its number, after 1, 3 and 7 s', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    const first = only(said(wait(60), 'request'))
    for (const seconds of [1, 2, 4]) {
      assert.deepEqual(said(wait(1_000 * seconds - 60), 'request'), [])
      assert.deepEqual(said(wait(60), 'request'), [first])
    }
    assert.deepEqual(said(wait(4_000), 'request'), [first], 'given up, and asked for the same')
  })

  it('gives a new number to who is asked for something else after it was given up', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    const { request } = only(said(wait(60), 'request'))
    const fresh = say(PEER, { kind: 'changes', mode: 'direct', changesets: [changeset(5)] })
    const { token } = only(fresh.filter((effect) => effect.kind === 'apply'))
    handle({ kind: 'applied', token, report: { outcomes: [], knowledge: [held(WRITER, 5, 5)] } })
    const [, , , next] = said(wait(11_000), 'request')
    assert.deepEqual(next?.needs, [{ kind: 'versions', ...versions(WRITER, 1, 4) }])
    assert.notEqual(next?.request, request)
  })

  it('repeats after two round trips where these are long, so that no repetition crosses an answer', () => {
    const { exchange } = only(said(handle({ kind: 'session-opened', peer: PEER }), 'digest'))
    const roundTripMs = 1_600
    wait(roundTripMs)
    const summary = { kind: 'summary', exchange, answerWanted: true, actors: [held(WRITER, 1, 5)] } as const
    assert.equal(said([...say(PEER, summary), ...wait(60)], 'request').length, 1)
    assert.deepEqual(said(wait(2 * roundTripMs - 100), 'request'), [])
    assert.equal(said(wait(200), 'request').length, 1)
  })

  it('repeats nothing once a part of the answer is here: the rest may be long', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    const { request } = only(said(wait(60), 'request'))
    say(PEER, batchOf(request, { changesets: [changeset(5)], done: false }))
    assert.deepEqual(said(wait(9_900), 'request'), [])
  })

  it('gives a new number to who had begun to answer, so that it is read anew', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    const first = only(said(wait(60), 'request'))
    say(PEER, batchOf(first.request, { done: false }))
    const second = only(said(wait(11_100), 'request'))
    assert.deepEqual(second.needs, first.needs)
    assert.notEqual(second.request, first.request)
  })

  it('repeats nothing while the queue for the store is full', () => {
    setUp([], { queueItemsMax: 4, applyItemsMax: 2 })
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 9)]))
    assert.equal(said(wait(60), 'request').length, 1)
    const changesets = [9, 8, 7, 6].map((v) => changeset(v))
    say(PEER, { kind: 'changes', mode: 'direct', changesets })
    assert.deepEqual(said(wait(9_000), 'request'), [])
  })

  it('does not ask a second peer for what a first was asked for before', () => {
    for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    assert.equal(said(wait(60), 'request').length, 1)
    say(THIRD, summaryOf([held(WRITER, 1, 7)]))
    assert.deepEqual(only(said(wait(60), 'request')).needs, [{ kind: 'versions', ...versions(WRITER, 6, 7) }])
  })

  it('asks again for what was answered and lost on its way to the store', () => {
    setUp([], { requestVersionsMax: 1 })
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 3)]))
    const { request } = only(said(wait(60), 'request'))
    const effects = say(PEER, batchOf(request, { changesets: [changeset(3)] }))
    const { request: second } = only(said(effects, 'request'))
    const { token } = only(effects.filter((effect) => effect.kind === 'apply'))
    handle({ kind: 'apply-failed', token })
    say(PEER, summaryOf([held(WRITER, 1, 3)]))
    const next = only(said(say(PEER, batchOf(second, { changesets: [changeset(2)] })), 'request'))
    assert.deepEqual(next.needs, [{ kind: 'versions', ...versions(WRITER, 3, 3) }])
  })

  it('takes what comes, gives a credit for each batch that has room, and asks on', () => {
    setUp([], { requestVersionsMax: 2 })
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 3)]))
    const { request, needs, credits } = only(said(wait(60), 'request'))
    assert.deepEqual([needs, credits], [[{ kind: 'versions', ...versions(WRITER, 2, 3) }], 8])
    const first = say(PEER, batchOf(request, { changesets: [changeset(3)], done: false }))
    assert.equal(counted(first, 'sync_changesets_received'), 1)
    assert.deepEqual(said(first, 'credit'), [{ kind: 'credit', request, batches: 1 }])
    const last = say(PEER, batchOf(request, { changesets: [changeset(2)] }))
    assert.deepEqual(only(said(last, 'request')).needs, [{ kind: 'versions', ...versions(WRITER, 1, 1) }])
  })

  it('sends no credit and asks for nothing while the queue for the store is full', () => {
    setUp([], { queueItemsMax: 4, applyItemsMax: 2 })
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 9)]))
    const { request } = only(said(wait(60), 'request'))
    const changesets = [9, 8, 7, 6].map((v) => changeset(v))
    const full = say(PEER, batchOf(request, { changesets, done: false }))
    assert.deepEqual(said(full, 'credit'), [])
    const { token } = only(full.filter((effect) => effect.kind === 'apply'))
    const freed = handle({
      kind: 'applied',
      token,
      report: { outcomes: [], knowledge: [held(WRITER, 8, 9)] },
    })
    assert.deepEqual(said(freed, 'credit'), [{ kind: 'credit', request, batches: 1 }])
  })

  it('of cleared versions hands the claim with its basis to the store, and asks for what the basis shows', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 3)]))
    const { request } = only(said(wait(60), 'request'))
    const [cleared, basis] = [[versions(WRITER, 1, 3)], [versions(WRITER, 1, 4), versions(THIRD, 1, 1)]]
    const effects = say(PEER, batchOf(request, { cleared, basis }))
    const apply = only(effects.filter((effect) => effect.kind === 'apply'))
    assert.deepEqual([apply.cleared, apply.basis], [cleared, basis])
    assert.deepEqual(only(said([...effects, ...wait(60)], 'request')).needs, [
      { kind: 'versions', ...versions(THIRD, 1, 1) },
      { kind: 'versions', ...versions(WRITER, 4, 4) },
    ])
  })

  it('after a refusal waits as long as it says, within limits', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 3)]))
    const { request } = only(said(wait(60), 'request'))
    say(PEER, { kind: 'refusal', exchange: 0, request, retryMs: 4_000 })
    assert.deepEqual(said(wait(3_900), 'request'), [])
    const again = only(said(wait(200), 'request'))
    say(PEER, { kind: 'refusal', exchange: 0, request: again.request, retryMs: 4_000_000_000 })
    assert.equal(said(wait(59_900), 'request').length, 0)
    assert.equal(said(wait(100), 'request').length, 1)
  })

  it('counts as missing what peers offer and nobody has brought yet, also above the highest version heard of', () => {
    setUp([held(WRITER, 1, 2)])
    for (const peer of [PEER, THIRD]) handle({ kind: 'session-opened', peer })
    assert.equal(sync.status().missing, 0)
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    say(THIRD, summaryOf([held(WRITER, 4, 6)]))
    assert.equal(sync.status().missing, 4)
  })

  it('leaves own versions alone and reports that peers know of more', () => {
    setUp([held(SELF, 1, 4)])
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(SELF, 1, 9)]))
    assert.deepEqual(said(wait(100), 'request'), [])
    assert.equal(sync.status().ownHeadTold, 9)
  })
})

describe('a liar', () => {
  it('that offers what it has not costs one request a second, however much it offers', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, Number.MAX_SAFE_INTEGER)]))
    let requests = said(wait(60), 'request')
    for (let step = 0; step < 20; step += 1) {
      const { request } = only(requests)
      assert.deepEqual(said(say(PEER, batchOf(request, {})), 'request'), [])
      assert.deepEqual(said(wait(990), 'request'), [])
      requests = said(wait(20), 'request')
    }
  })

  it('that leaves everything over is not asked again at full speed', () => {
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, summaryOf([held(WRITER, 1, 5)]))
    const { request, needs } = only(said(wait(60), 'request'))
    assert.deepEqual(said(say(PEER, batchOf(request, { rest: needs })), 'request'), [])
    assert.equal(said(wait(1_000), 'request').length, 1)
  })

  it('that answers what nobody asked changes no conversation; its data is data', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const effects = say(PEER, batchOf(99, { changesets: [changeset(1)], rest: [] }))
    assert.ok(effects.some(({ kind }) => kind === 'apply'))
    for (const message of [
      { kind: 'credit', request: 5, batches: 3 },
      { kind: 'refusal', exchange: 0, request: 5, retryMs: 1 },
      { kind: 'refusal', exchange: 5, request: 0, retryMs: 1 },
      { kind: 'equal', exchange: 5 },
    ] as const)
      assert.deepEqual(say(PEER, message), [])
  })
})

describe('serving', () => {
  const needs: Need[] = [{ kind: 'versions', ...versions(WRITER, 1, 9) }]
  const nothing: ServedBatch = { changesets: [], cleared: [], basis: [], rest: [] }

  function ask(from: ActorId, request: number, credits = 8): SyncEffect[] {
    return say(from, { kind: 'request', request, needs, budgetBytes: 500, credits })
  }

  function tokenOf(effects: readonly SyncEffect[]): number {
    return only(effects.filter((effect) => effect.kind === 'serve')).token
  }

  it('reads as asked and sends what was read: small answers as a repair, long ones as backlog', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const read = ask(PEER, 1)
    const serve = only(read.filter((effect) => effect.kind === 'serve'))
    assert.deepEqual([serve.needs, serve.budgetBytes], [needs, 500])
    const small = handle({
      kind: 'served',
      token: serve.token,
      batch: { ...nothing, changesets: [changeset(9)] },
    })
    const send = only(small.filter((effect) => effect.kind === 'send-message'))
    assert.equal(send.lane, 'repair')
    assert.equal(only(said(small, 'batch')).done, true)
    const batch = { ...nothing, changesets: [changeset(9)], rest: needs }
    const long = handle({ kind: 'served', token: tokenOf(ask(PEER, 2)), batch })
    assert.equal(only(long.filter((effect) => effect.kind === 'send-message')).lane, 'backlog')
    assert.equal(only(said(long, 'batch')).done, false)
  })

  it('sends a short answer again that is asked for again under its number: it was lost', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const batch = { ...nothing, changesets: [changeset(9)] }
    const first = handle({ kind: 'served', token: tokenOf(ask(PEER, 1)), batch })
    const second = handle({ kind: 'served', token: tokenOf(ask(PEER, 1)), batch })
    assert.deepEqual(said(second, 'batch'), said(first, 'batch'))
  })

  it('sends nothing twice that is being read, or lies in the lane of the backlog', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const reading = tokenOf(ask(PEER, 1))
    assert.deepEqual(ask(PEER, 1), [])
    const part = { ...nothing, changesets: [changeset(9)], rest: needs }
    const goesOn = handle({ kind: 'served', token: reading, batch: part })
    assert.deepEqual(ask(PEER, 1), [])
    handle({ kind: 'served', token: tokenOf(goesOn), batch: { ...nothing, changesets: [changeset(8)] } })
    assert.equal(sync.status().serving, 0)
    assert.deepEqual(ask(PEER, 1), [])
    wait(9_900)
    assert.deepEqual(ask(PEER, 1), [])
    wait(200)
    tokenOf(ask(PEER, 1))
  })

  it('of a request that was refused, or failed, is not put off when it is repeated', () => {
    handle({ kind: 'session-opened', peer: PEER })
    handle({ kind: 'serve-failed', token: tokenOf(ask(PEER, 1)) })
    tokenOf(ask(PEER, 1))
  })

  it('goes on while credits last, waits for more, and gives up when none come', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const batch = { ...nothing, changesets: [changeset(9)], rest: needs }
    const first = handle({ kind: 'served', token: tokenOf(ask(PEER, 1, 2)), batch })
    const second = handle({ kind: 'served', token: tokenOf(first), batch })
    assert.deepEqual(
      second.filter(({ kind }) => kind === 'serve'),
      [],
    )
    assert.equal(sync.status().serving, 1)
    const third = say(PEER, { kind: 'credit', request: 1, batches: 1 })
    handle({ kind: 'served', token: tokenOf(third), batch })
    const last = only(said(wait(31_000), 'batch'))
    assert.deepEqual([last.done, last.rest], [true, needs])
    assert.equal(sync.status().serving, 0)
  })

  it('is for four at once; the fifth is told when to come back', () => {
    const peers = ['a', 'b', 'c', 'd', 'e'].map((digit) => actorId(digit.repeat(32)))
    for (const peer of peers) handle({ kind: 'session-opened', peer })
    const reads = peers.slice(0, 4).map((peer) => tokenOf(ask(peer, 1)))
    const refusal = only(said(ask(peers[4] as ActorId, 8), 'refusal'))
    assert.deepEqual([refusal.request, refusal.exchange], [8, 0])
    assert.ok(refusal.retryMs > 0)
    handle({ kind: 'served', token: reads[0] as number, batch: nothing })
    tokenOf(ask(peers[4] as ActorId, 9))
  })

  it('reads once at a time for one peer: a new request waits for the running read and replaces its answer', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const token = tokenOf(ask(PEER, 1))
    for (let request = 2; request < 50; request += 1)
      assert.deepEqual(
        ask(PEER, request).filter(({ kind }) => kind === 'serve'),
        [],
      )
    const effects = handle({ kind: 'served', token, batch: { ...nothing, changesets: [changeset(9)] } })
    assert.deepEqual(said(effects, 'batch'), [])
    const answer = handle({ kind: 'served', token: tokenOf(effects), batch: nothing })
    assert.equal(only(said(answer, 'batch')).request, 49)
  })

  it('says so when the store fails, and forgets a session that ends', () => {
    handle({ kind: 'session-opened', peer: PEER })
    const failed = only(said(handle({ kind: 'serve-failed', token: tokenOf(ask(PEER, 1)) }), 'batch'))
    assert.deepEqual([failed.done, failed.rest], [true, needs])
    const token = tokenOf(ask(PEER, 2))
    handle({ kind: 'session-closed', peer: PEER })
    assert.deepEqual(handle({ kind: 'served', token, batch: nothing }), [])
  })

  it('of something cleared also answers for what has come since our summary', () => {
    setUp([held(WRITER, 1, 9)])
    handle({ kind: 'session-opened', peer: PEER })
    say(PEER, digestOf(4))
    const cleared = [versions(WRITER, 1, 9)]
    const basis = [versions(WRITER, 1, 11)]
    const effects = handle({
      kind: 'served',
      token: tokenOf(ask(PEER, 1)),
      batch: { ...nothing, cleared, basis },
    })
    const batch = only(said(effects, 'batch'))
    assert.deepEqual([batch.cleared, batch.basis, batch.done], [cleared, basis, false])
    const more = only(effects.filter((effect) => effect.kind === 'serve'))
    assert.deepEqual(more.needs, [{ kind: 'versions', ...versions(WRITER, 10, 11) }])
  })
})
