/**
 * Golden bytes: what was ever written must be read the same by this version, what was refused must be refused for the same
 * reason, and what the code writes today must be among it, so that no format changes in silence.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { TOPICS } from '../src/vectors/topics.ts'
import { faultsOf, grown, readVectors, type VectorFile } from '../src/vectors/vector-file.ts'

interface Said {
  readonly kind?: string
  readonly body?: { readonly kind: string }
}

function stored(topic: (typeof TOPICS)[number]): VectorFile {
  const file = readVectors(topic)
  assert.ok(file !== undefined, `${topic.name}.json is there`)
  return file
}

for (const topic of TOPICS)
  test(`${topic.name}: all stored bytes are read as they were, and what is written today is stored`, () => {
    const file = stored(topic)
    assert.deepEqual(faultsOf(topic, file), [])
    assert.deepEqual(grown(topic, file), file, 'run src/vectors/generate.ts and look at what it adds')
  })

test('there is a topic for each file, and a section of the document for each topic', () => {
  const names = readdirSync(new URL('../vectors/', import.meta.url)).sort()
  assert.deepEqual(
    names.filter((name) => name.endsWith('.json')),
    TOPICS.map(({ name }) => `${name}.json`).sort(),
  )
  const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
  for (const { section } of TOPICS) assert.match(document, new RegExp(`^#+ ${section}$`, 'm'))
})

test('every body of a message has a vector', () => {
  const bodies = (proto: string): string[] => {
    const text = readFileSync(new URL(`../../../packages/${proto}`, import.meta.url), 'utf8')
    const [, body = ''] = /oneof body \{([^}]*)\}/.exec(text) ?? []
    return [...body.matchAll(/^ *\w+ (\w+) = \d+;/gm)].map(([, name = '']) => name.replaceAll('_', '-'))
  }
  const kinds = (name: string, kindOf: (value: Said) => string | undefined): Set<string | undefined> =>
    new Set(readVectors({ name })?.vectors.map(({ value }) => kindOf(value as unknown as Said)))
  const ofSync = kinds('sync-messages', ({ kind }) => kind)
  const ofSwim = kinds('swim-packets', ({ body }) => body?.kind)
  assert.deepEqual(
    bodies('sync/proto/sync.proto').filter((kind) => !ofSync.has(kind)),
    [],
  )
  assert.deepEqual(
    bodies('swim/proto/swim.proto').filter((kind) => !ofSwim.has(kind)),
    [],
  )
  assert.ok(bodies('swim/proto/swim.proto').length >= 10)
})

test('bytes that are read otherwise, refused, taken or written otherwise are found', () => {
  for (const topic of TOPICS) {
    const file = stored(topic)
    const [first] = file.vectors
    const [junk] = file.refused
    assert.ok(first !== undefined)
    assert.equal(faultsOf(topic, { ...file, vectors: [{ ...first, value: 'other' }], refused: [] }).length, 1)
    assert.throws(
      () => grown(topic, { ...file, vectors: [{ ...first, hex: `${first.hex}00` }] }),
      /other bytes/,
    )
    if (junk === undefined) continue
    assert.equal(faultsOf(topic, { ...file, vectors: [], refused: [{ ...junk, reason: 'other' }] }).length, 1)
    assert.equal(faultsOf(topic, { ...file, vectors: [{ ...junk, value: null }], refused: [] }).length, 1)
    assert.equal(
      faultsOf(topic, { ...file, vectors: [], refused: [{ ...first, why: '', reason: '' }] }).length,
      1,
    )
  }
})
