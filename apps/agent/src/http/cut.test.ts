/** What clients and stderr see of answers that break off, over real connections of both protocols. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:http2'
import type { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { PortFailure } from '@patina/base'
import { type Context, Hono } from 'hono'
import { cutOf } from './cut.ts'
import { listen } from './listen.ts'
import { liveBody } from './live-body.ts'
import { streamBody } from './stream.ts'

const LINE = '{"row":[1,[1]]}\n'
/** More than the system takes for a client that takes nothing. */
const LONG_BYTES = 16 * 1024 * 1024

/** The port of a server that answers with this body, and how often something was written to stderr as it is. */
async function serve(t: TestContext, body: (c: Context) => ReadableStream<Uint8Array>) {
  const consoleError = t.mock.method(console, 'error', () => {})
  const app = new Hono()
  app.get('/', (c) => c.body(body(c), 200, { 'content-type': 'application/x-ndjson' }))
  const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 }, 'api.bind_addr')
  t.after(() => listener.close(0))
  return { port: listener.address.port, said: () => consoleError.mock.callCount() }
}

type Asking = (t: TestContext, port: number) => Promise<Readable>

const WIRES: Record<string, Asking> = {
  'HTTP/1.1': async (_, port) => (await once(get({ port }), 'response'))[0],
  'HTTP/2': async (t, port) => {
    const session = connect(`http://127.0.0.1:${port}`)
    t.after(() => session.destroy())
    const stream = session.request({ ':path': '/' })
    await once(stream, 'response')
    return stream
  },
}

/** `line` is called with each part. How it ended: the code of its error, or `end`. */
async function read(answer: Readable, line: (part: string) => void): Promise<string> {
  try {
    for await (const part of answer) line(String(part))
    return 'end'
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? 'no code'
  }
}

for (const [wire, ask] of Object.entries(WIRES)) {
  const broken = wire === 'HTTP/2' ? 'ERR_HTTP2_STREAM_ERROR' : 'ECONNRESET'

  test(`${wire}: a live result whose process is lost breaks off, and stderr shows nothing`, async (t) => {
    const { promise: lost, reject } = Promise.withResolvers<never>()
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(LINE)
      await lost
    }
    const server = await serve(t, (c) =>
      liveBody(chunks(), { stallMs: 60_000, errors: 'coded', from: undefined, cut: cutOf(c) }),
    )
    let got = ''
    const end = await read(await ask(t, server.port), (part) => {
      got += part
      reject(new PortFailure({ kind: 'lost', state: 'unknown', reason: 'ended by SIGKILL' }))
    })
    assert.deepEqual([got, end, server.said()], [LINE, broken, 0])
  })

  test(`${wire}: an answer that nobody takes is cut, told of once, and stderr shows nothing`, async (t) => {
    const done = t.mock.fn()
    const returned = Promise.withResolvers<void>()
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.alloc(LONG_BYTES)
      } finally {
        returned.resolve()
      }
    }
    const server = await serve(t, (c) =>
      streamBody(chunks(), { stallMs: 5, done, lineOf: () => undefined, cut: cutOf(c) }),
    )
    const answer = await ask(t, server.port)
    await returned.promise
    assert.equal(await read(answer, () => {}), broken)
    assert.deepEqual([done.mock.callCount(), server.said()], [1, 0])
  })
}
