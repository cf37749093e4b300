import assert from 'node:assert/strict'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXCEPTIONS } from './exceptions.ts'
import { formatFinding, type Rule } from './finding.ts'
import { RULES, runRules } from './pass.ts'
import { readRepository } from './repository.ts'
import { sampleRepository } from './sample-repository.ts'

const strict: Rule = { name: 'strict', check: () => [{ path: 'a.ts', line: 2, message: 'is wrong' }] }

test('this repository is tidy', () => {
  const repository = readRepository(fileURLToPath(new URL('../../..', import.meta.url)))
  assert.ok(repository.packages.some(({ name }) => name === '@patina/base'))
  assert.deepEqual(runRules(repository, RULES, EXCEPTIONS).map(formatFinding), [])
})

test('an exception silences its rule at its path and nothing else', () => {
  const repository = sampleRepository([])
  assert.deepEqual(runRules(repository, [strict], []).map(formatFinding), ['a.ts:2  is wrong  (strict)'])
  assert.deepEqual(runRules(repository, [strict], [{ rule: 'strict', path: 'a.ts', reason: 'x' }]), [])
  assert.equal(runRules(repository, [strict], [{ rule: 'strict', path: 'b.ts', reason: 'x' }]).length, 2)
})

test('each rule has a name of its own', () => {
  assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length)
})
