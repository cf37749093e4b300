import assert from 'node:assert/strict'
import test from 'node:test'
import { timeWrite } from './latency.ts'

test('a write is timed to its answer and to the first answer of each reader that shows it', async () => {
  let held: number | undefined
  const asked = { nrt: 0, syd: 0 }
  const reader = (name: 'nrt' | 'syd', after: number) => ({
    name,
    api: {
      query: async (): Promise<number[][]> => {
        asked[name] += 1
        return held !== undefined && asked[name] > after ? [[held]] : [[0]]
      },
    },
  })
  const writer = {
    api: {
      execute: async (statements: readonly (readonly [string, readonly unknown[]])[]): Promise<number> => {
        held = statements[0]?.[1][0] as number
        return 1
      },
    },
  }
  const times = await timeWrite(writer, [reader('nrt', 3), reader('syd', 0)], 'id', 42)
  assert.deepEqual([...times.readableMs.keys()], ['nrt', 'syd'])
  assert.ok((times.readableMs.get('nrt') as number) >= (times.readableMs.get('syd') as number))
  assert.ok(times.answeredMs >= 0)
  assert.equal(asked.nrt, 4)
})
