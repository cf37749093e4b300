import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { mutate, readMutants } from './mutants.ts'
import { scenarioIds } from './scenario.ts'
import { ScenarioError } from './table.ts'

const [FIRST] = readMutants()

test('every mutant changes the code as it is now, and names a scenario or tests that are there', () => {
  const mutants = readMutants()
  assert.ok(mutants.length >= 4)
  for (const mutant of mutants) {
    const text = readFileSync(new URL(`../../../${mutant.file}`, import.meta.url), 'utf8')
    assert.notEqual(mutate(text, mutant), text)
    if (mutant.by.kind === 'scenario') assert.ok(scenarioIds().includes(mutant.by.id), mutant.by.id)
    else assert.ok(readFileSync(new URL(`../../../${mutant.by.path}`, import.meta.url)).length > 0)
  }
})

test('code that has moved on, and a file that says something else, are told with what is wrong', () => {
  assert.ok(FIRST !== undefined)
  const mutant = { ...FIRST, find: 'a', replace: 'b' }
  assert.equal(mutate('xay', mutant), 'xby')
  for (const text of ['xyz', 'aa']) assert.throws(() => mutate(text, mutant), /stands [02] times/)
  assert.throws(() => readMutants('[[mutants]]\ntitle = 7'), ScenarioError)
})
