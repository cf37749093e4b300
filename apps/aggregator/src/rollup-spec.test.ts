import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRollups } from './rollup-spec.ts'

const good = { into: 'app_regions', query: 'SELECT app FROM machines' }

test('key and guard have defaults', () => {
  assert.deepEqual(checkRollups([good]), {
    ok: true,
    value: [{ ...good, key: ['app'], maxShrink: 0.5 }],
  })
})

test('every problem is told with its key', () => {
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [{ ...good, into: 'a b' }, '0.into', /name of a table/],
    [{ into: 'a' }, '0.query', /must be a SELECT/],
    [{ ...good, key: [] }, '0.key', /list of columns/],
    [{ ...good, key: ['region'] }, '0.key', /aggregator adds it/],
    [{ ...good, max_shrink: 2 }, '0.max_shrink', /0 to 1/],
    [{ ...good, max_shrnk: 2 }, '0.max_shrnk', /did you mean max_shrink/],
    [7, '0', /must be a table/],
  ]
  for (const [entry, key, problem] of cases) {
    const checked = checkRollups([entry])
    assert.ok(!checked.ok && typeof checked.error !== 'string', JSON.stringify(entry))
    assert.equal(checked.error[0]?.key, key)
    assert.match(checked.error[0]?.problem ?? '', problem)
  }
})

test('one table has one roll-up, and there is a bound', () => {
  const twice = checkRollups([good, good])
  assert.ok(!twice.ok && typeof twice.error !== 'string')
  assert.equal(twice.error[0]?.key, '1.into')
  assert.equal(checkRollups([]).ok, false)
  const many = Array.from({ length: 33 }, (_, at) => ({ ...good, into: `t${at}` }))
  assert.equal(checkRollups(many).ok, false)
})
