/** Who waits for copies elsewhere, and who tells of them: each alone, by hand. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type ActorId, actorId, hlc, type Instant, instant, NEVER, version } from '@patina/base'
import { Awaited } from './awaited.ts'
import { decodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG, limits } from './config.ts'
import { Copies } from './copies.ts'
import { Outbox, type SyncEffect } from './effect.ts'
import { Knowledge } from './knowledge.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId, ActorId]

/** Messages as `kind to versions`, and other effects by kind. */
function shown(out: Outbox): string[] {
  return out.take().map((effect: SyncEffect) => {
    if (effect.kind === 'copies-counted') return `counted ${effect.token}: ${effect.copies} ${effect.reached}`
    if (effect.kind !== 'send-message') return effect.kind
    const message = decodeMessage(effect.bytes)
    assert.ok(message.ok && (message.value.kind === 'await' || message.value.kind === 'held'))
    return `${message.value.kind} ${effect.to.map((actor) => actor[0]).join('')} ${message.value.versions.join(',')}`
  })
}

describe('a wait for copies', () => {
  let copies: Copies
  const with_ = (act: (out: Outbox) => void, ms = 0): string[] => {
    const out = new Outbox()
    act(out)
    copies.pump(instant(ms), out)
    return shown(out)
  }
  const begin = (token: number, v: number, wanted: number, out: Outbox): void =>
    copies.begin(
      { kind: 'await-copies', token, version: version(v), copies: wanted, timeoutMs: 5_000 },
      instant(0),
      out,
    )

  beforeEach(() => {
    copies = new Copies(DEFAULT_SYNC_CONFIG)
    for (const peer of [A, B]) copies.open(peer, new Outbox())
  })

  it('asks every session, those of one call together, and ends when so many members have told', () => {
    const asked = with_((out) => {
      begin(1, 8, 2, out)
      begin(2, 7, 1, out)
    })
    assert.deepEqual(asked, ['await ab 7,8'])
    assert.deepEqual(
      with_(() => copies.heldBy(A, [version(7), version(8)])),
      ['counted 2: 1 true'],
    )
    assert.deepEqual(
      with_(() => copies.heldBy(A, [version(8)])),
      [],
      'a member counts once',
    )
    copies.close(A)
    assert.deepEqual(
      with_(() => copies.heldBy(B, [version(8)])),
      ['counted 1: 2 true'],
      'what was said stays said',
    )
    assert.equal(copies.nextDeadline(), NEVER)
  })

  it('asks again each second, asks who comes later, and ends with what is there when its time is over', () => {
    with_((out) => begin(1, 8, 2, out))
    assert.deepEqual(
      with_((out) => copies.open(C, out)),
      ['await c 8'],
    )
    assert.equal(copies.nextDeadline(), 1_000)
    assert.deepEqual(
      with_(() => {}, 1_000),
      ['await abc 8'],
    )
    copies.heldBy(C, [version(8)])
    assert.deepEqual(
      with_(() => {}, 5_000),
      ['await abc 8', 'counted 1: 1 false'],
    )
    assert.deepEqual(
      with_(() => {}, 9_000),
      [],
    )
  })

  it('above the bound ends at once', () => {
    const many = with_((out) => {
      for (let token = 0; token <= limits.waitsMax; token += 1) begin(token, 1, 1, out)
    })
    assert.deepEqual(many, [`counted ${limits.waitsMax}: 0 false`, 'await ab 1'])
  })
})

describe('what peers wait for', () => {
  let knowledge: Knowledge
  let awaited: Awaited
  const pump = (ms = 0): string[] => {
    const out = new Outbox()
    awaited.pump(instant(ms), out)
    return shown(out)
  }
  const durable = (token: number): string[] => {
    const out = new Outbox()
    awaited.durable(token, out)
    return shown(out)
  }
  const hold = (actor: ActorId, last: number): void =>
    knowledge.replace({
      actor,
      have: [{ first: version(1), last: version(last) }],
      partials: [],
      head: version(last),
      headTs: hlc(0),
    })
  const now = (ms: number): Instant => instant(ms)

  beforeEach(() => {
    knowledge = new Knowledge([])
    awaited = new Awaited(DEFAULT_SYNC_CONFIG, knowledge)
  })

  it('is told when it is held and durable, and not before; all that came meanwhile in one question', () => {
    awaited.add(A, [version(1), version(2)])
    assert.deepEqual(pump(), [])
    hold(A, 1)
    assert.deepEqual(pump(), ['make-durable'])
    hold(A, 2)
    hold(B, 5)
    awaited.add(B, [version(5)])
    assert.deepEqual(pump(), [], 'one question at a time')
    assert.deepEqual(durable(1), ['held a 1'], 'version 2 came after the question')
    assert.deepEqual(pump(), ['make-durable'])
    assert.deepEqual(durable(1), [], 'an answer of the past')
    assert.deepEqual(durable(2), ['held a 2', 'held b 5'])
    assert.deepEqual(pump(), [])
  })

  it('is asked for again after a failure', () => {
    awaited.add(A, [version(1)])
    hold(A, 1)
    pump()
    awaited.failed(1, now(0))
    assert.deepEqual(pump(), [])
    assert.deepEqual(pump(awaited.nextDeadline()), ['make-durable'])
    assert.deepEqual(durable(2), ['held a 1'])
  })

  it('is forgotten with its session', () => {
    awaited.add(A, [version(1)])
    hold(A, 1)
    pump()
    awaited.close(A)
    assert.deepEqual(durable(1), [])
    assert.deepEqual(pump(), [])
  })

  it('has a bound for each peer: the oldest are forgotten', () => {
    const many = Array.from({ length: limits.awaitedMax + 2 }, (_, i) => version(i + 1))
    awaited.add(A, many.slice(0, 500))
    awaited.add(A, many.slice(500))
    hold(A, 3)
    pump()
    assert.deepEqual(durable(1), ['held a 3'])
  })
})
