/**
 * RoundTrip: smoothed round trip of one peer, its variation and its lowest, from direct acks only, and the timeout that
 * follows. Source: RFC 6298 §2 (α = 1/8, β = 1/4); a packet that was sent twice gives no sample (Karn). Pure.
 */
import type { SwimConfig } from './config.ts'

export interface RoundTrip {
  readonly smoothedMs: number
  readonly variationMs: number
  /** Lowest of the block of samples before, and of the block that is being filled. */
  readonly lowestBeforeMs: number
  readonly lowestMs: number
  /** Samples so far. */
  readonly samples: number
}

/** Added to every timeout: granularity of timers and turns of the event loop. */
const SLACK_MS = 20
/** So the lowest is that of the last 10 to 20 samples: what corrosion takes of 20 costs two numbers here. */
const BLOCK_SAMPLES = 10
/** Fewer say nothing about the path. */
const LOWEST_SAMPLES_MIN = 3
/** An estimate is no measurement: it is doubled, and the first packet may wait for an address or a key. */
const ESTIMATE_FACTOR = 2
const ESTIMATE_SLACK_MS = 50

export function sampleRoundTrip(known: RoundTrip | undefined, sampleMs: number): RoundTrip {
  if (known === undefined)
    return {
      smoothedMs: sampleMs,
      variationMs: sampleMs / 2,
      lowestBeforeMs: Number.POSITIVE_INFINITY,
      lowestMs: sampleMs,
      samples: 1,
    }
  const deviation = Math.abs(known.smoothedMs - sampleMs)
  const fresh = known.samples % BLOCK_SAMPLES === 0
  return {
    smoothedMs: known.smoothedMs + (sampleMs - known.smoothedMs) / 8,
    variationMs: known.variationMs + (deviation - known.variationMs) / 4,
    lowestBeforeMs: fresh ? known.lowestMs : known.lowestBeforeMs,
    lowestMs: fresh ? sampleMs : Math.min(known.lowestMs, sampleMs),
    samples: known.samples + 1,
  }
}

/** The path without its jams; undefined before three samples. */
export function lowestRoundTripMs(known: RoundTrip | undefined): number | undefined {
  if (known === undefined || known.samples < LOWEST_SAMPLES_MIN) return undefined
  return Math.min(known.lowestBeforeMs, known.lowestMs)
}

/** How long to wait for a direct ack, before local health multiplies it. `estimateMs`: by coordinates, where trusted. */
export function ackTimeoutMs(
  config: SwimConfig,
  known: RoundTrip | undefined,
  estimateMs: number | undefined,
): number {
  if (known !== undefined) return clamped(config, known.smoothedMs + 4 * known.variationMs + SLACK_MS)
  if (estimateMs === undefined) return config.probeTimeoutMs
  return clamped(config, ESTIMATE_FACTOR * estimateMs + ESTIMATE_SLACK_MS)
}

function clamped(config: SwimConfig, ms: number): number {
  return Math.min(config.probeTimeoutMs, Math.max(config.probeTimeoutMsMin, ms))
}
