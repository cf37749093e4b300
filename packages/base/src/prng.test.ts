/** Prng against a second implementation in BigInt, which is itself checked against the authors' published numbers. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Prng } from './prng.ts'

const MASK = 0xffff_ffffn

/** xoshiro128** 1.1 as its paper states it, without regard to speed. */
function* xoshiro128StarStar(seed: readonly bigint[]): Generator<number> {
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & MASK
  let [a, b, c, d] = seed as [bigint, bigint, bigint, bigint]
  for (;;) {
    yield Number((rotate((b * 5n) & MASK, 7n) * 9n) & MASK)
    const t = (b << 9n) & MASK
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotate(d, 11n)
  }
}

function splitmix32(seed: number): bigint[] {
  const words: bigint[] = []
  for (let x = BigInt(seed); words.length < 4; ) {
    x = (x + 0x9e37_79b9n) & MASK
    let z = ((x ^ (x >> 16n)) * 0x21f0_aaadn) & MASK
    z = ((z ^ (z >> 15n)) * 0x735a_2d97n) & MASK
    words.push(z ^ (z >> 15n))
  }
  return words
}

function take(numbers: Generator<number>, count: number): number[] {
  return Array.from({ length: count }, () => numbers.next().value)
}

test('the second implementation gives the published numbers of xoshiro128** for the state 1, 2, 3, 4', () => {
  assert.deepEqual(
    take(xoshiro128StarStar([1n, 2n, 3n, 4n]), 10),
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  )
})

test('a generator gives xoshiro128** seeded by splitmix32, for any seed', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), (seed) => {
      const prng = new Prng(seed)
      const drawn = Array.from({ length: 20 }, () => prng.u32())
      assert.deepEqual(drawn, take(xoshiro128StarStar(splitmix32(seed)), 20))
    }),
  )
})

test('below and between reach both ends, never leave them, and are roughly uniform', () => {
  const prng = new Prng(1)
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 20_000; i += 1) {
    const drawn = prng.below(10)
    counts[drawn] = (counts[drawn] as number) + 1
  }
  for (const count of counts)
    assert.ok(Math.abs(count - 2000) < 5 * Math.sqrt(2000), `far from uniform: ${counts}`)
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.nat(1000), fc.nat(1000), (seed, a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)]
      const n = new Prng(seed).between(first, last)
      assert.ok(Number.isInteger(n) && n >= first && n <= last)
    }),
  )
  // Of 3·2^30 values a bare remainder would draw the first third twice as often.
  const low = Array.from({ length: 3000 }, () => prng.below(3 * 2 ** 30)).filter((n) => n < 2 ** 30).length
  assert.ok(Math.abs(low - 1000) < 150, `${low} of 3,000 in the lowest third`)
  assert.ok(new Prng(3).below(2 ** 32) >= 0)
  assert.equal(new Prng(3).below(1), 0)
  assert.throws(() => prng.below(0), /not a bound/)
  assert.throws(() => prng.below(2 ** 32 + 1), /not a bound/)
})

test('chance comes true as often as it says', () => {
  const prng = new Prng(5)
  let hits = 0
  for (let i = 0; i < 10_000; i += 1) if (prng.chance(3, 10)) hits += 1
  assert.ok(Math.abs(hits - 3000) < 250, `${hits} of 10,000`)
  assert.equal(prng.chance(0, 10), false)
  assert.equal(prng.chance(10, 10), true)
})

test('every item is picked, and from none nothing can be', () => {
  const prng = new Prng(5)
  const picked = new Set(Array.from({ length: 100 }, () => prng.pick(['a', 'b', 'c'])))
  assert.deepEqual([...picked].sort(), ['a', 'b', 'c'])
  assert.throws(() => prng.pick([]), /not a bound/)
})

test('shuffle is a permutation in place; every order of three items comes up', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.integer()), (seed, items) => {
      const shuffled = [...items]
      assert.equal(new Prng(seed).shuffle(shuffled), shuffled)
      assert.deepEqual(shuffled.toSorted(), items.toSorted())
    }),
  )
  const prng = new Prng(7)
  const orders = new Map<string, number>()
  for (let i = 0; i < 6000; i += 1) {
    const order = prng.shuffle(['a', 'b', 'c']).join('')
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  assert.equal(orders.size, 6)
  for (const count of orders.values()) assert.ok(Math.abs(count - 1000) < 160, `${[...orders.values()]}`)
})

test('a sample is distinct items of the input, as many as there are at most', () => {
  fc.assert(
    fc.property(fc.nat(), fc.uniqueArray(fc.integer()), fc.nat(20), (seed, items, count) => {
      const before = [...items]
      const sample = new Prng(seed).sample(items, count)
      assert.equal(sample.length, Math.min(count, items.length))
      assert.equal(new Set(sample).size, sample.length)
      assert.ok(sample.every((item) => items.includes(item)))
      assert.deepEqual(items, before)
    }),
  )
})

test('a fork goes its own way and shifts its parent by one draw only', () => {
  const [parent, twin] = [new Prng(9), new Prng(9)]
  const child = parent.fork()
  for (let i = 0; i < 5; i += 1) child.u32()
  twin.u32()
  assert.equal(parent.u32(), twin.u32())
  assert.notEqual(child.u32(), parent.u32())
})
