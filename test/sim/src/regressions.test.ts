import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments } from './arguments.ts'
import { readRegressions } from './regressions.ts'
import { ScenarioError } from './table.ts'

test('every regression is a command line of one run, and says what it has found', () => {
  const regressions = readRegressions()
  assert.ok(regressions.length > 0)
  for (const { args, found } of regressions) {
    const parsed = parseArguments(['node', ...args])
    assert.ok(parsed.plan !== undefined || parsed.scenario !== undefined)
    assert.deepEqual([parsed.seeds, parsed.seed !== undefined, found !== ''], [1, true, true])
  }
})

test('what is not written as it should be is said', () => {
  assert.throws(() => readRegressions('[[runs]]\nrun = "--seed 1"'), ScenarioError)
  assert.throws(() => readRegressions('[[runs]]\nrun = "x"\nfound = "y"\nwhy = "z"'), /"why" is not known/)
})
