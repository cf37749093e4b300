/**
 * Assertions for programmers' errors: conditions that no input, peer or disk may bring about.
 * They are never caught. What a peer or a client can cause is a `Result` (result.ts).
 */

/** Throws when an invariant is broken: a bug in this program, state is suspect. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

/** The value, which the caller has proven to be there. */
export function must<T>(value: T | undefined | null, message: string): T {
  assert(value !== undefined && value !== null, message)
  return value
}

/** Ends a `switch` over a union: a new variant does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unexpected variant ${JSON.stringify(value)}`)
}
