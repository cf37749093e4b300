import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import fc from 'fast-check'
import type { Convergence } from './checkers/convergence.ts'
import { Distribution } from './distribution.ts'
import { Table } from './table.ts'
import { judgeTogether, lateAtMost, readTogether, type Together, togetherText } from './together.ts'

const CRITERION: Together = { measure: 'kill', moment: 'suspected', withinMs: 4_000, lateShare: 0.04 }

function measured(name: string, suspected: readonly number[]): Convergence {
  const none = new Distribution([])
  const members = suspected.map((ms) => ({ suspected: ms, told: 0 }))
  return { name, settledMs: none, suspectedMs: none, wrong: 0, members }
}

test('all seeds count as one, and what was never seen is late', () => {
  const runs = [
    [measured('kill', [1_000, 5_000]), measured('other', [9_000])],
    [measured('kill', [Infinity])],
  ]
  const [verdict] = judgeTogether([CRITERION], runs)
  assert.ok(verdict !== undefined)
  assert.deepEqual([verdict.measured, verdict.late, verdict.lateMax, verdict.holds], [3, 2, 2, true])
  assert.equal(
    togetherText(verdict),
    'ok: all seeds together: kill, suspected after 4000 ms: 2 of 3 (0.1 calculated, up to 2 by chance)',
  )
  const more = [...runs, [measured('kill', [8_000, 8_000])]]
  assert.equal(judgeTogether([CRITERION], more)[0]?.holds, false)
  assert.equal(judgeTogether([CRITERION], [])[0]?.holds, false, 'nothing measured proves nothing')
})

test('the bound is that of the binomial distribution', () => {
  // By the tables: of 10 with 0.1, more than 5 with 0.00015, more than 4 with 0.0016.
  assert.equal(lateAtMost(10, 0.1), 5)
  assert.equal(lateAtMost(0, 0.1), 0)
  assert.equal(lateAtMost(5, 1 - 1e-9), 5)
  // Far below what a number can hold at its first term.
  const most = lateAtMost(20_000, 0.5)
  assert.ok(Math.abs(most - (10_000 + 3.09 * Math.sqrt(5_000))) < 3, `${most}`)
})

test('a sound machine is called slow about once in a thousand, a slower one most of the time', () => {
  const prng = new Prng(1)
  const share = (lateShare: number): number => {
    let red = 0
    for (let i = 0; i < 400; i += 1) {
      let late = 0
      for (let victim = 0; victim < 480; victim += 1) late += Number(prng.chance(lateShare * 1e6, 1e6))
      red += Number(late > lateAtMost(480, 0.25))
    }
    return red / 400
  }
  assert.ok(share(0.25) <= 0.01)
  assert.ok(share(0.35) >= 0.85)
})

test('more that are measured, and a greater share, allow more that are late', () => {
  const share = fc.double({ min: 0.001, max: 0.9, noNaN: true })
  fc.assert(
    fc.property(fc.nat(300), share, (count, lateShare) => {
      const most = lateAtMost(count, lateShare)
      assert.ok(most <= count && most >= Math.floor(count * lateShare) - 1)
      assert.ok(lateAtMost(count + 1, lateShare) >= most)
      assert.ok(lateAtMost(count, Math.min(0.95, lateShare + 0.05)) >= most)
    }),
  )
})

test('a file says it in four keys', () => {
  const read = (values: object): Together => readTogether(new Table('X', values))
  const written = { measure: 'kill', moment: 'told', within_ms: 11_000, late_share: 0.018 }
  assert.deepEqual(read(written), { measure: 'kill', moment: 'told', withinMs: 11_000, lateShare: 0.018 })
  assert.throws(() => read({ ...written, late_share: 0 }), /late_share 0 is a criterion of each run/)
  assert.throws(() => read({ ...written, late: 1 }), /"late" is not known here/)
})
