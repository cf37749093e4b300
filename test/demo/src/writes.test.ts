import assert from 'node:assert/strict'
import test from 'node:test'
import type { Statement } from '@patina/test-cluster'
import { Fleet } from '@patina/test-data'
import { batches, executeAll, insertOf, statementOf } from './writes.ts'

test('every kind of change is one statement with as many parameters as places', () => {
  const fleet = new Fleet({ seed: 1, instances: 100 })
  const kinds = new Set<string>()
  for (const change of fleet.changes()) {
    const [sql, parameters] = statementOf(change)
    assert.equal(sql.split('?').length - 1, parameters.length)
    kinds.add(sql.split(' ')[0] as string)
    if (kinds.size === 3) break
  }
  const [row] = fleet.rows()
  assert.equal(insertOf(row as NonNullable<typeof row>)[1].length, 8)
})

test('batches keep everything in order', () => {
  assert.deepEqual([...batches([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]])
  assert.deepEqual([...batches([], 2)], [])
})

test('transactions are sent once each, at most so many at a time; a failure ends it', async () => {
  let running = 0
  let most = 0
  const sent: (readonly Statement[])[] = []
  const api = {
    async execute(statements: readonly Statement[]): Promise<number> {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      sent.push(statements)
      running -= 1
      return 1
    },
  }
  const transactions: Statement[][] = Array.from({ length: 20 }, (_, at) => [[`s${at}`, []]])
  let answered = 0
  await executeAll(api, transactions, 3, (count) => (answered += count))
  assert.deepEqual([sent.length, new Set(sent).size, most, answered], [20, 20, 3, 20])
  const failing = { execute: async (): Promise<number> => Promise.reject(new Error('refused')) }
  await assert.rejects(executeAll(failing, transactions, 2), /refused/)
})
