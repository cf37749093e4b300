/** How old a view is: what heads prove, and what they do not. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type ActorId, actorId, hlc, instant, NEVER, type Version, version } from '@patina/base'
import fc from 'fast-check'
import { decodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { Outbox } from './effect.ts'
import { Freshness } from './freshness.ts'
import { Knowledge } from './knowledge.ts'

const [SELF, A, B] = ['0', 'a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId, ActorId]

let knowledge: Knowledge
let freshness: Freshness

function hold(actor: ActorId, ...versions: number[]): void {
  const have = versions.map((v) => ({ first: version(v), last: version(v) }))
  knowledge.replace({ actor, have, partials: [], head: have.at(-1)?.last ?? 0, headTs: hlc(0) })
  freshness.knowledgeChanged()
}

/** A head that answers what was sent at this moment, without any delay. */
function hear(actor: ActorId, head: number, ms: number): void {
  const out = new Outbox()
  freshness.open(actor, instant(ms), out)
  tell(actor, { head, sent: 1, answers: 1 }, ms)
}

function tell(
  actor: ActorId,
  { head, sent, answers }: { head: number; sent: number; answers: number },
  ms: number,
): string[] {
  const out = new Outbox()
  freshness.heard(actor, { kind: 'pulse', version: head as Version | 0, sent, answers }, instant(ms), out)
  return shown(out)
}

/** Pulses as `lane peer: version sent/answers`. */
function shown(out: Outbox): string[] {
  return out.take().flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const message = decodeMessage(effect.bytes)
    assert.ok(message.ok && message.value.kind === 'pulse')
    const { version, sent, answers } = message.value
    return [`${effect.lane} ${effect.to.map((actor) => actor[0]).join('')}: ${version} ${sent}/${answers}`]
  })
}

function age(actor: ActorId, ms: number): number | undefined {
  return freshness.ageMs(actor, instant(ms))
}

beforeEach(() => {
  knowledge = new Knowledge([])
  freshness = new Freshness(SELF, DEFAULT_SYNC_CONFIG, knowledge)
})

describe('a view', () => {
  it('is as old as the last word of a peer, however long ago that has written', () => {
    assert.equal(age(A, 5), undefined, 'nothing was heard')
    hear(A, 0, 10)
    assert.equal(age(A, 15), 5)
    hold(A, 1)
    hear(A, 1, 1_000)
    assert.equal(age(A, 60_000), 59_000)
    assert.equal(age(SELF, 60_000), 0)
  })

  it('is not renewed by a head that is not held, or by a hole below it', () => {
    hear(A, 0, 0)
    hear(A, 3, 100)
    assert.equal(age(A, 200), 200)
    hold(A, 1, 3)
    assert.equal(age(A, 200), 200)
    hold(A, 1, 2, 3)
    assert.equal(age(A, 200), 100, 'as of when it was told')
  })

  it('goes on under constant writes: each head proves as much as is held', () => {
    hear(A, 0, 0)
    for (let v = 1; v <= 50; v += 1) {
      hear(A, v, 10 * v)
      hold(A, ...Array.from({ length: v - 1 }, (_, i) => i + 1))
      assert.ok((age(A, 10 * v) ?? 1e9) <= 20, `version ${v}: ${age(A, 10 * v)} ms`)
    }
  })

  it('is older by the time that the machine has slept', () => {
    hear(A, 0, 0)
    hear(B, 0, 0)
    hear(B, 1, 100)
    hear(B, 2, 200)
    freshness.paused(60_000)
    assert.equal(age(A, 300), 60_300)
    hold(B, 1)
    assert.equal(age(B, 300), 60_200)
    hold(B, 1, 2)
    assert.equal(age(B, 300), 60_100)
  })

  it('is never newer than the newest head that is held, nor older than the one before what is lacking', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('written' as const) }),
      fc.record({ kind: fc.constant('told' as const) }),
      fc.record({ kind: fc.constant('applied' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        knowledge = new Knowledge([])
        freshness = new Freshness(SELF, DEFAULT_SYNC_CONFIG, knowledge)
        const told: { head: number; at: number }[] = []
        let [head, held, now] = [0, 0, 0]
        for (const { kind } of steps) {
          now += 1
          if (kind === 'written') head += 1
          if (kind === 'told') {
            hear(A, head, now)
            told.push({ head, at: now })
          }
          if (kind === 'applied' && held < head) {
            held += 1
            hold(A, ...Array.from({ length: held }, (_, i) => i + 1))
          }
          const proof = told.filter((each) => each.head <= held).at(-1)
          const completeAt = proof === undefined ? undefined : now - proof.at
          const shown = age(A, now)
          if (completeAt === undefined) assert.equal(shown, undefined)
          // Two of the heads that are lacking are kept, so it may be older than could be proven, and is never newer.
          else assert.ok(shown !== undefined && shown >= completeAt)
          if (held === head && proof !== undefined) assert.equal(shown, completeAt)
        }
      }),
    )
  })
})

describe('lag', () => {
  it('counts what is known of and not held, of everybody heard of', () => {
    hold(A, 1, 3, 4)
    hear(A, 6, 0)
    hear(B, 2, 50)
    knowledge.addCommit(SELF, version(1), hlc(1))
    const lag = freshness
      .lag(instant(60))
      .map(({ actor, version, behind, ageMs }) => [actor[0], version, behind, ageMs])
    assert.deepEqual(lag, [
      ['0', 1, 0, 0],
      ['a', 6, 3, undefined],
      ['b', 2, 2, undefined],
    ])
  })
})

describe('pulses', () => {
  const after = (act: (out: Outbox) => void): string[] => {
    const out = new Outbox()
    act(out)
    return shown(out)
  }

  it('are told to each new session at once, in answer to its first, then to all each second', () => {
    assert.equal(freshness.nextDeadline(), NEVER)
    assert.deepEqual(
      after((out) => freshness.open(A, instant(0), out)),
      ['fresh a: 0 1/0'],
    )
    assert.deepEqual(tell(A, { head: 0, sent: 1, answers: 0 }, 10), ['fresh a: 0 2/1'])
    assert.deepEqual(tell(A, { head: 0, sent: 2, answers: 1 }, 20), [], 'that would never end')
    knowledge.addCommit(SELF, version(7), hlc(1))
    assert.deepEqual(
      after((out) => freshness.open(B, instant(400), out)),
      ['fresh b: 7 1/0'],
    )
    assert.equal(freshness.nextDeadline(), 1_000)
    assert.deepEqual(
      after((out) => freshness.pump(instant(1_000), out)),
      ['fresh a: 7 3/2', 'fresh b: 7 2/0'],
    )
    freshness.close(A)
    freshness.close(B)
    assert.equal(freshness.nextDeadline(), NEVER)
  })

  it('prove what was when the message left that they answer, however long they were on their way', () => {
    freshness.open(A, instant(0), new Outbox())
    for (const ms of [1_000, 2_000]) freshness.pump(instant(ms), new Outbox())
    assert.deepEqual(tell(A, { head: 4, sent: 1, answers: 0 }, 2_100).length, 1)
    assert.equal(age(A, 2_100), undefined, 'it may have lain in a buffer for an hour')
    assert.equal(freshness.lag(instant(2_100))[0]?.version, 4)
    hold(A, 1, 2, 3, 4)
    tell(A, { head: 4, sent: 2, answers: 2 }, 60_000)
    assert.equal(age(A, 60_000), 59_000)
    tell(A, { head: 4, sent: 3, answers: 99 }, 60_000)
    assert.equal(age(A, 60_000), 59_000, 'a number that was never sent proves nothing')
  })

  it('are told more rarely to many: five leave in a second at most', () => {
    for (let n = 1; n <= 50; n += 1)
      freshness.open(actorId(n.toString(16).padStart(32, '0')), instant(0), new Outbox())
    assert.equal(freshness.periodMs(), 10_000)
  })
})
