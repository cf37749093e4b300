/** BoundedQueue against an array that is cut to the capacity by hand. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BoundedQueue, type DropPolicy } from './bounded-queue.ts'

const steps: fc.Arbitrary<('push' | 'shift')[]> = fc.array(fc.constantFrom('push', 'push', 'shift'), {
  maxLength: 120,
})
const policy: fc.Arbitrary<DropPolicy> = fc.constantFrom('oldest', 'newest')

/** What the contract says a push does to an array. */
function pushModel(model: number[], item: number, capacity: number, drop: DropPolicy): number | undefined {
  if (model.length < capacity) {
    model.push(item)
    return undefined
  }
  if (drop === 'newest') return item
  model.push(item)
  return model.shift()
}

test('any history of pushes and shifts goes as with an array, drops included', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), policy, steps, (capacity, drop, history) => {
      const queue = new BoundedQueue<number>(capacity, drop)
      const model: number[] = []
      history.forEach((step, item) => {
        if (step === 'push') assert.equal(queue.push(item), pushModel(model, item, capacity, drop))
        else assert.equal(queue.shift(), model.shift())
        assert.equal(queue.size, model.length)
        assert.equal(queue.peek(), model[0])
        assert.ok(queue.size <= queue.capacity)
      })
      while (model.length > 0) assert.equal(queue.shift(), model.shift())
      assert.equal(queue.shift(), undefined)
    }),
  )
})

test('a queue that grows while its oldest item is not the first of the ring keeps the order', () => {
  const queue = new BoundedQueue<number>(100, 'oldest')
  for (let item = 0; item < 16; item += 1) queue.push(item)
  for (let item = 0; item < 5; item += 1) queue.shift()
  for (let item = 16; item < 60; item += 1) queue.push(item)
  const drained = Array.from({ length: queue.size }, () => queue.shift())
  assert.deepEqual(
    drained,
    Array.from({ length: 55 }, (_, at) => at + 5),
  )
})

test('a capacity below one is a bug of the caller', () => {
  assert.throws(() => new BoundedQueue(0, 'oldest'), /not a capacity/)
  assert.throws(() => new BoundedQueue(1.5, 'oldest'), /not a capacity/)
  assert.throws(() => new BoundedQueue(Number.NaN, 'newest'), /not a capacity/)
})
