/** Waiting with an end: main never waits for another process without one. */

/** What became of the wait. */
export type Waited<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'late' }

/** The promise's value, or `late` after `ms`. A rejection passes through while somebody still waits. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<Waited<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Waited<T>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), ms)
  })
  const done = promise.then((value): Waited<T> => ({ kind: 'done', value }))
  done.catch(() => {})
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
