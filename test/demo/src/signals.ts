/** What asks a demo to end before its story is over. */
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * 128 + the number of the first signal that asks this program to end. Later ones change nothing: it is ending. A reader
 * that goes away (`pnpm demo | head`) counts as SIGPIPE, which Node does not deliver.
 */
export function untilSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  for (const signal of SIGNALS) process.on(signal, () => resolve(128 + constants.signals[signal]))
  process.stdout.on('error', () => resolve(128 + constants.signals.SIGPIPE))
  return promise
}
