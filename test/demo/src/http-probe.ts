/** A probe over HTTP: GET /healthz on a connection of its own, so that a server that accepts no more is found out. */
import { isIPv6 } from 'node:net'
import type { ProbeOutcome } from './verdict.ts'

export interface ProbeTarget {
  readonly addr: string
  readonly port: number
  readonly timeoutMs: number
}

export type Probe = (target: ProbeTarget) => Promise<ProbeOutcome>

/** Never throws: an address that is none fails like a server that does not answer. */
export async function probeHttp({ addr, port, timeoutMs }: ProbeTarget): Promise<ProbeOutcome> {
  const host = isIPv6(addr) ? `[${addr}]` : addr
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(`http://${host}:${port}/healthz`, { signal, redirect: 'manual' })
    // Not read: the body has no bound. This also closes the connection.
    await response.body?.cancel()
    return response.ok ? 'ok' : 'failed'
  } catch (error) {
    return isRefusal((error as Error).cause) ? 'refused' : 'failed'
  }
}

function isRefusal(cause: unknown): boolean {
  return (cause as { readonly code?: unknown } | undefined)?.code === 'ECONNREFUSED'
}
