import assert from 'node:assert/strict'
import test from 'node:test'
import { instant, NEVER } from '@patina/base'
import fc from 'fast-check'
import { Deadlines } from './deadlines.ts'

test('timers come in order of time, and of setting where times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const deadlines = new Deadlines<number>()
      times.forEach((at, i) => {
        deadlines.set(instant(at), i)
      })
      const taken: number[] = []
      for (
        let timer = deadlines.takeDue(instant(20));
        timer !== undefined;
        timer = deadlines.takeDue(instant(20))
      )
        taken.push(timer)
      const expected = times.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at || a.i - b.i)
      assert.deepEqual(
        taken,
        expected.map(({ i }) => i),
      )
      assert.equal(deadlines.size(), 0)
    }),
  )
})

test('a timer is not taken before its time', () => {
  const deadlines = new Deadlines<string>()
  assert.equal(deadlines.next(), NEVER)
  deadlines.set(instant(10), 'a')
  assert.equal(deadlines.next(), 10)
  assert.equal(deadlines.takeDue(instant(9.9)), undefined)
  assert.equal(deadlines.takeDue(instant(10)), 'a')
})

test('a shift moves all and keeps their order', () => {
  const deadlines = new Deadlines<string>()
  deadlines.set(instant(10), 'a')
  deadlines.set(instant(5), 'b')
  deadlines.shift(100)
  assert.equal(deadlines.next(), 105)
  assert.equal(deadlines.takeDue(instant(104)), undefined)
  assert.equal(deadlines.takeDue(instant(110)), 'b')
  assert.equal(deadlines.takeDue(instant(110)), 'a')
})

test('clear leaves nothing', () => {
  const deadlines = new Deadlines<string>()
  deadlines.set(instant(10), 'a')
  deadlines.clear()
  assert.equal(deadlines.takeDue(NEVER), undefined)
})
