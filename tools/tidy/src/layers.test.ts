import assert from 'node:assert/strict'
import test from 'node:test'
import { isCoreSource, LAYERS, mayUse } from './layers.ts'

test('the table has no cycle, and whoever lists a package lists what that one uses', () => {
  for (const [name, uses] of Object.entries(LAYERS)) {
    assert.equal(uses.includes(name), false)
    for (const used of uses)
      for (const below of LAYERS[used] ?? assert.fail(`${used} is not in the table`))
        assert.ok(uses.includes(below), `${name} lists ${used} and not ${below}`)
  }
})

test('apps are used by nobody, siblings do not meet, tests may use packages', () => {
  assert.equal(mayUse('packages/node', 'packages/swim'), true)
  assert.equal(mayUse('packages/swim', 'packages/sync'), false)
  assert.equal(mayUse('packages/swim', 'apps/agent'), false)
  assert.equal(mayUse('test/demo', 'apps/agent'), false)
  assert.equal(mayUse('test/demo', 'packages/transport'), true)
  assert.equal(mayUse('test/demo', 'test/data'), true)
  assert.equal(mayUse('apps/agent', 'test/data'), false)
  assert.equal(mayUse('tools/tidy', 'packages/base'), false)
  assert.equal(mayUse('packages/unknown', 'packages/base'), false)
})

test('cores are four packages and every core folder', () => {
  assert.equal(isCoreSource('packages/swim/src/swim.ts'), true)
  assert.equal(isCoreSource('packages/crdt-store/src/core/merge.ts'), true)
  assert.equal(isCoreSource('packages/crdt-store/src/sqlite/store.ts'), false)
  assert.equal(isCoreSource('packages/swim/test/paper.test.ts'), false)
})
