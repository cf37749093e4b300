/** The end of an agent: a signal from outside, a failure from inside, or another actor in its file. A second signal ends the process at once. */

import type { ActorId } from '@patina/base'

export type End =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'renewed'; readonly actor: ActorId }

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']

/** Resolves with the first signal. Listens from the call on: ask before there is anything to stop. */
export function firstSignal(): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>()
  let seen = false
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (seen) process.exit(1)
      seen = true
      resolve({ kind: 'signal', signal })
    })
  return promise
}
