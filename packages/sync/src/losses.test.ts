import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  hlc,
  instant,
  type Range,
  type Version,
  version,
} from '@patina/base'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { Outbox, type SyncEffect } from './effect.ts'
import { Knowledge } from './knowledge.ts'
import { Losses } from './losses.ts'

const [SELF, GONE] = ['1', '9'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]
const { applyRetryMs } = DEFAULT_SYNC_CONFIG

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

function told(actor: ActorId, ...lost: Range<Version>[]): ActorKnowledge {
  return { actor, have: [], partials: [], head: version(9), headTs: hlc(9), lost }
}

function rig(): { readonly losses: Losses; readonly pump: (ms: number) => SyncEffect[] } {
  const known = { ...told(GONE, range(5, 5)), have: [range(1, 2)] }
  const losses = new Losses(SELF, DEFAULT_SYNC_CONFIG, new Knowledge([known]))
  const pump = (ms: number): SyncEffect[] => {
    const out = new Outbox()
    losses.pump(instant(ms), out)
    return out.take()
  }
  return { losses, pump }
}

test('what peers have given up goes to the store: less what is held, known or own, one question at a time', () => {
  const { losses, pump } = rig()
  losses.told([told(GONE, range(1, 7)), told(SELF, range(3, 3))])
  assert.deepEqual(pump(0), [
    { kind: 'give-up', token: 1, lost: [{ actor: GONE, versions: [range(3, 4), range(6, 7)] }] },
  ])
  losses.told([told(GONE, range(8, 8))])
  assert.deepEqual(pump(1), [])
  losses.ended(1, 'taken', instant(2))
  assert.deepEqual(pump(2), [{ kind: 'give-up', token: 2, lost: [{ actor: GONE, versions: [range(8, 8)] }] }])
})

test('what is held or known already is no question, and what nobody tells is none', () => {
  const { losses, pump } = rig()
  losses.told([told(GONE, range(1, 2), range(5, 5)), told(SELF, range(1, 9)), told(GONE)])
  assert.deepEqual(pump(0), [])
})

test('a store that failed is asked after a pause, when a peer tells of it again', () => {
  const { losses, pump } = rig()
  losses.told([told(GONE, range(3, 3))])
  pump(0)
  losses.ended(7, 'failed', instant(1))
  losses.ended(1, 'failed', instant(1))
  losses.told([told(GONE, range(3, 3))])
  assert.deepEqual(pump(applyRetryMs), [])
  assert.equal(losses.nextDeadline(), applyRetryMs + 1)
  assert.equal(pump(applyRetryMs + 1).length, 1)
})
