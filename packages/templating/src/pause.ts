/** A pause that an abort ends early. */

/** Resolves after `ms` or as soon as the signal is aborted; never rejects. Infinity waits for the abort alone. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  const end = (): void => resolve()
  signal.addEventListener('abort', end, { once: true })
  const timer = Number.isFinite(ms) ? setTimeout(resolve, Math.min(Math.max(0, ms), TIMER_MS_MAX)) : undefined
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  })
}

/** What a timer of Node can hold: 2^31 − 1 ms, 24 days. */
const TIMER_MS_MAX = 2_147_483_647
