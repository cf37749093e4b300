/**
 * RequestLoad: ready requests over kept-alive connections: many at a time, each connection with its next request when its
 * last one is answered, and one at a time. First it warms up: a service runs for long, and until the compiler of the engine
 * has seen everything, rates rise by a quarter.
 */
import { HttpConnection } from './http-load.ts'
import { stepMicros, stepsPerSecond } from './many-at-once.ts'
import { percentile, type Sample } from './sample.ts'

const CONNECTIONS = 64
const WARM_UP = 20_000
const REQUESTS = 30_000
const REQUESTS_ALONE = 5_000

export interface LoadFigures {
  /** Requests a second with all connections busy. */
  readonly rate: number
  /** Milliseconds, with all connections busy. */
  readonly p50: number
  readonly p99: number
  /** Requests a second over one connection, each sent when the last is answered. */
  readonly oneByOne: number
  /** Median milliseconds of a request with nothing else under way. */
  readonly alone: number
  /** All that were sent, the warm-up's included. */
  readonly requests: number
}

/** `request` makes the bytes of the n-th request, n from 0. */
export async function requestLoad(port: number, request: (number: number) => Buffer): Promise<LoadFigures> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)))
  try {
    let number = 0
    const millis: number[] = []
    const step = async (worker: number): Promise<void> => {
      const bytes = request(number)
      number += 1
      const start = performance.now()
      await connections[worker]?.send(bytes)
      millis.push(performance.now() - start)
    }
    await stepsPerSecond({ steps: WARM_UP, width: CONNECTIONS }, step)
    millis.length = 0
    const rate = await stepsPerSecond({ steps: REQUESTS, width: CONNECTIONS }, step)
    const [p50, p99] = [percentile(millis, 0.5), percentile(millis, 0.99)]
    const start = performance.now()
    const micros = await stepMicros(REQUESTS_ALONE, () => step(0))
    const oneByOne = (REQUESTS_ALONE / (performance.now() - start)) * 1_000
    return { rate, p50, p99, oneByOne, alone: percentile(micros, 0.5) / 1_000, requests: number }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Figures as samples; `name` begins each, and `of` names those by which they are divided. */
export function loadSamples(
  { rate, p50, p99, oneByOne, alone }: LoadFigures,
  name: string,
  of?: string,
): Sample[] {
  const sample = (suffix: string, value: number, unit: Sample['unit']): Sample => ({
    what: `${name}, ${suffix}`,
    value,
    unit,
    ...(of === undefined ? {} : { of: `${of}, ${suffix}` }),
  })
  return [
    sample('64 at a time', rate, 'requests/s'),
    sample('64 at a time, p50', p50, 'ms'),
    sample('64 at a time, p99', p99, 'ms'),
    sample('1 at a time', oneByOne, 'requests/s'),
    sample('alone', alone, 'ms'),
  ]
}
