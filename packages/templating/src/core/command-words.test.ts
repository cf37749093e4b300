import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitWords } from './command-words.ts'

function words(line: string): readonly string[] | string {
  const split = splitWords(line)
  return split.ok ? split.value : split.error
}

test('blanks part words; quotes and backslashes keep them together', () => {
  assert.deepEqual(words('nginx -s reload'), ['nginx', '-s', 'reload'])
  assert.deepEqual(words('  sh -c "a  \'b\' \\"c\\" \\d" '), ['sh', '-c', 'a  \'b\' "c" \\d'])
  assert.deepEqual(words(`x 'a\\ "b' c\\ d ''`), ['x', 'a\\ "b', 'c d', ''])
  assert.deepEqual(words(`a"b c"'d e'f`), ['ab cd ef'])
  assert.deepEqual(words(''), [])
})

test('what is not closed is refused', () => {
  assert.match(words('a "b') as string, /not closed/)
  assert.match(words("a 'b\\") as string, /not closed/)
  assert.match(words('a \\') as string, /backslash/)
})

test('any text is words or a refusal, and quoted words come back', () => {
  fc.assert(fc.property(fc.string(), (line) => void splitWords(line)))
  fc.assert(
    fc.property(fc.array(fc.string()), (given) => {
      const line = given.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ')
      assert.deepEqual(words(line), given)
    }),
  )
})
