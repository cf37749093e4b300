import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NumberText, type TextCell } from '@patina/client'
import { createPrinter, type Format, parseFormat } from './format.ts'

function print(format: Format, header = false): string {
  let text = ''
  const printer = createPrinter(format, (part) => (text += part), { header })
  printer.columns(['id', 'n'])
  const number = (digits: string): NumberText => new NumberText(digits)
  const rows: TextCell[][] = [
    ['a"b', number('9007199254740993')],
    [null, number('1.0')],
    ['x,y', [number('0'), number('255')]],
  ]
  for (const row of rows) printer.row(row)
  printer.end()
  return text
}

test('list: cells joined by | as the original prints them', () => {
  assert.equal(print('list'), "a\"b|9007199254740993\n|1.0\nx,y|x'00ff'\n")
  assert.equal(print('list', true).split('\n')[0], 'id|n')
})

test('csv quotes what needs it', () => {
  assert.equal(print('csv'), 'id,n\r\n"a""b",9007199254740993\r\n,1.0\r\n"x,y",x\'00ff\'\r\n')
})

test('json keeps digits and kinds', () => {
  assert.equal(
    print('json'),
    '[\n{"id":"a\\"b","n":9007199254740993},\n{"id":null,"n":1.0},\n{"id":"x,y","n":[0,255]}\n]\n',
  )
})

test('table aligns its columns', () => {
  assert.equal(
    print('table'),
    "id   n\n---  ----------------\na\"b  9007199254740993\n     1.0\nx,y  x'00ff'\n",
  )
})

test('an unknown format is a usage error', () => {
  assert.throws(() => parseFormat('xml', false), /--format takes list, table, json, csv, not xml/)
  assert.equal(parseFormat('table', true), 'json')
})
