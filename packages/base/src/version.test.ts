/** Versions and seqs: safe integers, versions from 1 and seqs from 0, asserted at the edge. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { isSeq, isVersion, nextVersion, seq, version } from './version.ts'

test('versions begin at 1, seqs at 0, and both end at the greatest safe integer', () => {
  assert.deepEqual([0, 1, Number.MAX_SAFE_INTEGER, 2 ** 53, 1.5, Number.NaN, -1].map(isVersion), [
    false,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  assert.deepEqual([-1, 0, 2 ** 53, 0.5].map(isSeq), [false, true, false, false])
  assert.throws(() => version(0), /not a version/)
  assert.throws(() => seq(-1), /not a seq/)
})

test('the version after none is 1; after the last safe integer there is none', () => {
  assert.equal(nextVersion(0), 1)
  assert.equal(nextVersion(version(41)), 42)
  assert.throws(() => nextVersion(version(Number.MAX_SAFE_INTEGER)), /not a version/)
})
