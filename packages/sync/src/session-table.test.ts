import assert from 'node:assert/strict'
import { it } from 'node:test'
import { COMPARE, FETCH, SERVE } from './session-table.ts'

it('answers to older questions change nothing, in any state', () => {
  for (const [state, row] of Object.entries(COMPARE))
    assert.deepEqual(row.stale, { next: state, action: 'ignore' })
  for (const [state, row] of Object.entries(FETCH))
    assert.deepEqual(row.stale, { next: state, action: 'ignore' })
})

it('who is idle ignores all but a beginning', () => {
  for (const [table, beginning] of [
    [COMPARE, 'due'],
    [FETCH, 'needed'],
    [SERVE, 'requested'],
  ] as const)
    for (const [event, { next, action }] of Object.entries(table.idle))
      assert.equal(action === 'ignore' && next === 'idle', event !== beginning, event)
})

it('every state but idle ends when its deadline comes', () => {
  assert.equal(COMPARE.comparing.expired.next, 'idle')
  assert.equal(FETCH.asking.expired.next, 'idle')
  for (const state of ['reading', 'paused'] as const) assert.equal(SERVE[state].expired.next, 'idle')
})
