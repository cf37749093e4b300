import assert from 'node:assert/strict'
import test from 'node:test'
import { LAYERS } from '../layers.ts'
import { type SamplePackage, sampleRepository } from '../sample-repository.ts'
import { layering } from './layering.ts'

const base: SamplePackage = { folder: 'packages/base' }
const swim: SamplePackage = { folder: 'packages/swim', dependencies: ['@patina/base'] }

function messages(...samples: readonly SamplePackage[]): string[] {
  return layering
    .check(sampleRepository(samples))
    .map(({ path, line, message }) => `${path}:${line} ${message}`)
}

function importing(text: string, path = 'src/a.ts'): string[] {
  return messages(
    base,
    { ...swim, files: { [path]: text } },
    { folder: 'packages/sync' },
    { folder: 'apps/agent' },
  )
}

test('imports down the layers, through entry points and inside the package pass', () => {
  assert.deepEqual(importing("import { a } from '@patina/base'\nimport './b.ts'\nimport '../test/c.ts'"), [])
})

test('a sibling, an app, a package that is not there or not declared, and a deep import are refused', () => {
  assert.match(
    importing("\nimport type { A } from '@patina/sync'")[0] ?? '',
    /a.ts:2 may not import @patina\/sync/,
  )
  assert.match(importing("import '@patina/agent'")[0] ?? '', /may not import @patina\/agent/)
  assert.match(importing("import '@patina/nowhere'")[0] ?? '', /not in the workspace/)
  assert.match(importing("import '@patina/base/src/actor.ts'")[0] ?? '', /no entry point/)
  assert.match(
    messages(base, { folder: 'packages/swim', files: { 'src/a.ts': "import '@patina/base'" } })[0] ?? '',
    /undeclared/,
  )
})

test('a relative import may not leave its package, nor a core its core', () => {
  assert.match(importing("import '../../base/src/actor.ts'")[0] ?? '', /leaves the package/)
  assert.match(importing("await import('../../swimming/a.ts')")[0] ?? '', /leaves the package/)
  assert.match(importing("import '../shell.ts'", 'src/core/a.ts')[0] ?? '', /imports its shell/)
  assert.deepEqual(importing("import './b.ts'", 'src/core/a.ts'), [])
})

test('package.json is checked without any import, and every package is in the table', () => {
  assert.match(
    messages(base, swim, { folder: 'packages/sync', dependencies: ['@patina/swim'] })[0] ?? '',
    /may not/,
  )
  assert.match(messages({ folder: 'packages/extra' })[0] ?? '', /not in the layer table/)
  assert.match(
    messages({ folder: 'tools/x', dependencies: ['@patina/base'] }, base)[0] ?? '',
    /may not depend/,
  )
  assert.deepEqual(messages({ folder: 'test/demo', dependencies: ['@patina/base'] }, base), [])
})

test('allow lists in turbo.json that differ from the table are found', () => {
  const tags = Object.fromEntries(
    Object.entries(LAYERS).map(([name, allow]) => [name, { dependencies: { allow } }]),
  )
  const check = (changed: object): number =>
    layering.check({ ...sampleRepository([]), turboJson: JSON.stringify({ boundaries: { tags: changed } }) })
      .length
  assert.equal(check(tags), 0)
  assert.equal(check({ ...tags, swim: { dependencies: { allow: ['base', 'sync'] } } }), 1)
  assert.equal(check({ ...tags, extra: { dependencies: { allow: [] } } }), 1)
})
