import assert from 'node:assert/strict'
import test from 'node:test'
import { matches } from './pattern.ts'

test('a text without places matches itself and nothing else', () => {
  const text = '{"row":[1,["a.b*",null,(x|y)^$\\\\]]}'
  assert.equal(matches(text, text), true)
  assert.equal(matches('a.b', 'axb'), false)
  assert.equal(matches('ab', 'abc'), false)
  assert.equal(matches('ab', 'ab\n'), false)
})

test('places take what their names say', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['<seconds>', '0.0', true],
    ['<seconds>', '1.2e-7', true],
    ['<seconds>', 'null', false],
    ['<version>', '0', false],
    ['<version>', '12', true],
    ['<hash>', '0123456789abcdef', true],
    ['<hash>', '0123456789ABCDEF', false],
    ['<uuid>', '00000000-0000-4000-8000-000000000000', true],
    ['"<sentence>"', '"it said \\"no\\""', true],
    ['"<sentence>"', '"a","b"', false],
    ['"<sentence>"', '""', false],
    ['a<any>b', 'a\n\nb', true],
  ]
  for (const [pattern, text, expected] of cases)
    assert.equal(matches(pattern, text), expected, `${pattern} ${text}`)
})

test('an unknown place is a fault of the table', () => {
  assert.throws(() => matches('<secs>', '1'), /<secs> is no place/)
})
