import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '@patina/client'
import fc from 'fast-check'
import { aggregatorsOf, tagKey, tagValue } from './aggregator-tag.ts'

function memberWith(tags: { readonly [key: string]: string }, state: Member['state'] = 'alive'): Member {
  const place = { name: 'a', region: 'syd', addr: '', api_addr: '', rtt_ms: null, since_ms: 0 }
  return { ...place, actor: 'aa', state, self: false, generation: 1, incarnation: 1, tags }
}

test('what is told is what is read, of members that are not gone', () => {
  const own = { region: 'syd', address: 'http://[::1]:9280', claims: true }
  const tags = { [tagKey('one')]: tagValue(own), rack: '7' }
  const read = [{ ...own, id: `aa/${tagKey('one')}` }]
  assert.deepEqual(aggregatorsOf([memberWith(tags)]), read)
  assert.deepEqual(aggregatorsOf([memberWith(tags, 'suspect')]), read)
  assert.deepEqual(aggregatorsOf([memberWith(tags, 'down'), memberWith(tags, 'left')]), [])
})

test('a tag that is none is left out', () => {
  const texts = fc.oneof(fc.string(), fc.constantFrom('syd', 'syd x writes', 'syd http://a:1 reigns'))
  fc.assert(
    fc.property(texts, (text) => {
      assert.deepEqual(aggregatorsOf([memberWith({ [tagKey('one')]: text })]), [])
    }),
    { numRuns: 200 },
  )
})
