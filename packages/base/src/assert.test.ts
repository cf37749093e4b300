/** Assertions, and the failure that a port's stream throws. */
import assertStrict from 'node:assert/strict'
import test from 'node:test'
import { assert, must, unreachable } from './assert.ts'
import { PortFailure } from './port.ts'

test('a broken assertion throws its sentence; a held one is silent', () => {
  assert(true, 'unused')
  assertStrict.throws(() => assert(false, 'one is two'), /assertion failed: one is two/)
})

test('must gives back what is there, falsy values included', () => {
  assertStrict.deepEqual([must(0, 'n'), must('', 's'), must(false, 'b')], [0, '', false])
  assertStrict.throws(() => must(undefined, 'gone'), /gone/)
  assertStrict.throws(() => must(null, 'gone'), /gone/)
})

test('an unexpected variant names itself', () => {
  assertStrict.throws(() => unreachable({ kind: 'x' } as never), /unexpected variant \{"kind":"x"\}/)
})

test('a port failure carries its error and says it in words', () => {
  const failed = new PortFailure({ kind: 'failed', state: 'unknown', message: 'disk full' })
  assertStrict.equal(failed.message, 'disk full')
  assertStrict.equal(new PortFailure({ kind: 'overloaded', state: 'unchanged' }).message, 'overloaded')
})
