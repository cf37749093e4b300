import assert from 'node:assert/strict'
import test from 'node:test'
import { lineAt, scanSource } from './source-text.ts'

/** Every name that is left in the code, in order. */
function names(text: string): string[] {
  return scanSource(text).code.match(/[A-Za-z]\w*/g) ?? []
}

test('comments and strings hold no names', () => {
  assert.deepEqual(names('a // b\n/* c\n d */ e \'f\' "g" `h`'), ['a', 'e'])
  assert.deepEqual(names("'it\\'s b' a"), ['a'])
  assert.deepEqual(names('#!/usr/bin/env node\na'), ['a'])
})

test('code inside a template is code, to any depth, with braces of its own', () => {
  assert.deepEqual(names('`x \x24{a} y \x24{b({ c: `z \x24{d} w` })} v` e'), ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(names('`\\\x24{x} \\` y` a'), ['a'])
})

test('a slash is a division after a value and a regular expression where a value may stand', () => {
  assert.deepEqual(names('a / b / c'), ['a', 'b', 'c'])
  assert.deepEqual(names('f(/x[/]y/.test(a))'), ['f', 'test', 'a'])
  assert.deepEqual(names("return /'/ a"), ['return', 'a'])
  assert.deepEqual(names("x[0] / y // '"), ['x', 'y'])
})

test('offsets and lines stay; comments go alone where asked', () => {
  const text = "import { x } from './y.ts' // from './z.ts'\n/* a\n b */ c"
  const { uncommented, code } = scanSource(text)
  assert.equal(uncommented.length, text.length)
  assert.equal(code.length, text.length)
  assert.equal(uncommented.includes("'./y.ts'"), true)
  assert.equal(uncommented.includes('z.ts'), false)
  assert.equal(lineAt(text, code.indexOf('c')), 3)
})

test('unfinished literals end with the file', () => {
  for (const text of ['`a \x24{b', '`a', "'a", '/* a', '/a', '//'])
    assert.equal(scanSource(text).code.length, text.length)
})
