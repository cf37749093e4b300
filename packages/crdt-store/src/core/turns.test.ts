import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '@patina/base'
import fc from 'fast-check'
import { MAINTENANCE_WAIT_MS, REMOTE_WAIT_MS, Turns, type WorkClass } from './turns.ts'

const ALL = { local: true, remote: true, maintenance: true }
const NONE = { local: false, remote: false, maintenance: false }

test('local writes go before changesets of others, and both before maintenance', () => {
  const turns = new Turns()
  assert.equal(turns.next(instant(0), ALL), 'local')
  assert.equal(turns.next(instant(1), { ...ALL, local: false }), 'remote')
  assert.equal(turns.next(instant(2), { ...NONE, maintenance: true }), 'maintenance')
  assert.equal(turns.next(instant(3), NONE), undefined)
})

test('who has waited as long as its bound says has one turn, then waits anew', () => {
  const turns = new Turns()
  turns.next(instant(0), ALL)
  assert.equal(turns.next(instant(REMOTE_WAIT_MS - 1), ALL), 'local')
  assert.equal(turns.next(instant(REMOTE_WAIT_MS), ALL), 'remote')
  assert.equal(turns.next(instant(REMOTE_WAIT_MS), ALL), 'local')
  assert.equal(turns.next(instant(MAINTENANCE_WAIT_MS), ALL), 'maintenance')
  assert.equal(turns.next(instant(MAINTENANCE_WAIT_MS), ALL), 'remote')
})

test('a class that had nothing to do in between has not waited', () => {
  const turns = new Turns()
  turns.next(instant(0), ALL)
  turns.next(instant(5), { ...NONE, local: true })
  assert.equal(turns.next(instant(100), ALL), 'local')
})

test('whatever comes, no class waits longer than its bound and one piece of each other class', () => {
  const mostly = fc.nat(9).map((n) => n > 0)
  const piece = fc.record({ local: mostly, remote: mostly, maintenance: mostly, ms: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const turns = new Turns()
      const waits: Record<WorkClass, number | undefined> = {
        local: undefined,
        remote: undefined,
        maintenance: undefined,
      }
      const bounds = { local: 0, remote: REMOTE_WAIT_MS, maintenance: MAINTENANCE_WAIT_MS }
      let now = 0
      for (const { ms, ...waiting } of pieces) {
        for (const kind of ['local', 'remote', 'maintenance'] as const)
          waits[kind] = waiting[kind] ? (waits[kind] ?? now) : undefined
        const turn = turns.next(instant(now), waiting)
        assert.equal(turn === undefined, !Object.values(waiting).includes(true), 'work waits for nothing')
        if (turn !== undefined) {
          assert.ok(waiting[turn])
          assert.ok(now - (waits[turn] as number) <= bounds[turn] + 3 * 40, `${turn} waited`)
          waits[turn] = undefined
        }
        now += ms
      }
    }),
  )
})
