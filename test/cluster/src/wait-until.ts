/** Waiting for a condition with a deadline: the only way in which tests wait. Never sleeps for luck. */

/** A step did not come to its end. */
export class StepFailure extends Error {}

export interface WaitOptions {
  /** What is waited for, in words: `nrt lists three members`. */
  readonly what: string
  readonly deadlineMs: number
  readonly pollMs?: number
}

/** Calls `probe` until it gives something other than undefined. Throws StepFailure after the deadline. */
export async function waitUntil<T>(options: WaitOptions, probe: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + options.deadlineMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > until)
      throw new StepFailure(`${options.what}: not within ${options.deadlineMs / 1000} s`)
    await pause(options.pollMs ?? 10)
  }
}

/** Without a duration only the turn of the loop is given up. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)))
}
