import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryOnStores } from './on-stores.ts'
import { histories, walk } from './small-scope.ts'

/** As many versions as a run of a few seconds has time for; `main.ts --length 4` walks on. */
const LENGTH = 3

/** Real stores take one history of so many; a prime, so that the part is not of one kind. */
const PART = 61

test(`T-F1: small scope: every history of ${LENGTH} versions, delivered in every order, is what the oracle says`, () => {
  const { histories } = walk(LENGTH)
  assert.ok(histories > 10_000, `${histories} histories`)
})

test('small scope: every history of 2 versions, and a part of those of 3, in every order on real stores', () => {
  assert.ok(tryOnStores(histories(2)) > 900)
  assert.ok(tryOnStores(everyNth(histories(3), PART)) > 2000)
})

function* everyNth<T>(items: Iterable<T>, n: number): Generator<T> {
  let i = 0
  for (const item of items) {
    if (i % n === 0) yield item
    i += 1
  }
}
