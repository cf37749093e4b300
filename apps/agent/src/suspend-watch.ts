/**
 * SuspendWatch: notices that the machine was suspended. Its monotonic clock stood then, too, so no deadline is late, and
 * yet everybody else has waited for us. The time since boot counts suspended time, and follows no change of the wall clock.
 */

const INTERVAL_MS = 1_000
/** The time since boot has whole seconds on some systems. */
const JUMP_MS_MIN = 2_500

export interface SuspendClocks {
  /** Monotonic; may stand while the machine is suspended. */
  readonly monotonicMs: () => number
  /** Since boot, suspended time included. */
  readonly bootMs: () => number
}

/** Calls `suspended` with the length of each suspension. Returns the way to stop. */
export function watchSuspends(clocks: SuspendClocks, suspended: (forMs: number) => void): () => void {
  let aheadMs = clocks.bootMs() - clocks.monotonicMs()
  const timer = setInterval(() => {
    const nowAheadMs = clocks.bootMs() - clocks.monotonicMs()
    const jumpMs = nowAheadMs - aheadMs
    // Rounding moves it to and fro by a second; a real jump stays.
    if (jumpMs < JUMP_MS_MIN && jumpMs > -JUMP_MS_MIN) return
    aheadMs = nowAheadMs
    if (jumpMs > 0) suspended(jumpMs)
  }, INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
