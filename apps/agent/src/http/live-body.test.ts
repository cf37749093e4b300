/** How a live result ends: for a client that reads on late, for one that does not, and when the process is gone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PortError, PortFailure } from '@patina/base'
import fc from 'fast-check'
import { lastChangeOf, liveBody } from './live-body.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const change = (id: number): string => `{"change":["insert",${id},["x",[1,2],3],${id}]}\n`

interface Source {
  returned: number
  readonly chunks: AsyncIterableIterator<Uint8Array>
}

/** Chunks that end with a wait, or with a failure. */
function source(texts: readonly string[], failure?: PortError): Source {
  let at = 0
  const made: Source = {
    returned: 0,
    chunks: {
      next: () => {
        at += 1
        const text = texts[at - 1]
        if (text !== undefined) return Promise.resolve({ done: false as const, value: bytes(text) })
        if (failure !== undefined) return Promise.reject(new PortFailure(failure))
        return new Promise<never>(() => {})
      },
      return: async () => {
        made.returned += 1
        return { done: true as const, value: undefined }
      },
      [Symbol.asyncIterator]: () => made.chunks,
    },
  }
  return made
}

function bodyOf(chunks: AsyncIterableIterator<Uint8Array>, stallMs: number, from?: number) {
  const reader = liveBody(chunks, { stallMs, errors: 'coded', from }).getReader()
  const text = async (): Promise<string> => {
    const { done, value } = await reader.read()
    return done ? 'end' : new TextDecoder().decode(value)
  }
  return { reader, text }
}

test('a client that took nothing for too long finds behind which change it lags, after what it had not read', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const from = source([change(7) + change(8), change(9)])
  const { text } = bodyOf(from.chunks, 100)
  assert.equal(await text(), change(7) + change(8))
  t.mock.timers.tick(100)
  assert.equal(from.returned, 1)
  t.mock.timers.tick(99)
  assert.deepEqual(JSON.parse(await text()), {
    error: 'lagged: the reader fell behind after change 8; resume from there',
    code: 'lagged',
    last_change_id: 8,
  })
  assert.equal(await text(), 'end')
})

test('it is cut off when it has not come to that line by the same time again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { text, reader } = bodyOf(source([change(1)]).chunks, 100)
  await text()
  t.mock.timers.tick(100)
  t.mock.timers.tick(100)
  await assert.rejects(reader.closed, /takes no bytes/)
})

test('a client that waits for a change is no slow one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const from = source([change(1)])
  const { text, reader } = bodyOf(from.chunks, 100)
  await text()
  const waiting = text()
  t.mock.timers.tick(1_000)
  assert.equal(from.returned, 0)
  await reader.cancel()
  assert.equal(from.returned, 1)
  assert.equal(await waiting, 'end')
})

test('one that resumed lags behind the change that it came with, until it has got another', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { text } = bodyOf(source(['\n']).chunks, 100, 5)
  await text()
  t.mock.timers.tick(100)
  assert.equal(JSON.parse(await text()).last_change_id, 5)
})

test('where the process is gone the connection breaks; any other failure is told', async () => {
  const lost = bodyOf(source([change(1)], { kind: 'lost', state: 'unknown', reason: 'killed' }).chunks, 100)
  await lost.text()
  await assert.rejects(() => lost.text(), PortFailure)
  const failed = bodyOf(source([], { kind: 'failed', state: 'unknown', message: 'no' }).chunks, 100)
  assert.deepEqual(JSON.parse(await failed.text()), { error: 'no' })
  assert.equal(await failed.text(), 'end')
})

test('the last change of a chunk is read from its last line', () => {
  assert.equal(lastChangeOf(bytes('{"eoq":{"time":1e-7,"change_id":12}}\n')), 12)
  assert.equal(lastChangeOf(bytes(`${change(12)}{"mark":12}\n`)), 12)
  assert.equal(lastChangeOf(bytes('{"row":[1,["a",7]]}\n')), undefined)
  assert.equal(lastChangeOf(bytes('\n')), undefined)
  assert.equal(lastChangeOf(bytes('')), undefined)
  assert.equal(lastChangeOf(bytes(`${change(3)}{"row":[1,[[1],2]]}\n`)), undefined)
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.json(), fc.nat({ max: 5 }), (id, cell, offset) => {
      const line = `{"change":["update",1,[${JSON.stringify(cell)}],${id}]}\n`
      // As chunks come: a part of a larger buffer.
      const buffer = Buffer.from(`${'\n'.repeat(offset)}${change(1)}${line}`)
      assert.equal(lastChangeOf(buffer.subarray(offset)), id)
    }),
  )
  fc.assert(fc.property(fc.uint8Array(), (junk) => void lastChangeOf(junk)))
})
