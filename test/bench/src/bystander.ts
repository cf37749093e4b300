/** Bystander: a thread that does nothing but wait, and says how late its timers were: what this machine does to anybody. */
import { parentPort } from 'node:worker_threads'

const EVERY_MS = 25
const P99 = 0.99
const lates: number[] = []
let due = performance.now() + EVERY_MS

function next(): NodeJS.Timeout {
  return setTimeout(() => {
    const now = performance.now()
    lates.push(Math.max(0, now - due))
    due = now + EVERY_MS
    timer = next()
  }, EVERY_MS)
}

let timer = next()
parentPort?.once('message', () => {
  clearTimeout(timer)
  const sorted = lates.sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  parentPort?.postMessage({ p99Ms: at(P99), maxMs: at(1), count: sorted.length })
})
