import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walk } from './small-scope.ts'

/** As many versions as a run of a few seconds has time for; `main.ts --length 4` walks on. */
const LENGTH = 3

test(`small scope: every history of ${LENGTH} versions, delivered in every order, is what the oracle says`, () => {
  const { histories } = walk(LENGTH)
  assert.ok(histories > 10_000, `${histories} histories`)
})
