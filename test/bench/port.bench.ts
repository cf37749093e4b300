/**
 * Ports to a child process against a bare fork with `process.send` and the same serialisation: a call and its reply one
 * at a time, 32 at a time, a stream of 64 KiB chunks. `port` is one process behind Node's channel, as the store is;
 * `pipe` is a thread of a process with a pipe of its own, as readers are, which is also asked for small results. What a
 * message costs is CPU of both ends per call, 32 deep; figures of /proc are there on Linux only.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Port } from '@patina/base'
import { openChildProcess } from '@patina/sqlite/port'
import { openThreadedProcess } from '@patina/sqlite/threads'
import type { EchoContract } from './peers/echo-service.ts'
import { stepMicros, stepsPerSecond } from './src/many-at-once.ts'
import { processTree } from './src/process-figures.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const WARM_UP_CALLS = 2_000
const CALLS = 3_000
const DEEP_CALLS = 40_000
const WIDTH = 32
const CHUNK_BYTES = 65_536
const CHUNKS = 4_000
/** About the result of a query for one row. */
const RESULT_BYTES = 120
/** About what a one-row update is to the store. */
const REQUEST = [
  { sql: 'UPDATE machines SET state = ?, updated = ? WHERE id = ?', params: ['started', 1n, 'a'] },
]
const onLinux = process.platform === 'linux'

export const bench: Bench = {
  name: 'port',
  repetitions: 5,
  repeat: async () => [...(await measureBare()), ...(await measurePort()), ...(await measurePipe())],
}

/** A service that is called one at a time and 32 deep. */
interface Called {
  readonly name: 'bare' | 'port' | 'pipe'
  readonly pid: number
  call(): Promise<unknown>
}

async function measureCalls({ name, pid, call }: Called, goal: Pick<Sample, 'goal'>): Promise<Sample[]> {
  await stepMicros(WARM_UP_CALLS, call)
  const micros = await stepMicros(CALLS, call)
  const before = cpuMicros(pid)
  const deep = await stepsPerSecond({ steps: DEEP_CALLS, width: WIDTH }, call)
  const after = cpuMicros(pid)
  const of = (what: string): Pick<Sample, 'of'> => (name === 'bare' ? {} : { of: `bare ${what}` })
  const cost = (end: 'caller' | 'service'): Sample => {
    const what = `call, 32 deep, CPU of the ${end}`
    return {
      what: `${name} ${what}`,
      value: (after[end] - before[end]) / DEEP_CALLS,
      unit: 'µs',
      ...of(what),
    }
  }
  return [
    { what: `${name} call`, value: percentile(micros, 0.5), unit: 'µs', ...of('call'), ...goal },
    { what: `${name} calls, 32 deep`, value: deep, unit: 'calls/s', ...of('calls, 32 deep'), ...goal },
    ...(onLinux ? [cost('caller'), cost('service')] : []),
  ]
}

function cpuMicros(pid: number): { readonly caller: number; readonly service: number } {
  const { user, system } = process.cpuUsage()
  const [service] = onLinux ? processTree(pid) : []
  return { caller: user + system, service: (service?.cpuSeconds ?? 0) * 1e6 }
}

async function measurePort(): Promise<Sample[]> {
  const port = openChildProcess<EchoContract>({ module: new URL('peers/echo-service.ts', import.meta.url) })
  const called: Called = { name: 'port', pid: port.pid as number, call: () => port.call('echo', REQUEST) }
  try {
    return [
      ...(await measureCalls(called, { goal: {} })),
      { what: 'port stream', value: await streamRate(port), unit: 'MB/s', of: 'bare stream', goal: {} },
    ]
  } finally {
    await port.close()
  }
}

async function measurePipe(): Promise<Sample[]> {
  const module = new URL('peers/echo-threads.ts', import.meta.url)
  const port = openThreadedProcess<EchoContract>({ module, threads: 1 })
  const called: Called = { name: 'pipe', pid: port.pid as number, call: () => port.call('echo', REQUEST) }
  const result = (): Promise<unknown> => port.openStream('whole', RESULT_BYTES)
  try {
    const calls = await measureCalls(called, {})
    const stream = await streamRate(port)
    const micros = await stepMicros(CALLS, result)
    const deep = await stepsPerSecond({ steps: DEEP_CALLS, width: WIDTH }, result)
    return [
      ...calls,
      { what: 'pipe stream', value: stream, unit: 'MB/s', of: 'bare stream' },
      { what: 'pipe small result', value: percentile(micros, 0.5), unit: 'µs', of: 'bare call' },
      { what: 'pipe small results, 32 deep', value: deep, unit: 'calls/s', of: 'bare calls, 32 deep' },
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
  const called: Called = { name: 'bare', pid: child.pid as number, call: () => bare.call(REQUEST) }
  try {
    return [
      ...(await measureCalls(called, {})),
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
