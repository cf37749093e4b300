/** Which queries a change concerns: tables, columns, rows alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dependents } from './dependents.ts'

function example(): Dependents<string> {
  const dependents = new Dependents<string>()
  dependents.add('names', new Map([['Machines', new Set(['id', 'Name'])]]))
  dependents.add('count', new Map([['machines', new Set<string>()]]))
  const both = new Map([
    ['machines', new Set(['app'])],
    ['apps', new Set(['id'])],
  ])
  dependents.add('join', both)
  return dependents
}

function concerned(table: string, columns: readonly string[] | 'all'): string[] {
  return [...example().of([{ table, columns }])].sort()
}

test('a change of columns concerns those who read one of them, or no column in particular', () => {
  assert.deepEqual(concerned('machines', ['name']), ['count', 'names'])
  assert.deepEqual(concerned('MACHINES', ['APP']), ['count', 'join'])
  assert.deepEqual(concerned('machines', ['other']), ['count'])
})

test('a row that comes or goes concerns all who read the table', () => {
  assert.deepEqual(concerned('machines', 'all'), ['count', 'join', 'names'])
  assert.deepEqual(concerned('apps', 'all'), ['join'])
  assert.deepEqual(concerned('nothing', 'all'), [])
})

test('each query is told once, and one that has gone not at all', () => {
  const dependents = example()
  dependents.delete('names')
  const changed = ['machines', 'apps'].map((table) => ({ table, columns: 'all' as const }))
  assert.deepEqual([...dependents.of(changed)].sort(), ['count', 'join'])
})
