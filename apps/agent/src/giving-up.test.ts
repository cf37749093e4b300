import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ActorId,
  actorId,
  err,
  ok,
  type PortError,
  type Range,
  type Version,
  version,
} from '@patina/base'
import type { MissingVersions } from '@patina/sync'
import { GivingUp, type GivingUpParts } from './giving-up.ts'

const [SELF, GONE, STRANGER] = ['1', '2', '3'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
]
const LOST: PortError = { kind: 'lost', state: 'unknown', reason: 'it ended' }

/** Of GONE: 2 to 4 and 7 are missing, 7 is held elsewhere, 9 is given up. */
const MISSING: MissingVersions = {
  actor: GONE,
  head: version(9),
  versions: [range(2, 4), range(7, 7)],
  heldByOthers: [range(7, 7)],
  unobtainable: [],
  lost: [range(9, 9)],
}

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

function rig(parts: Partial<GivingUpParts> = {}): { readonly givingUp: GivingUp; readonly said: unknown[] } {
  const said: unknown[] = []
  const givingUp = new GivingUp({
    missing: () => [MISSING],
    isLiving: (actor) => actor === SELF,
    record: async (actor, versions) => {
      said.push(['record', actor, versions])
      return ok([])
    },
    recorded: () => said.push('recorded'),
    log: { warn: () => said.push('warn') } as unknown as GivingUpParts['log'],
    ...parts,
  })
  return { givingUp, said }
}

test('all that is missing and that nobody else holds is recorded, and the machine hears of it', async () => {
  const { givingUp, said } = rig()
  assert.deepEqual(await givingUp.giveUp(GONE), { kind: 'done', versions: [range(2, 4)] })
  assert.deepEqual(said, [['record', GONE, [range(2, 4)]], 'recorded', 'warn'])
})

test('some of it; what was given up before is not said again', async () => {
  const { givingUp, said } = rig()
  assert.deepEqual(await givingUp.giveUp(GONE, [range(3, 3), range(9, 9)]), {
    kind: 'done',
    versions: [range(3, 3)],
  })
  assert.deepEqual(await givingUp.giveUp(GONE, [range(9, 9)]), { kind: 'done', versions: [] })
  assert.deepEqual(await givingUp.giveUp(STRANGER), { kind: 'done', versions: [] })
  assert.equal(said.length, 3)
})

test('what somebody has, or nobody has heard of, is refused, and so is whoever lives', async () => {
  const { givingUp, said } = rig()
  const refusals = [
    [SELF, undefined, 'alive'],
    [GONE, [range(3, 3), range(7, 7)], 'held'],
    [GONE, [range(1, 2)], 'not-missing'],
    [GONE, [range(2, 100)], 'not-missing'],
    [STRANGER, [range(1, 1)], 'not-missing'],
  ] as const
  for (const [actor, versions, code] of refusals) {
    const outcome = await givingUp.giveUp(actor, versions)
    assert.equal(outcome.kind === 'refused' && outcome.code, code)
  }
  assert.deepEqual(said, [])
})

test('a store that does not answer: nothing is told', async () => {
  const { givingUp, said } = rig({ record: async () => err(LOST) })
  assert.equal((await givingUp.giveUp(GONE)).kind, 'failed')
  assert.deepEqual(said, [])
})
