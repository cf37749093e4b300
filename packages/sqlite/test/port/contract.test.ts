/** One contract suite for the carriers of Port; what only a process can do follows in child-process.test.ts. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { millis, type Port, PortFailure, type PortStream } from '@patina/base'
import { openChildProcess } from '../../src/port/child-process.ts'
import { openInLine } from '../../src/port/in-line.ts'
import { STREAM_WINDOW_CHUNKS } from '../../src/port/message.ts'
import { openThreadedProcess } from '../../src/port/threaded-process.ts'
import { openWorkerThread } from '../../src/port/worker-thread.ts'
import { type TestContract, testHandlers } from './contract-service.ts'

const CARRIERS: { readonly [name: string]: (pendingMax?: number) => Port<TestContract> } = {
  'in line': (pendingMax = 64) => openInLine(testHandlers(), { pendingMax }),
  'worker thread': (pendingMax = 64) =>
    openWorkerThread<TestContract>({ module: new URL('./contract-thread.ts', import.meta.url), pendingMax }),
  'child process': (pendingMax = 64) =>
    openChildProcess<TestContract>({ module: new URL('./contract-child.ts', import.meta.url), pendingMax }),
  'threaded process': (pendingMax = 64) =>
    openThreadedProcess<TestContract>({
      module: new URL('./contract-threads.ts', import.meta.url),
      threads: 1,
      pendingMax,
    }),
}

for (const [name, open] of Object.entries(CARRIERS)) {
  describe(`port contract: ${name}`, () => {
    let port: Port<TestContract>
    before(() => {
      port = open()
    })
    after(async () => {
      await port.close()
    })

    it('keeps every kind of value, bytes and order', async () => {
      const request = {
        a: [1, 1.5, -0, 2n ** 63n - 1n, 'é\0😀', null, undefined],
        b: new Uint8Array([0, 255]),
      }
      assert.deepEqual(await port.call('echo', request), { ok: true, value: request })
      const numbers = Array.from({ length: 50 }, (_, i) => i)
      const replies = await Promise.all(numbers.map((i) => port.call('echo', i)))
      assert.deepEqual(
        replies.map((reply) => reply.ok && reply.value),
        numbers,
      )
      assert.equal(port.pending, 0)
    })

    it('answers a handler that throws with its sentence and goes on', async () => {
      const failed = await port.call('fail', 'disk on fire')
      assert.deepEqual(failed, {
        ok: false,
        error: { kind: 'failed', state: 'unknown', message: 'disk on fire' },
      })
      assert.deepEqual(await port.call('echo', 1), { ok: true, value: 1 })
    })

    it('answers a kind that nobody serves, inherited names too', async () => {
      for (const kind of ['nope', 'constructor', 'toString']) {
        const reply = await port.call(kind as 'echo', null)
        assert.equal(!reply.ok && reply.error.kind, 'failed')
        const stream = await port.openStream(kind as 'count', { chunks: 1, bytes: 1 })
        assert.equal(!stream.ok && stream.error.kind, 'failed')
      }
    })

    it('ends a call at its deadline and ignores the late reply', async () => {
      const late = await port.call('slow', 60, { deadlineMs: millis(10) })
      assert.deepEqual(late, { ok: false, error: { kind: 'timeout', state: 'unknown', afterMs: 10 } })
      assert.deepEqual(await port.call('slow', 70), { ok: true, value: 'slept' })
    })

    it('refuses calls above its bound without sending them', async () => {
      const calls = Array.from({ length: 64 }, () => port.call('slow', 20))
      assert.equal(port.pending, 64)
      const refused = await port.call('echo', 1)
      assert.deepEqual(refused, { ok: false, error: { kind: 'overloaded', state: 'unchanged' } })
      for (const reply of await Promise.all(calls)) assert.equal(reply.ok, true)
      assert.equal((await port.call('echo', 1)).ok, true)
    })

    it('counts a stream once, also before its head has come', async () => {
      const opened = Array.from({ length: 64 }, () => port.openStream('count', { chunks: 10, bytes: 1 }))
      assert.equal(port.pending, 64)
      const refused = await port.openStream('count', { chunks: 1, bytes: 1 })
      assert.equal(!refused.ok && refused.error.kind, 'overloaded')
      const streams = (await Promise.all(opened)).map(must)
      assert.equal(port.pending, 64)
      for (const stream of streams) for await (const _ of stream.chunks);
      assert.equal(port.pending, 0)
    })

    it('streams a head and all chunks', async () => {
      const stream = must(await port.openStream('count', { chunks: 40, bytes: 1000 }))
      assert.deepEqual(stream.head, { total: 40 })
      const seen: number[] = []
      for await (const chunk of stream.chunks) {
        assert.equal(chunk.length, 1000)
        seen.push(chunk[999] as number)
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 40 }, (_, i) => i),
      )
      assert.deepEqual(await stream.chunks.next(), { done: true, value: undefined })
      assert.equal(port.pending, 0)
    })

    it('hands over a stream that came whole, to those who ask for its chunks too', async () => {
      for (const bytes of [0, 9, 200_000]) {
        const stream = must(await port.openStream('whole', bytes, { deadlineMs: millis(10_000) }))
        assert.deepEqual(stream.head, { total: bytes })
        assert.deepEqual(stream.whole, new Uint8Array(bytes).fill(7))
        assert.equal(port.pending, 0)
        const chunks: Uint8Array[] = []
        for await (const chunk of stream.chunks) chunks.push(chunk)
        assert.deepEqual(chunks, [stream.whole])
      }
      const many = await Promise.all(Array.from({ length: 20 }, (_, i) => port.openStream('whole', i)))
      assert.deepEqual(
        many.map((stream) => must(stream).whole?.length),
        Array.from({ length: 20 }, (_, i) => i),
      )
    })

    it('streams nothing', async () => {
      const stream = must(await port.openStream('count', { chunks: 0, bytes: 1 }))
      assert.deepEqual(await stream.chunks.next(), { done: true, value: undefined })
    })

    it('makes a service wait for a slow consumer and ends its iterator on cancel', async () => {
      const before = await number(port, 'pulled')
      const returnedBefore = await number(port, 'returned')
      const stream = must(await port.openStream('count', { chunks: 1000, bytes: 10 }))
      await stream.chunks.next()
      await stream.chunks.next()
      await port.call('slow', 20)
      const pulled = (await number(port, 'pulled')) - before
      assert.equal(pulled, 2 + STREAM_WINDOW_CHUNKS)
      await stream.chunks.return?.()
      assert.deepEqual(await stream.chunks.next(), { done: true, value: undefined })
      while ((await number(port, 'returned')) === returnedBefore) await port.call('slow', 1)
      assert.equal((await number(port, 'pulled')) - before, pulled)
      assert.equal(port.pending, 0)
    })

    it('ends an iterator that waits for something to happen on cancel, and a service that closes', async () => {
      const returnedBefore = await number(port, 'returned')
      const stream = must(await port.openStream('forever', null))
      const step = stream.chunks.next()
      // A round trip: by then the service has asked its iterator for the first chunk.
      await port.call('slow', 1)
      await stream.chunks.return?.()
      assert.deepEqual(await step, { done: true, value: undefined })
      while ((await number(port, 'returned')) === returnedBefore) await port.call('slow', 1)

      const other = open()
      const endless = must(await other.openStream('forever', null))
      await other.close()
      assert.deepEqual(await endless.chunks.next(), { done: true, value: undefined })
    })

    it('throws a failure in mid-stream after the chunks before it', async () => {
      const stream = must(await port.openStream('count', { chunks: 9, bytes: 1, failAt: 3 }))
      let chunks = 0
      await assert.rejects(
        async () => {
          for await (const _ of stream.chunks) chunks += 1
        },
        (thrown) => thrown instanceof PortFailure && thrown.message === 'failed at chunk 3',
      )
      assert.equal(chunks, 3)
      assert.equal(port.pending, 0)
    })

    it('answers a refused stream without a head', async () => {
      const stream = await port.openStream('refuse', 'no')
      assert.deepEqual(stream, { ok: false, error: { kind: 'failed', state: 'unknown', message: 'no' } })
    })

    it('ends a stream at its deadline though its head has come', async () => {
      const stream = must(
        await port.openStream('count', { chunks: 1000, bytes: 1 }, { deadlineMs: millis(150) }),
      )
      await stream.chunks.next()
      await port.call('slow', 200)
      await assert.rejects(
        async () => {
          for await (const _ of stream.chunks);
        },
        (thrown) => thrown instanceof PortFailure && thrown.error.kind === 'timeout',
      )
      assert.equal(port.pending, 0)
    })

    it('delivers events in order, before the reply that follows them', async () => {
      const seen: number[] = []
      port.onEvent((event) => seen.push(event.number))
      await port.call('announce', 100)
      assert.deepEqual(
        seen,
        Array.from({ length: 100 }, (_, i) => i + 1),
      )
    })

    it('lets calls and streams under way finish on close, and refuses new ones', async () => {
      const other = open()
      const stream = must(await other.openStream('count', { chunks: 9, bytes: 1 }))
      const slow = other.call('slow', 20)
      const closing = other.close()
      const refused = await other.call('echo', 1)
      assert.equal(!refused.ok && refused.error.kind, 'lost')
      assert.deepEqual(await slow, { ok: true, value: 'slept' })
      let chunks = 0
      for await (const _ of stream.chunks) chunks += 1
      assert.equal(chunks, 9)
      await closing
      await other.closed
      await other.close()
    })

    it('ends calls and streams under way as lost when it is killed', async () => {
      const other = open()
      const stream = must(await other.openStream('count', { chunks: 1000, bytes: 1 }))
      const slow = other.call('slow', 10_000)
      other.kill()
      const lost = await slow
      assert.equal(!lost.ok && lost.error.kind, 'lost')
      await assert.rejects(
        async () => {
          for await (const _ of stream.chunks);
        },
        (thrown) => thrown instanceof PortFailure && thrown.error.kind === 'lost',
      )
      await other.closed
      assert.equal(other.pending, 0)
      const after = await other.call('echo', 1)
      assert.equal(!after.ok && after.error.kind, 'lost')
    })
  })
}

function must(
  opened: Awaited<ReturnType<Port<TestContract>['openStream']>>,
): PortStream<{ readonly total: number }> {
  assert.ok(opened.ok, 'the stream did not open')
  return opened.value as PortStream<{ readonly total: number }>
}

async function number(port: Port<TestContract>, kind: 'pulled' | 'returned'): Promise<number> {
  const reply = await port.call(kind, null)
  assert.ok(reply.ok)
  return reply.value
}
