/**
 * RoundTrip: smoothed round trip of one peer and its variation, from direct acks only, and the timeout that follows.
 * Source: RFC 6298 §2 (α = 1/8, β = 1/4); a packet that was sent twice gives no sample (Karn). Pure.
 */
import type { SwimConfig } from './config.ts'

export interface RoundTrip {
  readonly smoothedMs: number
  readonly variationMs: number
}

/** Added to every timeout: granularity of timers and turns of the event loop. */
const SLACK_MS = 20

export function sampleRoundTrip(known: RoundTrip | undefined, sampleMs: number): RoundTrip {
  if (known === undefined) return { smoothedMs: sampleMs, variationMs: sampleMs / 2 }
  const deviation = Math.abs(known.smoothedMs - sampleMs)
  return {
    smoothedMs: known.smoothedMs + (sampleMs - known.smoothedMs) / 8,
    variationMs: known.variationMs + (deviation - known.variationMs) / 4,
  }
}

/** How long to wait for a direct ack, before local health multiplies it. */
export function ackTimeoutMs(config: SwimConfig, known: RoundTrip | undefined): number {
  if (known === undefined) return config.probeTimeoutMs
  const expected = known.smoothedMs + 4 * known.variationMs + SLACK_MS
  return Math.min(config.probeTimeoutMs, Math.max(config.probeTimeoutMsMin, expected))
}
