/** Waits for the end of an agent: a signal from outside or a failure from inside. A second signal ends at once. */

export type End =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'failed'; readonly reason: string }

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']

export async function untilStopped(failed: Promise<string>): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>()
  let seen = false
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (seen) process.exit(1)
      seen = true
      resolve({ kind: 'signal', signal })
    })
  void failed.then((reason) => resolve({ kind: 'failed', reason }))
  return promise
}
