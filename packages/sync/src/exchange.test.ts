/** Two ends of an exchange that hand each other their messages: what is told of which actors, and what the peer is taken to know. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, type ActorKnowledge, actorId, hlc, instant, Prng, version } from '@patina/base'
import { Answers } from './answer.ts'
import { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { bucketOf } from './buckets.ts'
import { decodeMessage } from './codec.ts'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { Outbox } from './effect.ts'
import { Exchanges } from './exchange.ts'
import { Knowledge } from './knowledge.ts'
import type { SummaryMessage, SyncMessage } from './message.ts'
import { Telling } from './telling.ts'

const [A, B] = ['a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]
const NOW = instant(1_000)

function actor(n: number): ActorId {
  return actorId(n.toString(16).padStart(32, '0'))
}

function held(n: number, last = 9): ActorKnowledge {
  const have = [{ first: version(1), last: version(last) }]
  return { actor: actor(n), have, partials: [], head: version(last), headTs: hlc(1) }
}

function many(count: number): ActorKnowledge[] {
  return Array.from({ length: count }, (_, n) => held(n))
}

/** One end; its peer is the other. */
class End {
  readonly knowledge: Knowledge
  readonly exchanges: Exchanges
  readonly answers: Answers
  readonly #peer: ActorId

  constructor(self: ActorId, peer: ActorId, knowledge: readonly ActorKnowledge[]) {
    this.knowledge = new Knowledge(knowledge)
    const [config, prng] = [DEFAULT_SYNC_CONFIG, new Prng(1)]
    const shared = { config, knowledge: this.knowledge, telling: new Telling(this.knowledge, prng) }
    this.exchanges = new Exchanges({ ...shared, self, prng })
    this.answers = new Answers({ ...shared, budget: new AntiEntropyBudget(config) })
    this.#peer = peer
  }

  open(): SyncMessage[] {
    this.answers.open(this.#peer)
    return sent((out) => this.exchanges.open(this.#peer, NOW, out))
  }

  /** The answer, and what the peer is taken to know. */
  hear(message: SyncMessage): { told: unknown; answer: SyncMessage | undefined } {
    let told: unknown
    const answers = sent((out) => {
      if (message.kind === 'digest') told = this.answers.digest(this.#peer, message, NOW, out)
      if (message.kind === 'buckets') told = this.exchanges.buckets(this.#peer, message, NOW, out)
      if (message.kind === 'summary') told = this.#hearSummary(message, out)
    })
    assert.ok(answers.length <= 1)
    return { told, answer: answers[0] }
  }

  #hearSummary(message: SummaryMessage, out: Outbox): unknown {
    const { exchange, scope, answerWanted } = message
    return scope !== undefined && answerWanted
      ? this.answers.narrowed(this.#peer, exchange, scope, out)
      : this.exchanges.summary(this.#peer, message, NOW, out)
  }
}

function sent(act: (out: Outbox) => void): SyncMessage[] {
  const out = new Outbox()
  act(out)
  return out.take().flatMap((effect) => {
    if (effect.kind !== 'send-message') return []
    const decoded = decodeMessage(effect.bytes)
    assert.ok(decoded.ok)
    return [decoded.value]
  })
}

function as<K extends SyncMessage['kind']>(
  kind: K,
  message: SyncMessage | undefined,
): SyncMessage & { kind: K } {
  assert.equal(message?.kind, kind)
  return message as SyncMessage & { kind: K }
}

function pair(
  a: readonly ActorKnowledge[],
  b: readonly ActorKnowledge[],
): { a: End; b: End; digest: SyncMessage } {
  const ends = { a: new End(A, B, a), b: new End(B, A, b) }
  ends.b.open()
  const [digest] = ends.a.open()
  return { ...ends, digest: as('digest', digest) }
}

function idsOf(entries: unknown): ActorId[] {
  return (entries as ActorKnowledge[]).map((entry) => entry.actor).sort()
}

describe('an exchange of long summaries', () => {
  it('tells of the buckets that differ and of no others, in both directions', () => {
    const changed = [3, 700, 2_000]
    const theirs = many(3_000).map((entry, n) => (changed.includes(n) ? held(n, 12) : entry))
    const { a, b, digest } = pair(many(3_000), theirs)
    const buckets = as('buckets', b.hear(digest).answer)
    const asking = a.hear(buckets)
    const summary = as('summary', asking.answer)
    const wanted = new Set(changed.map((n) => bucketOf(actor(n))))
    const inScope = many(3_000).filter((entry) => wanted.has(bucketOf(entry.actor)))
    assert.ok(summary.answerWanted && inScope.length < 60)
    assert.deepEqual(idsOf(summary.actors), idsOf(inScope))
    assert.deepEqual(idsOf(asking.told), idsOf(many(3_000)), 'the rest it holds anyhow')
    const answered = b.hear(summary)
    const answer = as('summary', answered.answer)
    assert.ok(!answer.answerWanted)
    assert.deepEqual(idsOf(answer.actors), idsOf(inScope))
    assert.deepEqual(idsOf(answered.told), idsOf(many(3_000)))
    assert.equal(a.hear(answer).answer, undefined, 'nobody answers an answer')
  })

  it('is not narrowed where the peer does not understand it, or where a summary is no longer than the buckets', () => {
    const long = pair(many(300), many(301))
    assert.equal(
      long.b.hear({ ...as('digest', long.digest), understandsBuckets: false }).answer?.kind,
      'summary',
    )
    const short = pair(many(90), many(91))
    const summary = as('summary', short.b.hear(short.digest).answer)
    assert.equal(summary.scope, undefined)
    assert.equal(summary.actors.length, 91)
  })

  it('takes nothing as told of what has come outside the scope since the buckets were made', () => {
    const { a, b, digest } = pair(many(300), many(301))
    const buckets = as('buckets', b.hear(digest).answer)
    const summary = as('summary', a.hear(buckets).answer)
    const outside = many(300).find((entry) => bucketOf(entry.actor) !== bucketOf(actor(300)))
    assert.ok(outside !== undefined)
    b.knowledge.replace({ ...outside, have: [{ first: version(1), last: version(20) }] })
    const { told } = b.hear(summary)
    const toldOf = (told as ActorKnowledge[]).find((entry) => entry.actor === outside.actor)
    assert.deepEqual(toldOf?.have, outside.have)
  })

  it('of nodes that became equal meanwhile ends with the buckets', () => {
    const { a, b, digest } = pair(many(300), many(301))
    const buckets = as('buckets', b.hear(digest).answer)
    a.knowledge.replace(held(300))
    assert.deepEqual(a.hear(buckets), { told: 'equal', answer: undefined })
  })

  it('is answered once, and never to an older question', () => {
    const { a, b, digest } = pair(many(300), many(301))
    const buckets = as('buckets', b.hear(digest).answer)
    const summary = as('summary', a.hear(buckets).answer)
    assert.deepEqual(a.hear(buckets), { told: 'stale', answer: undefined })
    assert.equal(b.hear({ ...summary, exchange: summary.exchange + 1 }).answer, undefined)
    assert.equal(b.hear(summary).answer?.kind, 'summary')
    assert.equal(b.hear(summary).answer, undefined)
  })

  it('whose answer is lost is given up, and begun anew', () => {
    const { a, b, digest } = pair(many(300), many(301))
    a.hear(as('buckets', b.hear(digest).answer))
    const { exchangeTimeoutMs, retryMs } = DEFAULT_SYNC_CONFIG
    assert.ok(a.exchanges.nextDeadline() <= NOW + exchangeTimeoutMs)
    const late = instant(NOW + exchangeTimeoutMs)
    assert.deepEqual(
      sent((out) => a.exchanges.pump(late, out)),
      [],
    )
    const again = sent((out) => a.exchanges.pump(instant(late + retryMs), out))
    as('digest', again[0])
  })
})
