import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { documents } from './documents.ts'

function count(text: string, path = 'src/a.ts'): number {
  return documents.check(sampleRepository([{ folder: 'packages/base', files: { [path]: text } }])).length
}

test('a production file begins with a comment; a first line for the shell may precede it', () => {
  assert.equal(count('/** Owns a. */\nexport {}'), 0)
  assert.equal(count('#!/usr/bin/env node\n/**\n * Owns a.\n */\nexport {}'), 0)
  assert.equal(count('export {}\n/** Too late. */'), 1)
  assert.equal(count(''), 1)
})

test('a header that is a page is too long', () => {
  assert.equal(count(`/**\n${' * word\n'.repeat(15)} */`), 0)
  assert.equal(count(`/**\n${' * word\n'.repeat(16)} */`), 1)
})

test('tests and lists of public names need none', () => {
  assert.equal(count('', 'src/a.test.ts'), 0)
  assert.equal(count('', 'test/world.ts'), 0)
  assert.equal(count('', 'src/index.ts'), 0)
})

test('a package without README is found', () => {
  assert.equal(documents.check(sampleRepository([{ folder: 'packages/base', hasReadme: false }])).length, 1)
})
