import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DETAILS_BYTES_MAX } from '@patina/swim'
import fc from 'fast-check'
import { faultOfDetails, GOSSIPED_CHARS_MAX, readDetails, type Tags, tellTags } from './told-tags.ts'

const text = fc.oneof(fc.string(), fc.string({ minLength: 200, maxLength: 400, unit: 'binary' }))
const tags: fc.Arbitrary<Tags> = fc.dictionary(fc.string(), text, { noNullPrototype: true })

test('what is told is what is read, and the value alone says which way a tag goes', () => {
  fc.assert(
    fc.property(tags, text, (all, other) => {
      const { gossiped, details } = tellTags(all)
      const long = details === undefined ? { ok: true as const, value: {} } : readDetails(details)
      assert.ok(long.ok)
      const wellFormed = Object.entries(long.value).map(([key, value]) => [key, value] as const)
      assert.equal(Object.keys(gossiped).length + wellFormed.length, Object.keys(all).length)
      for (const [key, value] of Object.entries(gossiped)) assert.equal(value, all[key])
      for (const [, value] of wellFormed) assert.ok(value.length > GOSSIPED_CHARS_MAX)
      const more = tellTags({ ...all, another: other }).gossiped
      for (const key of Object.keys(gossiped)) assert.ok(key === 'another' || more[key] === gossiped[key])
    }),
  )
})

test('64 KiB are told, and a sentence says what is too much', () => {
  const frame = '{"tags":{"a":""}}'.length
  const { details } = tellTags({ a: 'x'.repeat(DETAILS_BYTES_MAX - frame), b: 'short' })
  assert.deepEqual([details?.length, faultOfDetails(details)], [DETAILS_BYTES_MAX, undefined])
  const more = tellTags({ a: 'x'.repeat(DETAILS_BYTES_MAX - frame + 1) }).details
  assert.match(faultOfDetails(more) ?? '', /take 65537 bytes together, and a member has 65536/)
  assert.equal(faultOfDetails(undefined), undefined)
})

test('arbitrary bytes and arbitrary JSON of a peer never throw', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof readDetails(bytes).ok === 'boolean'))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.json().map((of) => `{"tags":${of}}`),
      ),
      (json) => {
        const read = readDetails(new TextEncoder().encode(json))
        if (read.ok) for (const value of Object.values(read.value)) assert.equal(typeof value, 'string')
      },
    ),
  )
  assert.equal(readDetails(new TextEncoder().encode('{"tags": {"a": 1}}')).ok, false)
  assert.equal(readDetails(new TextEncoder().encode('null')).ok, false)
  assert.equal(readDetails(new TextEncoder().encode('{"tags": [], "later": 1}')).ok, false)
})
