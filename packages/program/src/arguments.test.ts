import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onlyPositional, parseArguments, SHARED_OPTIONS, secondsOption } from './arguments.ts'
import { UsageError } from './refusal.ts'

const SPECS = { ...SHARED_OPTIONS, param: 'texts', timeout: 'text', timer: 'flag' } as const

test('flags, texts, repeated texts and short forms', () => {
  const parsed = parseArguments(['SELECT 1', '-c', 'a.toml', '--param', '1', '--param=-2', '--timer'], SPECS)
  assert.deepEqual(parsed.positionals, ['SELECT 1'])
  assert.equal(parsed.text('config'), 'a.toml')
  assert.equal(parsed.text('api-addr'), undefined)
  assert.deepEqual(parsed.texts('param'), ['1', '-2'])
  assert.deepEqual([parsed.flag('timer'), parsed.flag('json')], [true, false])
})

test('what cannot be understood is a usage error of one line', () => {
  for (const argv of [['--bogus'], ['--config'], ['--timer=1'], ['-x']])
    assert.throws(
      () => parseArguments(argv, SPECS),
      (cause) => cause instanceof UsageError && !cause.message.includes('\n'),
    )
})

test('seconds are whole numbers', () => {
  const seconds = (text: string): number | undefined =>
    secondsOption(parseArguments([`--timeout=${text}`], SPECS), 'timeout')
  assert.equal(seconds('7'), 7)
  assert.equal(secondsOption(parseArguments([], SPECS), 'timeout'), undefined)
  for (const text of ['1.5', '-1', 'x', '', '1e3']) assert.throws(() => seconds(text), UsageError)
})

test('exactly one positional argument', () => {
  assert.equal(onlyPositional(parseArguments(['a'], SPECS), 'SQL'), 'a')
  assert.throws(() => onlyPositional(parseArguments([], SPECS), 'SQL'), /SQL is missing/)
  assert.throws(() => onlyPositional(parseArguments(['a', 'b'], SPECS), 'SQL'), /one SQL is expected/)
})
