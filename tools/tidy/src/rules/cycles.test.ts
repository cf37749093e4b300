import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { cycles } from './cycles.ts'

function messages(files: Readonly<Record<string, string>>): string[] {
  return cycles.check(sampleRepository([{ folder: 'packages/base', files }])).map(({ message }) => message)
}

test('a diamond is no cycle', () => {
  assert.deepEqual(
    messages({
      'a.ts': "import './b.ts'\nimport './c.ts'",
      'b.ts': "import './d.ts'",
      'c.ts': "import './d.ts'",
      'd.ts': '',
    }),
    [],
  )
})

test('a cycle is named once, with its way', () => {
  assert.deepEqual(
    messages({ 'a.ts': "import './b.ts'", 'b.ts': "import './c.ts'", 'c.ts': "import './b.ts'" }),
    ['import cycle: b.ts → c.ts → b.ts'],
  )
  assert.deepEqual(messages({ 'a.ts': "import './a.ts'" }), ['import cycle: a.ts → a.ts'])
})

test('types alone close no cycle', () => {
  assert.deepEqual(
    messages({ 'a.ts': "import type { B } from './b.ts'", 'b.ts': "import { a } from './a.ts'" }),
    [],
  )
})
