import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, instant } from '@patina/base'
import fc from 'fast-check'
import { ByteBudget, OriginBudgets } from './byte-budget.ts'

test('whoever sends when it may never sends more than the rate, a burst and one message', () => {
  const steps = fc.array(fc.record({ ms: fc.nat(500), bytes: fc.nat(300) }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (walk) => {
      const budget = new ByteBudget(1_000)
      let [now, sent] = [0, 0]
      for (const { ms, bytes } of walk) {
        now += ms
        if (budget.opensAt(instant(now)) > now) continue
        budget.spend(bytes, instant(now))
        sent += bytes
        assert.ok(sent <= now + 1_000 + 300, `${sent} bytes in ${now} ms`)
      }
    }),
  )
})

test('it opens when it says so', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 1, max: 10 ** 9 }), (rate, bytes) => {
      const budget = new ByteBudget(rate)
      budget.spend(bytes, instant(7))
      const at = budget.opensAt(instant(7))
      assert.ok(budget.left(at) > 0)
      assert.equal(at > 7, bytes >= rate)
    }),
  )
})

test('origins have a budget each, and the one that was silent for longest is forgotten', () => {
  const budgets = new OriginBudgets(100, 2)
  const [a, b, c] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [never, never, never]
  const now = instant(0)
  budgets.of(a).spend(150, now)
  assert.equal(budgets.of(b).left(now), 100)
  assert.equal(budgets.of(a).left(now), -50)
  budgets.of(c)
  assert.equal(budgets.of(a).left(now), -50, 'it was used after b')
})

test('at another rate a debt stays and is paid at the new pace, and a burst is as large as the new one', () => {
  const budget = new ByteBudget(1_000)
  budget.spend(3_000, instant(0))
  budget.change(10_000, instant(0))
  assert.equal(budget.left(instant(0)), -2_000)
  assert.equal(budget.left(instant(200)), 0)
  budget.change(100, instant(5_000))
  assert.equal(budget.left(instant(5_000)), 100)
  const origins = new OriginBudgets(1_000, 2)
  const [known, later] = ['a', 'b'].map((digit) => origins.of(actorId(digit.repeat(32))))
  origins.change(50, instant(0))
  assert.deepEqual([known?.left(instant(0)), later?.left(instant(0))], [50, 50])
  assert.equal(origins.of(actorId('c'.repeat(32))).left(instant(0)), 50)
})
