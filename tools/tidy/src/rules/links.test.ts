import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { links } from './links.ts'

function messages(text: string): string[] {
  const pages = {
    'docs/a.md': text,
    'docs/b.md': '# One\n## `two` & three: four',
    'docs/c/d.md': '',
    'README.md': '',
  }
  return links.check(sampleRepository([], pages)).map(({ line, message }) => `${line} ${message}`)
}

test('links to files, folders, headings and the web pass', () => {
  assert.deepEqual(
    messages(
      '[b](b.md) [d](./c/d.md) [r](../README.md) [w](https://example.org/x) [h](b.md#two--three-four)',
    ),
    [],
  )
  assert.deepEqual(messages('# Here\n[up](#here)'), [])
})

test('links that lead nowhere are found with their line', () => {
  assert.deepEqual(messages('\n[x](x.md)'), ['2 leads nowhere: x.md'])
  assert.deepEqual(messages('[x](../../b.md)'), ['1 leads nowhere: ../../b.md'])
  assert.deepEqual(messages('[b](b.md#four)'), ['1 no such heading: b.md#four'])
})

test('code is not prose', () => {
  assert.deepEqual(messages('`[x](x.md)`\n```\n[y](y.md)\n```\n'), [])
})
