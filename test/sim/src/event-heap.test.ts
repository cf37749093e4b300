import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventHeap, RANK, type Rank } from './event-heap.ts'

const rank = fc.constantFrom<Rank>(RANK.input, RANK.step, RANK.deadline)

test('items come by time, then rank, then order of pushing', () => {
  const entries = fc.array(fc.record({ at: fc.nat(20), rank }))
  fc.assert(
    fc.property(entries, (pushed) => {
      const heap = new EventHeap<number>()
      pushed.forEach((entry, i) => {
        heap.push(entry.at, entry.rank, i)
      })
      const taken: number[] = []
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) taken.push(item)
      const sorted = pushed
        .map((entry, i) => ({ ...entry, i }))
        .sort((a, b) => a.at - b.at || a.rank - b.rank || a.i - b.i)
      assert.deepEqual(
        taken,
        sorted.map(({ i }) => i),
      )
    }),
  )
})

test('pushing and taking may alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9))), (steps) => {
      const heap = new EventHeap<number>()
      let model: number[] = []
      for (const step of steps) {
        if (step === null) {
          model = model.sort((a, b) => a - b)
          assert.equal(heap.pop(), model.shift())
        } else {
          heap.push(step, RANK.input, step)
          model.push(step)
        }
        assert.equal(heap.size, model.length)
        assert.equal(heap.nextAt(), Math.min(...model, Number.POSITIVE_INFINITY))
      }
    }),
  )
})
