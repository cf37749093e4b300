/** One Sync that hears of forks from peers that are played here by hand. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  encodeChangeset,
  hlc,
  instant,
  Prng,
  type RememberedForks,
  seq,
  version,
} from '@patina/base'
import { decodeMessage, encodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG, VERSIONS_ASKED_MAX } from './config.ts'
import type { SyncEffect } from './effect.ts'
import type { SyncEvent } from './event.ts'
import type { Head, SyncMessage } from './message.ts'
import { Sync } from './sync.ts'

const actor = (digit: string): ActorId => actorId(digit.repeat(32))
const [FORMER, SELF, PEER, THIRD, WRITER] = ['1', '2', '3', '4', '9'].map(actor) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]
const { rewritePauseMs, standInMs, againMs, againMaxMs } = DEFAULT_SYNC_CONFIG
const REPORT = { outcomes: [], knowledge: [] }

let sync: Sync
let now: number

function setUp(
  knowledge: readonly ActorKnowledge[],
  abandoned: readonly ActorId[] = [],
  remembered: RememberedForks = { forks: [], answered: [] },
): void {
  now = 0
  sync = new Sync({
    self: SELF,
    knowledge,
    abandoned,
    forks: remembered,
    config: DEFAULT_SYNC_CONFIG,
    prng: new Prng(1),
  })
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

function open(peer: ActorId): SyncEffect[] {
  return handle({ kind: 'session-opened', peer })
}

function said<K extends SyncMessage['kind']>(
  effects: readonly SyncEffect[],
  kind: K,
): (SyncMessage & { kind: K; to: readonly ActorId[] })[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const decoded = decodeMessage(effect.bytes)
    assert.ok(decoded.ok)
    return decoded.value.kind === kind
      ? [{ ...(decoded.value as SyncMessage & { kind: K }), to: effect.to }]
      : []
  })
}

function asked<K extends SyncEffect['kind']>(
  effects: readonly SyncEffect[],
  kind: K,
): Extract<SyncEffect, { kind: K }>[] {
  return effects.filter((effect): effect is Extract<SyncEffect, { kind: K }> => effect.kind === kind)
}

function held(of: ActorId, last: number, ts: number): ActorKnowledge {
  const have = [{ first: version(1), last: version(last) }]
  return { actor: of, have, partials: [], head: version(last), headTs: hlc(ts) }
}

function headOf(of: ActorId, v: number, ts: number): Head {
  return { actor: of, version: version(v), ts: hlc(ts) }
}

function heads(...told: readonly Head[]): SyncMessage {
  return { kind: 'heads', heads: told, forks: [], isSettled: true }
}

function forks(of: ActorId, isRepairedHere: boolean): SyncMessage {
  return { kind: 'heads', heads: [], forks: [{ actor: of, isRepairedHere }], isSettled: true }
}

/** Chunk `part` of a version in `parts`. */
function chunk(of: ActorId, v: number, part = 0, parts = 1): Uint8Array {
  const [firstSeq, lastSeq, versionLastSeq] = [seq(part), seq(part), seq(parts - 1)]
  const header = {
    actor: of,
    version: version(v),
    firstSeq,
    lastSeq,
    versionLastSeq,
    ts: hlc(50 + v),
    flags: 0,
  }
  return encodeChangeset(header, Uint8Array.of(part))
}

function batch(request: number, changesets: readonly Uint8Array[], done: boolean): SyncMessage {
  return { kind: 'batch', request, changesets, cleared: [], basis: [], done, rest: [] }
}

describe('what a session begins with', () => {
  beforeEach(() => setUp([held(SELF, 3, 30), held(WRITER, 5, 50)]))

  it('is how far members are known to be, with times', () => {
    const [told] = said(open(PEER), 'heads')
    assert.deepEqual(told?.heads, [headOf(SELF, 3, 30), headOf(WRITER, 5, 50)])
    assert.deepEqual(told?.to, [PEER])
  })

  it('comes again now and then, because two halves of a fork look the same to who compares numbers', () => {
    open(PEER)
    assert.equal(said(wait(2 * DEFAULT_SYNC_CONFIG.headsMs), 'heads').length >= 1, true)
  })
})

describe('the own head', () => {
  beforeEach(() => {
    setUp([held(SELF, 3, 30)])
    open(PEER)
  })

  it('as a peer shows it, is compared by the store; then writes begin', () => {
    const [check] = asked(say(PEER, heads(headOf(SELF, 3, 30))), 'check-own')
    assert.deepEqual([check?.version, check?.ts], [3, 30])
    assert.equal(sync.status().mayWrite, false)
    const answered = handle({ kind: 'own-checked', token: check?.token ?? 0, check: 'same' })
    assert.equal(asked(answered, 'admit-writes').length, 1)
    assert.equal(sync.status().mayWrite, true)
    assert.equal(said(answered, 'heads')[0]?.isSettled, true, 'others may wait for somebody who is')
  })

  it('of another time is a fork: the actor is given up, and others hear of it', () => {
    const [check] = asked(say(PEER, heads(headOf(SELF, 3, 31))), 'check-own')
    const effects = handle({ kind: 'own-checked', token: check?.token ?? 0, check: 'other' })
    assert.deepEqual(asked(effects, 'abandon'), [{ kind: 'abandon', actor: SELF }])
    assert.deepEqual(said(effects, 'heads')[0]?.forks, [{ actor: SELF, isRepairedHere: false }])
    assert.deepEqual(asked(say(PEER, forks(SELF, false)), 'abandon'), [], 'once')
  })

  it('is given up on the word of a peer, and where somebody lives under it', () => {
    assert.deepEqual(asked(say(PEER, forks(SELF, false)), 'abandon'), [{ kind: 'abandon', actor: SELF }])
    setUp([held(SELF, 3, 30)])
    assert.deepEqual(asked(handle({ kind: 'twin-seen' }), 'abandon'), [{ kind: 'abandon', actor: SELF }])
  })

  it('in a summary is looked at, too', () => {
    const summary = {
      kind: 'summary',
      exchange: 7,
      answerWanted: false,
      actors: [held(SELF, 9, 90)],
    } as const
    assert.deepEqual(asked(say(PEER, summary), 'check-own')[0]?.version, 9)
  })
})

describe('the fork of somebody else', () => {
  beforeEach(() => {
    setUp([held(WRITER, 5, 50)])
    open(PEER)
    open(THIRD)
  })

  it('shows in two times of one head, and is told to all', () => {
    assert.deepEqual(said(say(PEER, heads(headOf(WRITER, 5, 50))), 'heads'), [])
    const [told] = said(say(PEER, heads(headOf(WRITER, 5, 51))), 'heads')
    assert.deepEqual(told?.forks, [{ actor: WRITER, isRepairedHere: false }])
    assert.deepEqual(told?.to, [PEER, THIRD])
    assert.equal(sync.status().forks, 1)
  })

  it('makes every peer be asked once for what is held as cleared', () => {
    assert.equal(asked(say(PEER, forks(WRITER, true)), 'list-cleared').length, 1)
    const cleared = [{ actor: FORMER, versions: [{ first: version(1), last: version(4) }] }]
    const requests = said(handle({ kind: 'cleared-listed', cleared }), 'request')
    assert.deepEqual(requests.map(({ to }) => to).sort(), [[PEER], [THIRD]])
    for (const { needs } of requests) assert.deepEqual(needs, [{ kind: 'versions', ...cleared[0] }])
    assert.deepEqual(asked(say(THIRD, forks(WRITER, false)), 'list-cleared'), [], 'once')
  })

  it('is not asked about at full speed where the store cannot list what is cleared', () => {
    assert.equal(asked(say(PEER, forks(WRITER, true)), 'list-cleared').length, 1)
    const failed = handle({ kind: 'cleared-listed', cleared: undefined })
    assert.deepEqual(asked(failed, 'list-cleared'), [])
    assert.equal(asked(wait(DEFAULT_SYNC_CONFIG.retryMs), 'list-cleared').length, 1)
  })

  it('counts where it is found, and not where others tell of it', () => {
    const counted = (effects: readonly SyncEffect[]) =>
      asked(effects, 'count').filter(({ metric }) => metric === 'sync_forks').length
    assert.equal(counted(say(PEER, forks(FORMER, true))), 0)
    assert.equal(counted(say(PEER, heads(headOf(WRITER, 5, 51)))), 1)
  })

  it('is repaired here where nobody does', () => {
    say(PEER, forks(WRITER, false))
    assert.deepEqual(asked(wait(4 * standInMs), 'abandon')[0], { kind: 'abandon', actor: WRITER })
    const effects = handle({ kind: 'abandoned', actor: WRITER })
    assert.deepEqual(said(effects, 'heads')[0]?.forks, [{ actor: WRITER, isRepairedHere: true }])
    assert.equal(asked(wait(rewritePauseMs), 'rewrite').length, 1)
  })
})

describe('an abandoned actor', () => {
  beforeEach(() => setUp([held(FORMER, 3, 30)], [FORMER]))

  it('is asked for of every peer, whatever of it is held', () => {
    const [request] = said(open(PEER), 'request')
    const versions = [{ first: 1, last: VERSIONS_ASKED_MAX }]
    assert.deepEqual(request?.needs, [{ kind: 'versions', actor: FORMER, versions }])
    assert.equal(request?.credits, 1)
  })

  it('answers go to the store as whole versions, one batch at a time, and are asked for again', () => {
    const request = said(open(PEER), 'request')[0]?.request ?? 0
    const first = say(PEER, batch(request, [chunk(FORMER, 3), chunk(FORMER, 2, 1, 2)], false))
    const [apply] = asked(first, 'apply-again')
    assert.equal(apply?.changesets.length, 1, 'half of version 2 waits for the other')
    const credit = said(first, 'credit')
    assert.deepEqual(
      credit.map(({ batches }) => batches),
      [1],
    )
    assert.deepEqual(asked(say(PEER, batch(request, [chunk(FORMER, 2, 0, 2)], true)), 'apply-again'), [])
    const second = asked(
      handle({ kind: 'applied-again', token: apply?.token ?? 0, report: REPORT }),
      'apply-again',
    )
    assert.equal(second[0]?.changesets.length, 2)
    handle({ kind: 'applied-again', token: second[0]?.token ?? 0, report: REPORT })
    assert.equal(said(wait(againMs), 'request').length, 1)
  })

  it('of which a peer has nothing is seldom asked for', () => {
    const request = said(open(PEER), 'request')[0]?.request ?? 0
    say(PEER, batch(request, [], true))
    assert.deepEqual(said(wait(againMaxMs - 1), 'request'), [])
    assert.equal(said(wait(1), 'request').length, 1)
  })

  it('what the store could not take is asked for again', () => {
    const request = said(open(PEER), 'request')[0]?.request ?? 0
    const [apply] = asked(say(PEER, batch(request, [chunk(FORMER, 3)], true)), 'apply-again')
    handle({ kind: 'apply-again-failed', token: apply?.token ?? 0 })
    assert.equal(said(wait(DEFAULT_SYNC_CONFIG.retryMs), 'request').length, 1)
  })

  it('is written anew in slices, and once more when something has come', () => {
    assert.equal(asked(handle({ kind: 'deadline-reached' }), 'rewrite').length, 1)
    assert.deepEqual(asked(wait(10 * rewritePauseMs), 'rewrite'), [], 'one at a time')
    handle({ kind: 'rewritten', isDone: false })
    assert.equal(asked(wait(rewritePauseMs), 'rewrite').length, 1)
    handle({ kind: 'rewritten', isDone: true })
    assert.deepEqual(asked(wait(10 * rewritePauseMs), 'rewrite'), [])
    handle({ kind: 'applied', token: 0, report: REPORT })
    assert.equal(asked(wait(rewritePauseMs), 'rewrite').length, 1)
  })
})

describe('what is remembered of forks', () => {
  const cleared = [{ actor: FORMER, versions: [{ first: version(1), last: version(4) }] }]

  let heard: SyncEffect[]

  beforeEach(() => {
    setUp([held(SELF, 3, 30)])
    for (const peer of [PEER, THIRD]) open(peer)
    wait(5_000)
    heard = say(PEER, forks(WRITER, true))
  })

  it('is the fork at once, and a member once it has answered and the store has taken the answer', () => {
    assert.deepEqual(asked(heard, 'keep-forks'), [{ kind: 'keep-forks', forks: [WRITER], answered: [] }])
    const requests = said(handle({ kind: 'cleared-listed', cleared }), 'request')
    const [toPeer] = requests.filter(({ to }) => to.includes(PEER))
    const answer = say(PEER, batch(toPeer?.request ?? 0, [chunk(FORMER, 2)], true))
    const [apply] = asked(answer, 'apply-again')
    assert.deepEqual(asked(wait(1_500), 'keep-forks'), [], 'the store has not taken it')
    const taken = handle({ kind: 'applied-again', token: apply?.token ?? 0, report: REPORT })
    assert.deepEqual(asked([...taken, ...wait(1_500)], 'keep-forks'), [
      { kind: 'keep-forks', forks: [WRITER], answered: [PEER] },
    ])
  })

  it('is not that a member has answered whose answer could not be applied, or that left things out', () => {
    const requests = said(handle({ kind: 'cleared-listed', cleared }), 'request')
    const numberOf = (peer: ActorId): number =>
      requests.find(({ to }) => to.includes(peer))?.request ?? assert.fail('not asked')
    const [apply] = asked(say(PEER, batch(numberOf(PEER), [chunk(FORMER, 2)], true)), 'apply-again')
    handle({ kind: 'apply-again-failed', token: apply?.token ?? 0 })
    const rest = [{ kind: 'versions' as const, actor: FORMER, versions: cleared[0]?.versions ?? [] }]
    say(THIRD, {
      kind: 'batch',
      request: numberOf(THIRD),
      changesets: [],
      cleared: [],
      basis: [],
      done: true,
      rest,
    })
    for (const { answered } of asked(wait(3_000), 'keep-forks')) assert.deepEqual(answered, [])
  })

  it('spares who has answered after a restart, and nobody else', () => {
    setUp([held(SELF, 3, 30)], [], { forks: [WRITER], answered: [PEER] })
    open(PEER)
    assert.deepEqual(asked(say(PEER, forks(WRITER, true)), 'list-cleared'), [])
    const effects = open(THIRD)
    assert.equal(asked(effects, 'list-cleared').length, 1)
    const requests = said(handle({ kind: 'cleared-listed', cleared }), 'request')
    assert.deepEqual(
      requests.map(({ to }) => to),
      [[THIRD]],
    )
    assert.deepEqual(asked(say(PEER, forks(THIRD, true)), 'list-cleared').length, 1, 'another fork')
  })

  it('counts for nothing where this node has given an actor up since', () => {
    setUp([held(SELF, 3, 30)], [FORMER], { forks: [WRITER], answered: [PEER] })
    assert.equal(asked(open(PEER), 'list-cleared').length, 1)
  })
})

describe('own versions that others have given up', () => {
  const told = (last: number): SyncMessage => {
    const lost = [{ first: version(last), last: version(last) }]
    const entry = { ...held(SELF, 2, 20), headTs: hlc(0), lost }
    return { kind: 'summary', exchange: 1, answerWanted: false, actors: [entry] }
  }

  beforeEach(() => {
    setUp([held(SELF, 3, 30)])
    open(PEER)
  })

  it('prove an old disk where they are beyond the own head', () => {
    const [check] = asked(say(PEER, told(4)), 'check-own')
    assert.deepEqual(check, { kind: 'check-own', token: check?.token, version: 4, ts: 0 })
    const found = handle({ kind: 'own-checked', token: check?.token ?? 0, check: 'beyond' })
    assert.deepEqual(asked(found, 'abandon'), [{ kind: 'abandon', actor: SELF }])
  })

  it('prove nothing where they are held here, and are not given up here', () => {
    const effects = [...say(PEER, told(3)), ...wait(2_000)]
    assert.deepEqual([...asked(effects, 'check-own'), ...asked(effects, 'give-up')], [])
  })
})
