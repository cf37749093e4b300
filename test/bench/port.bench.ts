/**
 * A Port to a child process against a bare fork with `process.send` and the same serialisation: a call and its reply
 * one at a time, 32 at a time, and a stream of 64 KiB chunks.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Port } from '@patina/base'
import { openChildProcess } from '@patina/sqlite/port'
import type { EchoContract } from './peers/echo-service.ts'
import { stepMicros, stepsPerSecond } from './src/many-at-once.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const WARM_UP_CALLS = 2_000
const CALLS = 3_000
const DEEP_CALLS = 40_000
const WIDTH = 32
const CHUNK_BYTES = 65_536
const CHUNKS = 4_000
/** About what a one-row update is to the store. */
const REQUEST = [
  { sql: 'UPDATE machines SET state = ?, updated = ? WHERE id = ?', params: ['started', 1n, 'a'] },
]

export const bench: Bench = {
  name: 'port',
  repetitions: 5,
  repeat: async () => [...(await measureBare()), ...(await measurePort())],
}

async function measurePort(): Promise<Sample[]> {
  const port = openChildProcess<EchoContract>({ module: new URL('peers/echo-service.ts', import.meta.url) })
  const call = (): Promise<unknown> => port.call('echo', REQUEST)
  try {
    await stepMicros(WARM_UP_CALLS, call)
    const micros = await stepMicros(CALLS, call)
    const deep = await stepsPerSecond({ steps: DEEP_CALLS, width: WIDTH }, call)
    return [
      { what: 'port call', value: percentile(micros, 0.5), unit: 'µs', of: 'bare call', goal: {} },
      { what: 'port calls, 32 deep', value: deep, unit: 'calls/s', of: 'bare calls, 32 deep', goal: {} },
      { what: 'port stream', value: await streamRate(port), unit: 'MB/s', of: 'bare stream', goal: {} },
    ]
  } finally {
    await port.close()
  }
}

async function streamRate(port: Port<EchoContract>): Promise<number> {
  const start = performance.now()
  const stream = await port.openStream('zeros', { chunks: CHUNKS, bytes: CHUNK_BYTES })
  if (!stream.ok) throw new Error(`no stream: ${stream.error.kind}`)
  let bytes = 0
  for await (const chunk of stream.value.chunks) bytes += chunk.length
  return bytes / (performance.now() - start) / 1_000
}

async function measureBare(): Promise<Sample[]> {
  const child = fork(new URL('peers/bare-echo.ts', import.meta.url), { serialization: 'advanced' })
  const bare = new BareCaller(child)
  const call = (): Promise<unknown> => bare.call(REQUEST)
  try {
    await stepMicros(WARM_UP_CALLS, call)
    const micros = await stepMicros(CALLS, call)
    const deep = await stepsPerSecond({ steps: DEEP_CALLS, width: WIDTH }, call)
    return [
      { what: 'bare call', value: percentile(micros, 0.5), unit: 'µs' },
      { what: 'bare calls, 32 deep', value: deep, unit: 'calls/s' },
      { what: 'bare stream', value: await bare.streamRate(), unit: 'MB/s' },
    ]
  } finally {
    child.kill()
  }
}

/** Calls in order of their replies: the child answers in order. */
class BareCaller {
  readonly #child: ChildProcess
  readonly #waiting: ((reply: unknown) => void)[] = []
  #bytes = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (reply) => {
      if (ArrayBuffer.isView(reply)) this.#bytes += reply.byteLength
      else this.#waiting.shift()?.(reply)
    })
  }

  call(request: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#child.send({ echo: request })
    })
  }

  async streamRate(): Promise<number> {
    const start = performance.now()
    await new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#child.send({ chunks: CHUNKS, bytes: CHUNK_BYTES })
    })
    return this.#bytes / (performance.now() - start) / 1_000
  }
}
