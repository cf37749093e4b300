import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, actorId, instant } from '@patina/base'
import { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { DEFAULT_SYNC_CONFIG } from './config.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId, ActorId]
const LIMITS = {
  antiEntropyBytesPerSecond: 20_000,
  antiEntropyPeerBytesPerSecond: 10_000,
  comparisonBytesPerSecond: 1_000,
  questionBytesMin: 100,
}

function budget(): AntiEntropyBudget {
  return new AntiEntropyBudget({ ...DEFAULT_SYNC_CONFIG, ...LIMITS })
}

describe('the budget of anti-entropy', () => {
  it('of a peer is spent by what it is given, and comes back with time', () => {
    const given = budget()
    assert.equal(given.retryMs(A, 'request', instant(0)), 0)
    given.spend(A, 'request', 15_000, instant(0))
    assert.equal(given.retryMs(A, 'request', instant(0)), 501)
    assert.equal(given.retryMs(B, 'request', instant(0)), 0, 'others have their own')
    assert.ok(given.opensAt(A, 'request', instant(0)) <= 501)
    assert.equal(given.retryMs(A, 'request', instant(501)), 0)
  })

  it('of all together holds back whoever asks next', () => {
    const given = budget()
    given.spend(A, 'request', 9_000, instant(0))
    given.spend(B, 'request', 12_000, instant(0))
    assert.ok(given.retryMs(C, 'request', instant(0)) > 0)
    assert.equal(given.retryMs(C, 'comparison', instant(0)), 0, 'gaps are found meanwhile')
  })

  it('counts something for each question, however short its answer', () => {
    const given = budget()
    for (let i = 0; i < 11; i += 1) given.spend(A, 'comparison', 0, instant(0))
    assert.equal(given.retryMs(B, 'comparison', instant(0)), 101)
  })
})
