/** How long to wait before a try is repeated: doubling with jitter, so that clients of a restarted agent do not return at once. */

/** The first wait; the original waits 1 s each time, which most restarts of an agent do not need. */
const FIRST_MS = 100
const LONGEST_MS = 5_000
/** An agent may ask for more, not for ever. */
const ASKED_MS_MAX = 60_000

export interface Wait {
  /** From 1. */
  readonly attempt: number
  /** Uniform in [0, 1). */
  readonly chance: number
  readonly askedMs?: number | undefined
}

/** Between half and the whole of 100 ms · 2^(attempt − 1), at most 5 s; never less than was asked for. */
export function backoffMs({ attempt, chance, askedMs = 0 }: Wait): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  return Math.max(whole * (0.5 + chance / 2), Math.min(askedMs, ASKED_MS_MAX))
}

/** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = (): void => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(resolve, ms)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  })
}
