import assert from 'node:assert/strict'
import test from 'node:test'
import { Prng } from '@patina/base'
import { Zipf } from './zipf.ts'

function counts(zipf: Zipf, ranks: number, draws: number): number[] {
  const prng = new Prng(1)
  const found = new Array<number>(ranks).fill(0)
  for (let i = 0; i < draws; i += 1) {
    const rank = zipf.draw(prng)
    found[rank] = (found[rank] ?? Number.NaN) + 1
  }
  return found
}

test('frequencies fall with the rank by the exponent: the slope in a log-log plot is −s', () => {
  const found = counts(new Zipf(1000, 1.1), 1000, 100_000)
  // Between rank 1 and rank 32 the counts are in the thousands, so that the slope is within a few percent.
  const slope = Math.log((found[31] as number) / (found[0] as number)) / Math.log(32)
  assert.ok(Math.abs(slope + 1.1) < 0.07, `slope ${slope}`)
  assert.equal(
    found.reduce((sum, count) => sum + count, 0),
    100_000,
  )
})

test('with exponent 0 all ranks are equally frequent; with one rank there is no choice', () => {
  for (const count of counts(new Zipf(10, 0), 10, 20_000)) assert.ok(Math.abs(count - 2000) < 220, `${count}`)
  assert.equal(new Zipf(1, 1.1).draw(new Prng(3)), 0)
})

test('no ranks, too many ranks and a negative exponent are refused', () => {
  assert.throws(() => new Zipf(0, 1), /not a count/)
  assert.throws(() => new Zipf(2 ** 25, 1), /not a count/)
  assert.throws(() => new Zipf(10, -1), /not an exponent/)
})
