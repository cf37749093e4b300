import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeSource } from '../test/fake-source.ts'
import { queryKey } from './core/query.ts'
import { QueryRefused } from './query-source.ts'
import { Results } from './results.ts'

const A = { sql: 'SELECT a', params: [] }
const { signal } = new AbortController()

function resultsOf(source: FakeSource, mode: 'live' | 'plain'): { results: Results; dropped: string[] } {
  const dropped: string[] = []
  const results = new Results({ source, mode, onSource: () => {}, onDrop: (key) => dropped.push(key) })
  return { results, dropped }
}

test('one query is followed once, for as long as somebody holds it', async () => {
  const source = new FakeSource()
  source.put('SELECT a', [['x']])
  const { results, dropped } = resultsOf(source, 'live')
  let changes = 0
  const first = results.hold(A, () => (changes += 1))
  const second = results.hold({ ...A }, () => (changes += 1))
  const other = results.hold({ ...A, params: [1] }, () => {})
  const [one, two] = await Promise.all([first.settled(signal), second.settled(signal)])
  assert.deepEqual(one, two)
  assert.equal(first.revision(), one.revision)
  assert.equal(changes, 2, 'each holder hears of a change')
  assert.equal(results.size, 2)
  other.release()
  first.release()
  assert.deepEqual([results.size, dropped], [1, [queryKey({ ...A, params: [1] })]])
  second.release()
  assert.deepEqual([results.size, dropped.at(-1)], [0, queryKey(A)])
  second.release()
  assert.equal(dropped.length, 2, 'a second release is none')
})

test('a result that is asked for anew has another revision', async () => {
  const source = new FakeSource()
  source.put('SELECT a', [['x']])
  for (const mode of ['live', 'plain'] as const) {
    const { results } = resultsOf(source, mode)
    const first = results.hold(A, () => {})
    const { revision } = await first.settled(signal)
    first.release()
    const again = results.hold(A, () => {})
    assert.notEqual((await again.settled(signal)).revision, revision, mode)
    again.release()
  }
})

test('a plain result is read once; a refusal is its outcome, a source that is away is not', async () => {
  const source = new FakeSource()
  source.put('SELECT a', [['x']])
  const { results } = resultsOf(source, 'plain')
  const held = results.hold(A, () => {})
  await held.settled(signal)
  source.put('SELECT a', [['y']])
  assert.deepEqual((await held.settled(signal)).outcome, { columns: ['a'], rows: [['x']] })
  assert.deepEqual([source.reads, source.watched], [1, []])
  const refused = await results.hold({ sql: 'SELECT nothing', params: [] }, () => {}).settled(signal)
  assert.ok('failure' in refused.outcome)
  source.away = true
  await assert.rejects(
    results.hold({ ...A, params: [2] }, () => {}).settled(signal),
    (cause: Error) => !(cause instanceof QueryRefused),
  )
})
