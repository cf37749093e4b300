import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, instant, NEVER, Prng } from '@patina/base'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { FORKS_MAX, KnownForks } from './known-forks.ts'

const actor = (n: number): ActorId => actorId(n.toString(16).padStart(32, '0'))
const [SMALL, SELF, GREAT, PEER] = [actor(1), actor(5), actor(9), actor(7)]
const { standInMs } = DEFAULT_SYNC_CONFIG

function forks(abandoned: readonly ActorId[] = []): KnownForks {
  return new KnownForks(SELF, { abandoned, forks: [] }, DEFAULT_SYNC_CONFIG, new Prng(1))
}

test('a fork is news once, and is told on', () => {
  const subject = forks([SMALL])
  assert.equal(subject.learn(SMALL, instant(0)), false)
  assert.equal(subject.learn(GREAT, instant(0)), true)
  assert.equal(subject.learn(GREAT, instant(1)), false)
  assert.deepEqual(subject.news(), [
    { actor: SMALL, isRepairedHere: true },
    { actor: GREAT, isRepairedHere: false },
  ])
  assert.deepEqual(subject.ours(), [SMALL])
})

test('where nobody repairs, a node does: first those that need no new actor for it', () => {
  const subject = forks()
  subject.learn(SMALL, instant(0))
  subject.learn(GREAT, instant(0))
  assert.deepEqual(subject.unrepaired(instant(standInMs - 1)), [])
  assert.deepEqual(subject.unrepaired(instant(2 * standInMs)), [SMALL])
  assert.deepEqual(subject.unrepaired(instant(3 * standInMs - 1)), [])
  assert.ok(subject.unrepaired(instant(4 * standInMs)).includes(GREAT))
})

test('who repairs, or writes under the actor still, leaves nothing to others while its session stands', () => {
  for (const isHalf of [true, false]) {
    const subject = forks()
    const half = isHalf ? SMALL : PEER
    subject.open(half)
    if (!isHalf) subject.heardRepair(half, SMALL)
    subject.learn(SMALL, instant(0))
    assert.deepEqual(subject.unrepaired(instant(2 * standInMs)), [])
    subject.close(half)
    assert.deepEqual(subject.unrepaired(instant(4 * standInMs)), [SMALL])
  }
})

test('what this node has taken over is its own for good', () => {
  const subject = forks()
  subject.learn(SMALL, instant(0))
  subject.takeOver(SMALL)
  assert.deepEqual(subject.ours(), [SMALL])
  assert.equal(subject.nextDeadline(), NEVER)
})

test('there is a bound; those that are repaired here stay', () => {
  const subject = forks([GREAT])
  for (let n = 0; n < 2 * FORKS_MAX; n += 1) subject.learn(actor(100 + n), instant(n))
  assert.equal(subject.count, FORKS_MAX)
  assert.equal(subject.has(GREAT), true)
})

test('what was known before a restart is no news, and its time to stand in begins anew', () => {
  const subject = new KnownForks(
    SELF,
    { abandoned: [GREAT], forks: [SMALL, GREAT] },
    DEFAULT_SYNC_CONFIG,
    new Prng(1),
  )
  assert.equal(subject.learn(SMALL, instant(0)), false)
  assert.deepEqual([subject.actors().length, subject.ours()], [2, [GREAT]])
  const start = 10 * standInMs
  assert.deepEqual(subject.unrepaired(instant(start)), [])
  assert.deepEqual(subject.unrepaired(instant(start + 2 * standInMs)), [SMALL])
})
