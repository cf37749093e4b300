/** The buffer of one listener: order, bound, lag, end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Subscriber } from './subscriber.ts'
import type { ErrorForm } from './wire.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function subscriberOf(bufferBytesMax: number, from?: number, errors: ErrorForm = 'coded'): Subscriber {
  return new Subscriber({ bufferBytesMax, from, errors, marks: false })
}

function pushChange(subscriber: Subscriber, line: string, changeId: number, lowestKept: number): boolean {
  return subscriber.pushRun({ lines: [bytes(line)], firstChangeId: changeId, mark: bytes('m\n') }, lowestKept)
}

function text(taken: Uint8Array | 'wait' | 'end'): string {
  return typeof taken === 'string' ? taken : new TextDecoder().decode(taken)
}

test('I-LIVE-3: lines come out in order, each once, in chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40_000 }), { maxLength: 20 }), fc.nat(), (sizes, seed) => {
      const subscriber = subscriberOf(1 << 24)
      let expected = ''
      let got = ''
      for (const [i, size] of sizes.entries()) {
        const line = `${i}:${'x'.repeat(size)}\n`
        expected += line
        if (i % 3 === 0) subscriber.pushShared(bytes(line), undefined)
        else assert.equal(pushChange(subscriber, line, i, 1), true)
        if ((seed + i) % 4 === 0) got += text(subscriber.take())
      }
      subscriber.end()
      for (let taken = text(subscriber.take()); taken !== 'end'; taken = text(subscriber.take())) got += taken
      assert.equal(got, expected)
      assert.equal(subscriber.heldBytes, 0)
    }),
    { numRuns: 30 },
  )
})

test('waits, wakes and ends', () => {
  const subscriber = subscriberOf(100, 0)
  let woken = 0
  subscriber.onReady(() => {
    woken += 1
  })
  assert.equal(subscriber.take(), 'wait')
  pushChange(subscriber, 'a\n', 1, 1)
  subscriber.fail({ message: 'over', code: 'x' })
  subscriber.fail({ message: 'never told' })
  assert.equal(woken >= 2, true)
  assert.equal(pushChange(subscriber, 'b\n', 2, 1), false)
  assert.equal(text(subscriber.take()), 'a\n{"error":"over","code":"x"}\n')
  assert.equal(subscriber.take(), 'end')
})

test('a run comes out in one piece, with its mark for who wants it; one wake is enough', () => {
  for (const marks of [false, true]) {
    const subscriber = new Subscriber({ bufferBytesMax: 100, from: 4, errors: 'coded', marks })
    const taken: string[] = []
    subscriber.onReady(() => taken.push(text(subscriber.take())))
    subscriber.pushRun({ lines: [bytes('a\n'), bytes('b\n')], firstChangeId: 5, mark: bytes('m\n') }, 1)
    assert.deepEqual(taken, [marks ? 'a\nb\nm\n' : 'a\nb\n'])
  }
})

test('a mark counts, so that what waits has its bound', () => {
  const subscriber = new Subscriber({ bufferBytesMax: 6, from: 4, errors: 'coded', marks: true })
  assert.equal(pushChange(subscriber, '12\n', 5, 1), true)
  assert.equal(pushChange(subscriber, '\n', 6, 1), false)
  assert.match(text(subscriber.take()), /"last_change_id":4/)
})

test('a listener that falls behind hears it, and from where to resume', () => {
  const subscriber = subscriberOf(10, 4)
  assert.equal(pushChange(subscriber, '12345\n', 5, 1), true)
  assert.equal(text(subscriber.take()), '12345\n')
  assert.equal(pushChange(subscriber, '123456789\n', 6, 1), true)
  assert.equal(pushChange(subscriber, '1\n', 7, 1), false)
  const line = JSON.parse(text(subscriber.take())) as { code: string; last_change_id: number; error: string }
  assert.equal(line.code, 'lagged')
  assert.equal(line.last_change_id, 5)
  assert.match(line.error, /after change 5; resume/)
  assert.equal(subscriber.take(), 'end')
  assert.equal(subscriber.heldBytes, 0)
})

test('one whose changes are gone is told to subscribe again; a plain error has one key', () => {
  const subscriber = subscriberOf(10, 4, 'plain')
  assert.equal(pushChange(subscriber, 'x'.repeat(11), 8, 7), false)
  const line = JSON.parse(text(subscriber.take())) as Record<string, string>
  assert.deepEqual(Object.keys(line), ['error'])
  assert.match(line.error ?? '', /^lagged: .* after change 4, .* subscribe again$/)
})

test('one that lags before its rows were complete has nothing to resume from', () => {
  const subscriber = subscriberOf(10)
  subscriber.pushShared(bytes('x'.repeat(100_000)), undefined)
  subscriber.pushShared(bytes('eoq\n'), 3)
  subscriber.take()
  assert.equal(pushChange(subscriber, 'x'.repeat(11), 4, 1), false)
  assert.match(text(subscriber.take()), /"last_change_id":null/)
})

test('shared lines count as held and not against the buffer; one that has gone holds nothing', () => {
  const subscriber = subscriberOf(10)
  subscriber.pushShared(bytes('x'.repeat(50)), undefined)
  assert.equal(pushChange(subscriber, '12345678\n', 1, 1), true)
  assert.equal(subscriber.heldBytes, 59)
  subscriber.abandon()
  assert.equal(subscriber.heldBytes, 0)
  assert.equal(subscriber.take(), 'end')
})
