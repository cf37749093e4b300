/** The sample in README.md is what the demo tells today. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { LIVE_QUERY } from '../src/discovery.ts'
import { assertTold, ENDED, STEPS } from './told.ts'

test('the story in README.md has every step, and no other line', () => {
  const page = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const sample = /^```text\n(Three agents [^`]*)```$/m.exec(page)?.[1] ?? ''
  assertTold(sample, [...STEPS, ENDED])
  const known = [...STEPS, ENDED, /^nrt keeps this result live/]
  const lines = sample.trimEnd().split('\n')
  const others = lines.filter((line) => !known.some((step) => step.test(line)))
  assert.deepEqual(
    others.map((line) => line.trim()),
    LIVE_QUERY.filter((line) => !line.startsWith('FROM')),
  )
})
