/**
 * RoundTrip: smoothed round trip of one peer, its variation and its lowest, from direct acks only, and the timeout that
 * follows. Source: RFC 6298 §2 (α = 1/8, β = 1/4); a packet that was sent twice gives no sample (Karn). Pure.
 * Kept in whole microseconds: small integers take no memory of their own, and there is one for each member.
 */
import type { SwimConfig } from './config.ts'

export interface RoundTrip {
  readonly smoothedMicros: number
  readonly variationMicros: number
  /** Lowest of the block of samples before, and of the block that is being filled. */
  readonly lowestBeforeMicros: number
  readonly lowestMicros: number
  /** Samples so far. */
  readonly samples: number
}

/** Added to every timeout: granularity of timers and turns of the event loop. */
const SLACK_MS = 20
/** So the lowest is that of the last 10 to 20 samples: what corrosion takes of 20 costs two numbers here. */
const BLOCK_SAMPLES = 10
/** Longer ones are as good as none: 17 minutes. */
const MICROS_MAX = 2 ** 30
const MICROS_PER_MS = 1_000
/** Fewer say nothing about the path. */
const LOWEST_SAMPLES_MIN = 3
/** An estimate is no measurement: it is doubled, and the first packet may wait for an address or a key. */
const ESTIMATE_FACTOR = 2
const ESTIMATE_SLACK_MS = 50

export function sampleRoundTrip(known: RoundTrip | undefined, sampleMs: number): RoundTrip {
  const sample = Math.min(MICROS_MAX, Math.round(sampleMs * MICROS_PER_MS))
  if (known === undefined)
    return {
      smoothedMicros: sample,
      variationMicros: Math.round(sample / 2),
      lowestBeforeMicros: MICROS_MAX,
      lowestMicros: sample,
      samples: 1,
    }
  const deviation = Math.abs(known.smoothedMicros - sample)
  const fresh = known.samples % BLOCK_SAMPLES === 0
  return {
    smoothedMicros: Math.round(known.smoothedMicros + (sample - known.smoothedMicros) / 8),
    variationMicros: Math.round(known.variationMicros + (deviation - known.variationMicros) / 4),
    lowestBeforeMicros: fresh ? known.lowestMicros : known.lowestBeforeMicros,
    lowestMicros: fresh ? sample : Math.min(known.lowestMicros, sample),
    samples: known.samples + 1,
  }
}

/** A sample as far as it is no spike: one late packet says little about the path. `known`: before it. */
export function calmSampleMs(known: RoundTrip | undefined, sampleMs: number): number {
  if (known === undefined) return sampleMs
  return Math.min(sampleMs, (known.smoothedMicros + 4 * known.variationMicros) / MICROS_PER_MS)
}

export function smoothedRoundTripMs({ smoothedMicros }: RoundTrip): number {
  return smoothedMicros / MICROS_PER_MS
}

/** The path without its jams; undefined before three samples. */
export function lowestRoundTripMs(known: RoundTrip | undefined): number | undefined {
  if (known === undefined || known.samples < LOWEST_SAMPLES_MIN) return undefined
  return Math.min(known.lowestBeforeMicros, known.lowestMicros) / MICROS_PER_MS
}

/** How long to wait for a direct ack, before local health multiplies it. `estimateMs`: by coordinates, where trusted. */
export function ackTimeoutMs(
  config: SwimConfig,
  known: RoundTrip | undefined,
  estimateMs: number | undefined,
): number {
  if (known !== undefined) {
    const { smoothedMicros, variationMicros } = known
    return clamped(config, (smoothedMicros + 4 * variationMicros) / MICROS_PER_MS + SLACK_MS)
  }
  if (estimateMs === undefined) return config.probeTimeoutMs
  return clamped(config, ESTIMATE_FACTOR * estimateMs + ESTIMATE_SLACK_MS)
}

function clamped(config: SwimConfig, ms: number): number {
  return Math.min(config.probeTimeoutMs, Math.max(config.probeTimeoutMsMin, ms))
}
