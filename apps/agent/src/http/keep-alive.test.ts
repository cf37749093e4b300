import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hono } from 'hono'
import { keptAlive, readKeepAlive } from './keep-alive.ts'

/** Chunks that come when they are told, and what was asked of them. */
interface Source {
  readonly chunks: AsyncIterableIterator<Uint8Array>
  readonly give: (step: IteratorResult<Uint8Array> | Error) => void
  asked: number
  returned: boolean
}

function source(): Source {
  let waiting: PromiseWithResolvers<IteratorResult<Uint8Array>> = Promise.withResolvers()
  const made: Source = {
    asked: 0,
    returned: false,
    give: (step: IteratorResult<Uint8Array> | Error) => {
      const given = waiting
      waiting = Promise.withResolvers()
      if (step instanceof Error) given.reject(step)
      else given.resolve(step)
    },
    chunks: {
      next: () => {
        made.asked += 1
        return waiting.promise
      },
      return: async () => {
        made.returned = true
        return { done: true as const, value: undefined }
      },
      [Symbol.asyncIterator]: () => made.chunks,
    },
  }
  return made
}

const chunk = (text: string): IteratorResult<Uint8Array> => ({ done: false, value: Buffer.from(text) })

async function text(lines: AsyncIterableIterator<Uint8Array>): Promise<string | 'end'> {
  const step = await lines.next()
  return step.done ? 'end' : Buffer.from(step.value).toString()
}

test('an empty line for each silence, and nothing is lost or asked for twice', async () => {
  const from = source()
  const lines = keptAlive(from.chunks, 5)
  assert.equal(await text(lines), '\n')
  assert.equal(await text(lines), '\n')
  assert.equal(from.asked, 1)
  from.give(chunk('a\n'))
  assert.equal(await text(lines), 'a\n')
  const soon = text(lines)
  from.give(chunk('b\n'))
  assert.equal(await soon, 'b\n')
  const last = text(lines)
  from.give({ done: true, value: undefined })
  assert.equal(await last, 'end')
})

test('no empty line inside a line that comes in pieces', async () => {
  const from = source()
  const lines = keptAlive(from.chunks, 5)
  const first = text(lines)
  from.give(chunk('a'))
  assert.equal(await first, 'a')
  const second = text(lines)
  await new Promise((resolve) => setTimeout(resolve, 20))
  from.give(chunk('b\n'))
  assert.equal(await second, 'b\n')
  assert.equal(await text(lines), '\n')
})

test('a failure passes through, and who leaves is passed on', async () => {
  const from = source()
  const lines = keptAlive(from.chunks, 5)
  assert.equal(await text(lines), '\n')
  from.give(new Error('lost'))
  await assert.rejects(() => text(lines), /lost/)
  await lines.return?.()
  assert.equal(from.returned, true)
})

test('without the wish the chunks are what they are', () => {
  const { chunks } = source()
  assert.equal(keptAlive(chunks, undefined), chunks)
})

test('the wish is whole seconds from 1 to 300', async () => {
  const app = new Hono().get('/', (c) => c.json(readKeepAlive(c)))
  const read = async (query: string): Promise<{ ok: boolean; value?: number; error?: { code: string } }> =>
    (await app.request(`/${query}`)).json() as Promise<{ ok: boolean; value?: number }>
  assert.deepEqual(await read(''), { ok: true })
  assert.deepEqual(await read('?keep_alive=1'), { ok: true, value: 1_000 })
  assert.deepEqual(await read('?keep_alive=300'), { ok: true, value: 300_000 })
  for (const bad of ['0', '301', '1.5', '-1', '', 'x', '1e2', '0x10'])
    assert.equal((await read(`?keep_alive=${bad}`)).error?.code, 'invalid-keep-alive', bad)
})
