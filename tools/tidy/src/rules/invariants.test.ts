import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { invariants } from './invariants.ts'

function messages(source: string, page: string): string[] {
  const repository = sampleRepository([{ folder: 'packages/swim', files: { 'src/a.ts': source } }], {
    'docs/invariants.md': page,
  })
  return invariants.check(repository).map(({ line, message }) => `${line} ${message}`)
}

test('a cited invariant stands in the page', () => {
  assert.deepEqual(messages('// I-SWIM-1, I-SWIM-12', '| I-SWIM-1 | a |\n|  I-SWIM-12 | b |'), [])
})

test('one that does not, or stands there twice, is found; mentioning it in prose does not define it', () => {
  assert.match(messages('\n/** I-SWIM-2: x */', 'I-SWIM-2')[0] ?? '', /^2 cites I-SWIM-2/)
  assert.match(messages('', '| I-SWIM-1 | a |\n| I-SWIM-1 | b |')[0] ?? '', /defined twice/)
})
