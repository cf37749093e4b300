import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { keyLines, lineOf } from './toml-lines.ts'

test('each key has the line on which it stands', () => {
  const text = [
    '# comment with a = "trap',
    'top = 1',
    '[a.b]',
    'x = """',
    'not = "a key"',
    '"""',
    'y = [',
    '  1, # = comment ]',
    '  2,',
    ']',
    '"quoted = key" = 2',
    '',
    '[[list]]',
    'name = "one"',
    '[[list]]',
    'name = "two" # [no.table]',
    "z . q = 'it''s'".replace("''", ''),
  ].join('\n')
  parse(text)
  const lines = keyLines(text)
  assert.deepEqual(Object.fromEntries(lines), {
    top: 2,
    'a.b': 3,
    'a.b.x': 4,
    'a.b.y': 7,
    'a.b.quoted = key': 11,
    'list.0': 13,
    'list.0.name': 14,
    'list.1': 15,
    'list.1.name': 16,
    'list.1.z.q': 17,
  })
})

test('quotes that are escaped do not end a text', () => {
  const text = 's = "quote \\" [ open"\nafter = 1\n'
  parse(text)
  assert.deepEqual(Object.fromEntries(keyLines(text)), { s: 1, after: 2 })
})

test('a key inside an inline table has the line of the key that holds it', () => {
  const lines = keyLines('\napi = { tokens = [] }\n')
  assert.equal(lineOf(lines, 'api.tokens'), 2)
  assert.equal(lineOf(lines, 'other'), undefined)
})

test('any text ends, with lines inside the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab=.[]{}"\'#\\\n '), maxLength: 60 }), (text) => {
      const count = text.split('\n').length
      for (const line of keyLines(text).values()) assert.ok(line >= 1 && line <= count + 1)
    }),
    { numRuns: 300 },
  )
})
