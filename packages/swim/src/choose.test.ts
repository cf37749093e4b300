import assert from 'node:assert/strict'
import test from 'node:test'
import { Prng } from '@patina/base'
import { chooseSome } from './choose.ts'

const HUNDREDS = Array.from({ length: 500 }, (_, i) => i)

test('distinct, accepted, and as many as there are', () => {
  const prng = new Prng(1)
  for (let i = 0; i < 200; i += 1) {
    const chosen = chooseSome(prng, HUNDREDS, 3, (n) => n % 4 === 0)
    assert.equal(new Set(chosen).size, chosen.length)
    assert.ok(chosen.length >= 2 && chosen.every((n) => n % 4 === 0))
  }
  assert.equal(chooseSome(prng, [1, 2, 3], 5, (n) => n !== 2).length, 2)
  assert.deepEqual(
    chooseSome(prng, [], 3, () => true),
    [],
  )
})

test('everybody is as likely as everybody else', () => {
  const prng = new Prng(2)
  const counts = new Array<number>(500).fill(0)
  for (let i = 0; i < 20_000; i += 1)
    for (const n of chooseSome(prng, HUNDREDS, 3, () => true)) counts[n] = (counts[n] ?? 0) + 1
  assert.ok(Math.min(...counts) > 70 && Math.max(...counts) < 180)
})
