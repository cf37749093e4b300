import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSamples } from './request-load.ts'

const figures = { rate: 1, p50: 2, p99: 3, oneByOne: 4, alone: 5, requests: 6 }

test('each figure is divided by the same figure of the other side', () => {
  const samples = loadSamples(figures, 'write', 'bare server')
  assert.deepEqual(
    samples.map(({ what, of, value }) => [what, of, value]),
    [
      ['write, 64 at a time', 'bare server, 64 at a time', 1],
      ['write, 64 at a time, p50', 'bare server, 64 at a time, p50', 2],
      ['write, 64 at a time, p99', 'bare server, 64 at a time, p99', 3],
      ['write, 1 at a time', 'bare server, 1 at a time', 4],
      ['write, alone', 'bare server, alone', 5],
    ],
  )
})

test('the other side itself is divided by nothing', () => {
  assert.ok(loadSamples(figures, 'bare server').every((sample) => !('of' in sample)))
})
