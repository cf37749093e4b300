/** The history's arithmetic against a plain list, and what a client that comes back is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChangeLog } from './change-log.ts'

test('I-LIVE-2: ids are contiguous, and what is kept is bounded by count and bytes', () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }), { maxLength: 20 })
  fc.assert(
    fc.property(batches, (batches) => {
      const log = new ChangeLog({ changesMax: 10, bytesMax: 120 })
      const all: number[] = []
      let lowest = 1
      for (const sizes of batches) {
        all.push(...sizes)
        assert.equal(log.append(sizes), log.lowest)
        assert.equal(log.last, all.length)
        while (all.length - lowest + 1 > 10 || sum(all.slice(lowest - 1)) > 120) lowest += 1
        assert.equal(log.lowest, lowest)
        assert.equal(log.bytes, sum(all.slice(lowest - 1)))
      }
      const reopened = new ChangeLog({ changesMax: 10, bytesMax: 120 }, log.last, all.slice(lowest - 1))
      assert.equal(reopened.lowest, lowest)
    }),
  )
})

test('a client gets what follows, or hears that it is gone, or that it was never there', () => {
  const log = new ChangeLog({ changesMax: 2, bytesMax: 1000 })
  assert.deepEqual(log.resume(0), { kind: 'kept' })
  log.append([1, 1, 1, 1])
  assert.equal(log.lowest, 3)
  assert.deepEqual(log.resume(2), { kind: 'kept' })
  assert.deepEqual(log.resume(4), { kind: 'kept' })
  assert.deepEqual(log.resume(1), { kind: 'purged', lowest: 3 })
  assert.deepEqual(log.resume(5), { kind: 'unknown', last: 4 })
})

test('one change that is larger than the history leaves nothing to resume from', () => {
  const log = new ChangeLog({ changesMax: 10, bytesMax: 10 })
  log.append([11])
  assert.equal(log.lowest, 2)
  assert.deepEqual(log.resume(1), { kind: 'kept' })
  assert.deepEqual(log.resume(0), { kind: 'purged', lowest: 2 })
})

test('more kept changes than were made is a bug', () => {
  assert.throws(() => new ChangeLog({ changesMax: 1, bytesMax: 1 }, 0, [1]))
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
