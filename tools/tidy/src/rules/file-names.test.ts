import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { fileNames } from './file-names.ts'

function count(path: string): number {
  return fileNames.check({ ...sampleRepository([]), paths: new Set([path]) }).length
}

test('names that fit any content are refused, alone, as a part and as a folder', () => {
  for (const path of [
    'a/utils.ts',
    'a/string-utils.ts',
    'a/helpers.test.ts',
    'a/types.ts',
    'a/common/',
    'a/misc.mjs',
    'a/port-manager.ts',
  ])
    assert.equal(count(path), 1, path)
})

test('names of concepts pass; what is no source is not judged', () => {
  for (const path of [
    'a/range-set.ts',
    'a/ambient.d.ts',
    'a/typescript.ts',
    'a/fake-port.test-support.ts',
    'docs/types.md',
    'LICENSE',
    'a/001-x.sql',
    'a/src/',
  ])
    assert.equal(count(path), 0, path)
})

test('sources are in kebab case', () => {
  for (const path of ['a/RangeSet.ts', 'a/range_set.ts', 'a/rangeSet.test.ts'])
    assert.equal(count(path), 1, path)
})
