import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fencedBlocks } from './fenced-blocks.ts'

const FENCE = '```'

test('language, text, place and heading of each block', () => {
  const page = `# One\n\n${FENCE}ts\na\n\nb\n${FENCE}\n\n## Two\n\n${FENCE}\nc\n${FENCE}\n`
  assert.deepEqual(fencedBlocks(page), [
    { language: 'ts', text: 'a\n\nb\n', line: 3, heading: 'One', notRun: undefined },
    { language: '', text: 'c\n', line: 11, heading: 'Two', notRun: undefined },
  ])
})

test('a heading or a marker inside a block is text', () => {
  const page = `# One\n${FENCE}sh\n# a comment\n<!-- not run: no -->\n${FENCE}\n\n${FENCE}sh\n${FENCE}\n`
  assert.deepEqual(
    fencedBlocks(page).map(({ heading, notRun }) => [heading, notRun]),
    [
      ['One', undefined],
      ['One', undefined],
    ],
  )
})

test('the reason why a block is not run stands before it', () => {
  const page = `text\n<!-- not run: a signature -->\n\n${FENCE}ts\n${FENCE}\n\n${FENCE}ts\n${FENCE}\n`
  assert.deepEqual(
    fencedBlocks(page).map(({ notRun }) => notRun),
    ['a signature', undefined],
  )
})

test('a block without an end is a fault of the page', () => {
  assert.throws(() => fencedBlocks(`${FENCE}ts\nfoo\n`), /line 1/)
})
