import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenPromise } from './console-lines.ts'

const BLOCK = 'log(a) // → { a: 1, took: … }\nlog(b) // a remark\nlog(c) // → 4,10\n'

test('promises are found in order', () => {
  assert.equal(brokenPromise(BLOCK, '{\n  a: 1,\n  took: 0.2\n}\n5\n4,10\n'), undefined)
  assert.equal(brokenPromise(BLOCK, '4,10\n{ a: 1, took: 0.2 }\n'), '4,10')
  assert.equal(brokenPromise(BLOCK, '{ a: 2, took: 0.2 }\n4,10\n'), '{ a: 1, took: … }')
})

test('a block without promises keeps them', () => {
  assert.equal(brokenPromise('log(1) // prints one', ''), undefined)
})
