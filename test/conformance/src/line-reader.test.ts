import assert from 'node:assert/strict'
import test from 'node:test'
import { LineReader } from './line-reader.ts'

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text, 'latin1')
}

test('lines and characters that are cut by chunks are put together', async () => {
  const lines = new LineReader(chunks('a\nb', '\n\xc3', '\xa9\n'), 1_000)
  assert.deepEqual(await lines.take(1), ['a'])
  assert.deepEqual(await lines.take(2), ['b', 'é'])
  assert.deepEqual(await lines.rest(), [])
})

test('a stream that ends gives what it had; in the middle of a line it is a fault', async () => {
  assert.deepEqual(await new LineReader(chunks('a\n'), 1_000).take(3), ['a'])
  await assert.rejects(new LineReader(chunks('a\nb'), 1_000).rest(), /middle of a line: b/)
})

test('silence is told after the deadline', async () => {
  async function* silent(): AsyncGenerator<Uint8Array> {
    await new Promise<never>(() => {})
    yield new Uint8Array()
  }
  await assert.rejects(new LineReader(silent(), 5).take(1), /nothing came for 5 ms/)
})
