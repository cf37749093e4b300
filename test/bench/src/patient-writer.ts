/**
 * PatientWriter: a thread that writes one row after the other to an agent, each when the one before is answered and after a pause, and
 * says how long each took. A thread of its own, because whoever also counts processes and reads their memory stands still meanwhile.
 */
import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { AgentApi } from '@patina/test-cluster'
import { Fleet, type Machine } from '@patina/test-data'
import { touch } from './statements.ts'

/** A program that waits, and not a load of its own. */
const PAUSE_MS = 10
/** Above the moments that the rows of the reference fleet have. */
const BASE = 10_000_000_000_000

/** Milliseconds of each write to the agent at this port until `work` has ended. */
export async function writesWhile(port: number, work: () => Promise<unknown>): Promise<number[]> {
  const writer = new Worker(new URL(import.meta.url), { workerData: port })
  const answered = once(writer, 'message') as Promise<[number[]]>
  await Promise.race([work(), once(writer, 'error').then(([cause]) => Promise.reject(cause))])
  writer.postMessage('end')
  const [millis] = await answered
  return millis
}

async function write(port: number): Promise<number[]> {
  const api = new AgentApi('giver', port)
  const [row] = new Fleet({ seed: 1, instances: 1 }).rows()
  const millis: number[] = []
  let isOver = false
  parentPort?.once('message', () => {
    isOver = true
  })
  for (let n = Date.now(); !isOver; n += 1) {
    const start = performance.now()
    await api.execute([touch(row as Machine, BASE + n)])
    millis.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return millis
}

if (typeof workerData === 'number') parentPort?.postMessage(await write(workerData))
