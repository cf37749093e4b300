import assert from 'node:assert/strict'
import test from 'node:test'
import { type ContentNode, sameContent, untilEqual } from './content.ts'
import { StepFailure } from './wait-until.ts'

/** A node that shows these rows, and these fingerprints one after the other. */
function node(
  name: string,
  rows: readonly string[],
  prints: readonly (readonly number[])[] = [],
): ContentNode {
  let asked = -1
  return {
    name,
    api: {
      queryLines: async () => [...rows],
      query: async () => {
        asked = Math.min(asked + 1, prints.length - 1)
        return [[...(prints[asked] as readonly number[])]]
      },
    },
  }
}

test('equal rows give one hash, which depends on every row and on their order', async () => {
  const content = await sameContent([node('ams', ['[1]', '[2]']), node('nrt', ['[1]', '[2]'])])
  assert.equal(content.rows, 2)
  const hashes = await Promise.all(
    [['[1]', '[2]'], ['[2]', '[1]'], ['[1]', '[3]'], ['[1]']].map((rows) => sameContent([node('ams', rows)])),
  )
  assert.equal(new Set(hashes.map(({ hash }) => hash)).size, 4)
  assert.equal(hashes[0]?.hash, content.hash)
})

test('a node that holds other rows fails the step by name', async () => {
  const nodes = [node('ams', ['[1]']), node('nrt', ['[1]']), node('syd', ['[2]'])]
  await assert.rejects(
    sameContent(nodes),
    (error) => error instanceof StepFailure && /syd holds other rows/.test(error.message),
  )
})

test('nodes are equal when the fingerprints are, with the right number of rows', async () => {
  const asks = [
    node('ams', [], [[3, 1]]),
    node(
      'nrt',
      [],
      [
        [2, 1],
        [2, 1],
        [3, 2],
        [3, 1],
      ],
    ),
  ]
  await untilEqual(asks, 3)
  assert.deepEqual((await asks[1]?.api.query(''))?.[0], [3, 1])
})
