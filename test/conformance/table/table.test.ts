import assert from 'node:assert/strict'
import test from 'node:test'
import { DIFFERENCES, type DifferenceName } from '../src/differences.ts'
import type { Answer, Scenario } from '../src/exchange.ts'
import { TABLE } from './table.ts'

interface Recorded {
  readonly says: string
  readonly answer: Answer
}

const ANSWERS: readonly Recorded[] = Object.values(TABLE).flatMap((scenarios) => scenarios.flatMap(answersOf))

function answersOf({ says, steps }: Scenario): Recorded[] {
  return steps.flatMap((step) => ('answer' in step ? [{ says, answer: step.answer }] : []))
}

/** Holds that exactly the answers with a mark of a difference name it. */
function heldBy(name: DifferenceName, isMarked: (answer: Answer) => boolean): void {
  for (const { says, answer } of ANSWERS)
    assert.equal(answer.differs?.includes(name) ?? false, isMarked(answer), `${name}: ${says}`)
}

test('what the original does not send is named as a difference', () => {
  heldBy('code', ({ body }) => body?.includes('"code":') ?? false)
  heldBy('retry-after', ({ headers }) => headers?.['retry-after'] !== undefined)
  heldBy('stream-type', ({ headers }) => headers?.['content-type'] === 'application/x-ndjson')
  heldBy('limits', ({ status }) => status === 413)
  heldBy('scopes', ({ status }) => status === 403)
})

test('every difference is held by an answer, and says what, how and why', () => {
  const named = new Set(ANSWERS.flatMap(({ answer }) => answer.differs ?? []))
  assert.deepEqual(Object.keys(DIFFERENCES).sort(), [...named].sort())
  for (const [name, { original, patina, because }] of Object.entries(DIFFERENCES))
    for (const text of [original, patina, because]) assert.ok(text.length > 0, name)
})

test('a chapter says each thing once', () => {
  for (const [chapter, scenarios] of Object.entries(TABLE)) {
    const said = scenarios.map(({ says }) => says)
    assert.deepEqual(said, [...new Set(said)], chapter)
  }
})
