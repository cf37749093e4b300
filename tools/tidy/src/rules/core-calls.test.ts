import assert from 'node:assert/strict'
import test from 'node:test'
import { sampleRepository } from '../sample-repository.ts'
import { coreCalls } from './core-calls.ts'

function count(text: string, path = 'src/a.ts', folder = 'packages/swim'): number {
  return coreCalls.check(sampleRepository([{ folder, files: { [path]: text } }])).length
}

test('every way to time, chance and the outside is refused', () => {
  for (const text of [
    'const t = Date.now()',
    'const t = new Date()',
    'const d: Date = x',
    'Math.random()',
    "Math['random']()",
    'Math?.random()',
    'const { random } = Math',
    'const m = Math',
    'f(Math)',
    'globalThis.x',
    'setTimeout(f, 1)',
    'process.exit()',
    'const x = [...process.argv]',
    'performance.now()',
    'crypto.randomUUID()',
    "import { readFileSync } from 'node:fs'",
    "import type { Socket } from 'node:net'",
    "await import('node:fs')",
    '`\x24{Date.now()}`',
  ])
    assert.equal(count(text), 1, text)
})

test('other names, properties, keys, comments and strings pass', () => {
  for (const text of [
    'Math.max(1, 2)',
    'const update = lastUpdate',
    'effect.process',
    'const o = { process: 1, crypto: 2 }',
    'interface A { readonly performance?: number }',
    '// Date.now()',
    "const s = 'Date'",
    'this.#process()',
    'MathDate()',
  ])
    assert.equal(count(text), 0, text)
})

test('shells, tests and other packages may', () => {
  assert.equal(count('Date.now()', 'src/a.test.ts'), 0)
  assert.equal(count('Date.now()', 'test/scenario.ts'), 0)
  assert.equal(count('Date.now()', 'src/a.ts', 'packages/sqlite'), 0)
  assert.equal(count('Date.now()', 'src/core/a.ts', 'packages/sqlite'), 1)
})
