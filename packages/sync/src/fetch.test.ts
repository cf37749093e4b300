/** How often Fetches looks at all that is in flight; what it asks of whom is in sync.test.ts. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { type ActorId, actorId, encodeChangeset, hlc, instant, seq, version } from '@patina/base'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { Outbox } from './effect.ts'
import { Fetches } from './fetch.ts'
import { Intake } from './intake.ts'
import { Knowledge } from './knowledge.ts'

const [SELF, PEER, OTHER, WRITER] = ['a', 'b', 'c', 'd'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]
const IN_FLIGHT = 50

let intake: Intake
let fetches: Fetches
let looks: number
let now: number

beforeEach(() => {
  now = 10_000
  looks = 0
  const knowledge = new Knowledge([])
  intake = new Intake(SELF, DEFAULT_SYNC_CONFIG, knowledge)
  const expected = intake.expected.bind(intake)
  intake.expected = () => {
    looks += 1
    return expected()
  }
  fetches = new Fetches(SELF, DEFAULT_SYNC_CONFIG, knowledge, intake)
  for (const peer of [PEER, OTHER]) fetches.open(peer, instant(0))
})

function changeset(v: number): Uint8Array {
  const [first, last] = [seq(0), seq(0)]
  const header = { actor: WRITER, version: version(v), firstSeq: first, lastSeq: last, versionLastSeq: last }
  return encodeChangeset({ ...header, ts: hlc(1), flags: 0 }, new Uint8Array(10))
}

function offer(from: ActorId, versions: number): void {
  const range = { first: version(1), last: version(versions) }
  const actor = { actor: WRITER, have: [range], partials: [], head: range.last, headTs: hlc(1) }
  fetches.offer(from, [actor], instant(now))
}

/** Requests that are sent so much later; by default after the pause that follows an offer. */
function requests(laterMs = 10_000): number {
  now += laterMs
  const out = new Outbox()
  fetches.pump(instant(now), out)
  return out.take().filter(({ kind }) => kind === 'send-message').length
}

describe('what is offered and in flight', () => {
  beforeEach(() => {
    for (let v = 1; v <= IN_FLIGHT; v += 1) intake.take(changeset(v), 'fresh', new Outbox())
    offer(PEER, IN_FLIGHT)
    assert.equal(requests(), 0)
    looks = 0
  })

  it('is not looked at again for each event', () => {
    for (let event = 0; event < 100; event += 1) assert.equal(requests(), 0)
    assert.equal(looks, 0)
  })

  it('is asked for when it gets lost', () => {
    const out = new Outbox()
    intake.pump(instant(now), out)
    intake.fail(1, instant(now))
    assert.equal(intake.takeLoss(), true)
    fetches.askAgain()
    assert.equal(requests(), 1)
  })

  it('is looked at with the next summary, which may offer more', () => {
    offer(OTHER, IN_FLIGHT + 1)
    assert.equal(requests(), 1)
  })

  it('is asked from another when who was asked has gone', () => {
    offer(PEER, IN_FLIGHT + 1)
    offer(OTHER, IN_FLIGHT + 1)
    assert.equal(requests(), 1)
    assert.equal(requests(1), 0)
    fetches.close(PEER)
    assert.equal(requests(1), 1)
  })
})
