import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OpenResult } from './open-result.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

function* result(chunks: number, ended: () => void, failAt?: number): Generator<Uint8Array, Uint8Array> {
  try {
    for (let i = 0; i < chunks - 1; i += 1) {
      if (i === failAt) throw new Error('the disk')
      yield bytes(i)
    }
    return bytes(chunks - 1)
  } finally {
    ended()
  }
}

describe('open result', () => {
  const events: string[] = []
  const open = (chunks: number, failAt?: number): OpenResult => {
    events.length = 0
    return new OpenResult(
      result(chunks, () => events.push('ended'), failAt),
      () => events.push('released'),
    )
  }

  it('is over with its first chunk where that is the only one', () => {
    assert.deepEqual(open(1).begin(), { done: true, value: bytes(0) })
    assert.deepEqual(events, ['ended', 'released'])
  })

  it('gives every chunk once, the first and the last too, and then what it held', () => {
    const chunks = open(3)
    assert.deepEqual(chunks.begin(), { done: false, value: bytes(0) })
    assert.deepEqual(events, [])
    assert.deepEqual([...chunks], [bytes(0), bytes(1), bytes(2)])
    assert.deepEqual(events, ['ended', 'released'])
    assert.deepEqual(chunks.next(), { done: true, value: undefined })
  })

  it('ends with a consumer that leaves, whatever was taken, and once', () => {
    for (const taken of [0, 1, 2]) {
      const chunks = open(4)
      chunks.begin()
      for (let i = 0; i < taken; i += 1) chunks.next()
      chunks.return()
      chunks.return()
      assert.deepEqual(events, ['ended', 'released'])
      assert.deepEqual(chunks.next(), { done: true, value: undefined })
    }
  })

  it('gives back what it held when it fails, at first or later', () => {
    assert.throws(() => open(3, 0).begin(), /the disk/)
    assert.deepEqual(events, ['ended', 'released'])
    const chunks = open(3, 1)
    chunks.begin()
    chunks.next()
    assert.throws(() => chunks.next(), /the disk/)
    assert.deepEqual(events, ['ended', 'released'])
  })
})
