/**
 * The end of an answer that cannot be completed: its connection (HTTP/1.1) or its stream (HTTP/2) is cut, so that the client
 * knows that something is missing. The error of a body would do the same, but what carries bodies (@hono/node-server)
 * writes a stack for each of them to stderr, where the log is, which may be JSON; and a crowd of clients must not fill it.
 */
import type { Context } from 'hono'

/** Ends the body of `controller` for good. */
export type Cut = (controller: ReadableStreamDefaultController<Uint8Array>, cause: unknown) => void

/** For a body that no connection carries. */
export const cutByError: Cut = (controller, cause) => controller.error(cause)

interface Carried {
  readonly outgoing?: { readonly destroy: (cause: Error) => unknown }
}

/** For the answer of this request. Nothing is left to be cut where the client has got all of it. */
export function cutOf(c: Context): Cut {
  const { outgoing } = (c.env ?? {}) as Carried
  if (outgoing === undefined) return cutByError
  // The end of what carries the body cancels it.
  return (_, cause) => void outgoing.destroy(cause instanceof Error ? cause : new Error(String(cause)))
}
