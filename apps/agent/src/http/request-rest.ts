/**
 * What a client still sends of a body that nobody reads, because its request is refused: over HTTP/2 it is read and dropped
 * before the answer, within bounds. Otherwise the stream is reset behind the answer, or with it, and clients that were
 * about to send (curl among them) tell of a broken stream and never show the answer. Differs from RFC 9113, section 8.1,
 * which lets a server answer at once, because few clients are ready for that. Over HTTP/1.1 the listener drops the rest
 * behind the answer.
 */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { within } from '../deadline.ts'

export interface RestLimits {
  /** Bytes that are dropped before an answer. */
  readonly bytesMax: number
  /** Who sends no end by then is answered and cut. */
  readonly ms: number
}

/** As many bytes as the listener of HTTP/1.1 drops behind an answer. */
export const REST_LIMITS: RestLimits = { bytesMax: 67_108_864, ms: 2_000 }

interface Carriers {
  readonly incoming: IncomingMessage | Http2ServerRequest
}

export type FetchIncoming = (request: Request, carriers: Carriers) => Promise<Response>

/** `fetch`, whose answer waits for the rest of the body. */
export function afterRest(
  fetch: (request: Request, carriers: Carriers) => Response | Promise<Response>,
  limits: RestLimits = REST_LIMITS,
): FetchIncoming {
  return async (request, carriers) => {
    const { incoming } = carriers
    const response = await fetch(request, carriers)
    // A live result takes no more of its client than it has read; what a GET sends is nobody's.
    if (incoming.readableEnded || request.method === 'GET' || request.method === 'HEAD') return response
    await within(limits.ms, dropRest(request, limits.bytesMax))
    return response
  }
}

async function dropRest({ body, bodyUsed }: Request, bytesMax: number): Promise<void> {
  // A reader that gave up keeps its lock; the time is all that is left then.
  if (body === null || bodyUsed || body.locked) return
  const reader = body.getReader()
  let bytes = 0
  try {
    while (bytes <= bytesMax) {
      const { done, value } = await reader.read()
      if (done) return
      bytes += value.length
    }
  } catch {
    // The client is gone, and nobody is left to be answered.
  }
}
