import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseWeight } from './json-weight.ts'

test('short texts weigh nothing, whatever is in them', () => {
  assert.equal(refuseWeight('[{},{},[[1,2]]]', true), undefined)
  assert.equal(refuseWeight('['.repeat(1_900_000), true), undefined)
})

test('arrays and objects have a bound, also without a comma; what stands in texts does not count', () => {
  const refused = 'the body has more than 1000000 arrays and objects; split it'
  assert.equal(refuseWeight(`${'['.repeat(1_000_001)}${']'.repeat(1_000_001)}`, false), refused)
  assert.equal(refuseWeight(`[${'{},'.repeat(1_000_000)}{}]`, false), refused)
  assert.equal(refuseWeight(`["${'[{,'.repeat(2_000_000)}"]`, false), undefined)
  assert.equal(refuseWeight(`["${'\\"[,'.repeat(2_000_000)}", "\\\\"]`, false), undefined)
})

test('values have a bound, a lower one where each number is looked at', () => {
  const bytes = (count: number): string => `[${'1,'.repeat(count - 1)}1]`
  assert.equal(refuseWeight(bytes(16_777_216), false), undefined)
  assert.match(refuseWeight(bytes(20_000_001), false) ?? '', /more than 20000000 values/)
  assert.match(refuseWeight(bytes(4_000_001), true) ?? '', /more than 4000000 values/)
  assert.equal(refuseWeight(bytes(3_999_999), true), undefined)
})

test('a text that does not end is counted to its end', () => {
  assert.equal(refuseWeight(`["${'[,'.repeat(2_000_000)}`, false), undefined)
})
