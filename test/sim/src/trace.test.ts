import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Trace } from './trace.ts'

const event = fc.tuple(fc.nat(1_000_000), fc.nat(50), fc.uint8Array({ maxLength: 8 }))

function hashOf(events: readonly [number, number, Uint8Array][]): string {
  const trace = new Trace()
  for (const [at, node, bytes] of events) trace.add(at, node, 'datagram', bytes)
  return trace.hash()
}

test('the same events have the same hash; another byte, node, time or order has another one', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 10 }), event, event, (before, a, b) => {
      assert.equal(hashOf([...before, a, b]), hashOf([...before, a, b]))
      const [at, node, bytes] = a
      const changed = [
        [at + 1, node, bytes],
        [at, node + 1, bytes],
        [at, node, Uint8Array.of(...bytes, 1)],
      ] as [number, number, Uint8Array][]
      for (const other of changed) assert.notEqual(hashOf([...before, a]), hashOf([...before, other]))
      if (String(a) !== String(b)) assert.notEqual(hashOf([...before, a, b]), hashOf([...before, b, a]))
    }),
  )
})

test('a watcher sees what is hashed', () => {
  const trace = new Trace()
  const seen: string[] = []
  trace.watch((atMs, node, what, detail) => seen.push(`${atMs} n${node} ${what} ${detail}`))
  trace.add(1.5, 2, 'session', 'join')
  trace.add(2, 3, 'datagram', new Uint8Array(4))
  assert.deepEqual(seen, ['1.5 n2 session join', '2 n3 datagram 4 bytes'])
})
