import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, err, hlc, ok, type PortError, type Result, version } from '@patina/base'
import { pino } from 'pino'
import { ForkRepair } from './fork-repair.ts'
import type { StoreChild } from './store-child.ts'

const [SELF, OTHER, NEXT] = ['1', '2', '3'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
]
const LOST: PortError = { kind: 'lost', state: 'unknown', reason: 'gone' }

/** The store child alone is a double: each answer of it is one of a port, and a lost process cannot be had at will. */
function repair(...answers: readonly Result<unknown, PortError>[]): {
  readonly forks: ForkRepair
  readonly log: { renewed: ActorId | undefined; admitted: number; asked: string[] }
} {
  const left = [...answers]
  const log = { renewed: undefined as ActorId | undefined, admitted: 0, asked: [] as string[] }
  const store = {
    forks: async (kind: string) => {
      log.asked.push(kind)
      return left.shift() ?? err(LOST)
    },
    admitWrites: () => {
      log.admitted += 1
    },
  } as unknown as Pick<StoreChild, 'forks' | 'admitWrites'>
  const forks = new ForkRepair({
    store,
    timeoutMs: 50,
    log: pino({ enabled: false }),
    rareLog: { tell: () => {} },
    renewed: (actor) => {
      log.renewed = actor
    },
  })
  return { forks, log }
}

test('each question has its answer, and one where the store has none', async () => {
  const check = { kind: 'check-own', token: 4, version: version(2), ts: hlc(7) } as const
  const same = { kind: 'own-checked', token: 4, check: 'same' } as const
  assert.deepEqual(await repair(ok('same')).forks.answer(SELF, check), same)
  assert.deepEqual(await repair(err(LOST)).forks.answer(SELF, check), { ...same, check: 'unknown' })

  const rewrite = { kind: 'rewrite' } as const
  assert.deepEqual(await repair(ok({ isDone: true })).forks.answer(SELF, rewrite), {
    kind: 'rewritten',
    isDone: true,
  })
  assert.deepEqual(await repair(err(LOST)).forks.answer(SELF, rewrite), { kind: 'rewritten', isDone: false })

  const list = { kind: 'list-cleared' } as const
  assert.deepEqual(await repair(ok([])).forks.answer(SELF, list), { kind: 'cleared-listed', cleared: [] })
  assert.deepEqual(await repair(err(LOST)).forks.answer(SELF, list), {
    kind: 'cleared-listed',
    cleared: undefined,
  })

  const again = { kind: 'apply-again', token: 5, changesets: [] } as const
  const report = { outcomes: [], knowledge: [] }
  assert.deepEqual(await repair(ok(report)).forks.answer(SELF, again), {
    kind: 'applied-again',
    token: 5,
    report,
  })
  assert.deepEqual(await repair(err(LOST)).forks.answer(SELF, again), {
    kind: 'apply-again-failed',
    token: 5,
  })
})

test('writes are admitted', async () => {
  const { forks, log } = repair()
  assert.equal(await forks.answer(SELF, { kind: 'admit-writes' }), undefined)
  assert.equal(log.admitted, 1)
})

test('another actor is given up without a change here; where our own changes, the agent begins anew', async () => {
  const stays = repair(ok({ self: SELF }))
  assert.deepEqual(await stays.forks.answer(SELF, { kind: 'abandon', actor: OTHER }), {
    kind: 'abandoned',
    actor: OTHER,
  })
  assert.equal(stays.log.renewed, undefined)

  const changes = repair(err(LOST), ok({ self: NEXT }))
  assert.equal(await changes.forks.answer(SELF, { kind: 'abandon', actor: SELF }), undefined)
  assert.equal(changes.log.renewed, NEXT)
  assert.deepEqual(changes.log.asked, ['abandon', 'abandon'], 'it is asked until it has done it')
})

test('an agent that stops asks no more, whatever the store did not do', async () => {
  const { forks, log } = repair()
  const answer = forks.answer(SELF, { kind: 'abandon', actor: SELF })
  forks.stop()
  assert.equal(await answer, undefined)
  assert.deepEqual([log.asked, log.renewed], [['abandon'], undefined])
})
