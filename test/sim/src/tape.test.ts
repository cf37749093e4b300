import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FleetEvent } from './fleet-event.ts'
import { addressOf } from './host.ts'
import { Tape } from './tape.ts'

test('what some send is kept while it is recorded, and bounded', () => {
  const tape = new Tape()
  const event: FleetEvent = { kind: 'datagram-received', from: addressOf(1), bytes: new Uint8Array(1) }
  tape.record([1, 2], 100)
  tape.sent({ from: 1, to: 5, event }, 50)
  tape.sent({ from: 3, to: 5, event }, 50)
  tape.sent({ from: 2, to: 5, event }, 100)
  assert.deepEqual(tape.of(new Set([1, 2, 3])), [{ from: 1, to: 5, event }])
  assert.deepEqual(tape.of(new Set([2])), [])
  for (let i = 0; i < 30_000; i += 1) tape.sent({ from: 2, to: 5, event }, 50)
  assert.equal(tape.of(new Set([2])).length, 20_000 - 1)
})
