import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '@patina/client'
import { pairOf } from './config.ts'
import { measuredDistances, orderRoutes } from './route.ts'

function member(region: string, rttMs: number | null, state: Member['state'] = 'alive'): Member {
  const place = {
    name: region,
    addr: '',
    api_addr: '',
    self: false,
    generation: 1,
    incarnation: 1,
    since_ms: 0,
  }
  return { ...place, actor: region, region, state, rtt_ms: rttMs, tags: {} }
}

test('of each region its nearest live member', () => {
  const members = [member('syd', 110), member('syd', 104), member('syd', 1, 'down'), member('ams', null)]
  assert.deepEqual(
    measuredDistances([...members, member('nrt', 0.2)], 'nrt'),
    new Map([
      ['nrt', 0],
      ['syd', 104],
    ]),
  )
})

test('healthy first, then near, then what nobody measured', () => {
  const rows = ['ams', 'nrt', 'syd', 'sin', 'fra'].map((region) => ({
    app: 'web',
    region,
    healthy: region === 'nrt' ? 0 : 2,
  }))
  const ordered = orderRoutes(rows, 'nrt', new Map([['syd', 104]]), new Map([[pairOf('nrt', 'sin'), 70]]))
  assert.deepEqual(
    ordered.map(({ region, distance_ms: ms }) => [region, ms]),
    [
      ['sin', 70],
      ['syd', 104],
      ['ams', null],
      ['fra', null],
      ['nrt', 0],
    ],
  )
})

test('a table without a column healthy is ordered by distance alone', () => {
  const ordered = orderRoutes([{ region: 'b' }, { region: 'a' }], 'b', new Map(), new Map())
  assert.deepEqual(
    ordered.map(({ region }) => region),
    ['b', 'a'],
  )
})
