import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BatchEvent, ChangeBatches } from './change-batches.ts'
import { ProtocolError } from './error.ts'
import type { ChangeEvent } from './event.ts'

function change(changeId: number): ChangeEvent {
  return { kind: 'change', change: 'insert', rowId: changeId, cells: [], changeId }
}

function idsOf(events: readonly BatchEvent[]): number[][] {
  return events.map((event) =>
    event.kind === 'changes' ? event.changes.map(({ changeId }) => changeId) : assert.fail(event.kind),
  )
}

/** Numbers of changes of runs that follow each other. */
const runs = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })

test('I-CLIENT-2: with marks a batch ends where a run ends, through breaks at any change', () => {
  fc.assert(
    fc.property(runs, fc.infiniteStream(fc.nat({ max: 3 })), (sizes, chances) => {
      const ends = sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size))
      const last = ends.at(-1) as number
      const batches = new ChangeBatches()
      const got: number[][] = []
      const chance = (): number => chances.next().value as number
      batches.opened(true)
      for (let id = 1; id <= last; id += 1) {
        got.push(...idsOf(batches.take(change(id))))
        if (ends.includes(id) && chance() !== 0)
          got.push(...idsOf(batches.take({ kind: 'mark', changeId: id })))
        if (chance() === 0) got.push(...idsOf(batches.opened(true)))
      }
      got.push(...idsOf(batches.take({ kind: 'mark', changeId: last })))
      assert.deepEqual(
        got.flat(),
        Array.from({ length: last }, (_, at) => at + 1),
      )
      for (const batch of got) assert.ok(ends.includes(batch.at(-1) as number), `${batch} of ${sizes}`)
      assert.equal(batches.waiting, 0)
    }),
  )
})

test('without marks each change is a batch; a mark that comes all the same is believed', () => {
  const batches = new ChangeBatches()
  assert.deepEqual(batches.opened(false), [])
  assert.deepEqual(idsOf(batches.take(change(1))), [[1]])
  assert.deepEqual(batches.take({ kind: 'mark', changeId: 1 }), [])
  assert.deepEqual(batches.take(change(2)), [])
  assert.deepEqual(batches.take(change(3)), [])
  assert.deepEqual(idsOf(batches.take({ kind: 'mark', changeId: 3 })), [[2, 3]])
})

test('what waits is given out where no mark will come, and is void where a result begins', () => {
  const batches = new ChangeBatches()
  batches.opened(true)
  batches.take(change(1))
  assert.equal(batches.waiting, 1)
  assert.deepEqual(idsOf(batches.opened(false)), [[1]])
  batches.opened(true)
  batches.take(change(2))
  batches.forget()
  assert.deepEqual(batches.take({ kind: 'columns', columns: [] }), [{ kind: 'columns', columns: [] }])
  assert.deepEqual(batches.take({ kind: 'mark', changeId: 2 }), [])
})

test('a batch has a bound', () => {
  const batches = new ChangeBatches(2)
  batches.opened(true)
  batches.take(change(1))
  batches.take(change(2))
  assert.throws(() => batches.take(change(3)), ProtocolError)
})
