import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseAction } from './actions.ts'
import { UsageError } from './refusal.ts'

test('the first word names the action; none, and one that is no action of the command, are refused', () => {
  const actions = { one: 1, two: 2 }
  const choose = (...positionals: string[]): unknown => chooseAction('do', actions, { positionals })
  assert.deepEqual(choose('two', 'a', 'b'), { what: 'two', action: 2, words: ['a', 'b'] })
  assert.throws(() => choose(), new UsageError('what to do is missing: one, two'))
  assert.throws(() => choose('constructor'), new UsageError('unknown: do constructor; there is: one, two'))
})
