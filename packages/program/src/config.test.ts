import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, ok } from '@patina/base'
import { ConfigError, type EffectiveValues, parseConfigText } from './config.ts'
import type { KeySpec } from './config-values.ts'

/** The agent's table tests the other kinds (apps/agent/src/config.test.ts). */
const KEYS: readonly KeySpec[] = [
  { name: 'listen', kind: 'address', fallback: '[::1]:1', meaning: 'an address' },
  { name: 'share', kind: 'number', fallback: 0.5, min: 0, max: 1, meaning: 'a part of one' },
  {
    name: 'word.even',
    kind: 'checked',
    check: (raw) =>
      typeof raw === 'string' && raw.length % 2 === 0 ? ok(raw.toUpperCase()) : err('must be an even word'),
    meaning: 'a word with a check of its own',
  },
  {
    name: 'item',
    kind: 'checked',
    check: (raw) => {
      if (!Array.isArray(raw)) return err('must be [[item]]')
      const problems = raw.flatMap(({ n }, at) => (n < 5 ? [] : [{ key: `${at}.n`, problem: 'is too much' }]))
      return problems.length === 0 ? ok(raw.length) : err(problems)
    },
    meaning: 'tables, counted',
  },
]

function read(text: string, environment: NodeJS.ProcessEnv = {}): EffectiveValues {
  return parseConfigText(text, 'a.toml', environment, { keys: KEYS, environmentPrefix: 'SAMPLE' })
}

function problemsOf(text: string, environment?: NodeJS.ProcessEnv): readonly string[] {
  try {
    read(text, environment)
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems
    throw cause
  }
  assert.fail('accepted')
}

test('a number may have decimals, and has bounds', () => {
  assert.equal(read('share = 0.25').get('share')?.value, 0.25)
  assert.deepEqual(problemsOf('share = 1.5'), ['a.toml:1: share must be from 0 to 1, not 1.5'])
  assert.deepEqual(problemsOf('share = nan'), ['a.toml:1: share must be a number, not null'])
})

test('a key with a check of its own: the value that it makes, or its words with file and line', () => {
  assert.equal(read('[word]\neven = "ab"').get('word.even')?.value, 'AB')
  assert.deepEqual(problemsOf('[word]\neven = "abc"'), ['a.toml:2: word.even must be an even word'])
  assert.equal(read('').has('word.even'), false)
})

test('a check of an array of tables tells each problem with the line of its own key', () => {
  assert.deepEqual(read('[[item]]\nn = 1').get('item'), { value: 1, source: 'a.toml:1' })
  assert.deepEqual(problemsOf('share = 1\n[[item]]\nn = 1\n[[item]]\n\nn = 7\n[[item]]\nn = 8'), [
    'a.toml:6: item.1.n is too much',
    'a.toml:8: item.2.n is too much',
  ])
  assert.deepEqual(problemsOf('', { SAMPLE__ITEM: '[{ n = 9 }]' }), [
    'environment SAMPLE__ITEM: item.0.n is too much',
  ])
})

test("only the program's own environment overrides", () => {
  const values = read('share = 0.25', { SAMPLE__SHARE: '0.75', PATINA__SHARE: '2' })
  assert.deepEqual(values.get('share'), { value: 0.75, source: 'environment SAMPLE__SHARE' })
  assert.deepEqual(problemsOf('', { SAMPLE__SHAER: '1' }), [
    'environment SAMPLE__SHAER: unknown key shaer; did you mean share?',
  ])
})
