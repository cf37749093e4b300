/** Waits for conditions: lets the transport work, looks, and fails after a deadline with what was awaited. */
import { setTimeout as sleep } from 'node:timers/promises'

const DEADLINE_MS = 5_000
const POLL_MS = 1

/** `work`: what moves a transport that a test drives; real sockets need only time. */
export async function until(
  what: string,
  condition: () => boolean,
  work: () => void = () => {},
): Promise<void> {
  const end = performance.now() + DEADLINE_MS
  work()
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${DEADLINE_MS} ms for: ${what}`)
    await sleep(POLL_MS)
    work()
  }
}
