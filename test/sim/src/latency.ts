/**
 * Latency: how long a packet takes between two nodes. `local` is one data centre; `world` puts nodes into real regions
 * round robin, so that every size has them all, and takes half a round trip (test/data) with up to 15 % of jitter.
 * Drawn in whole microseconds, so that no rounding of a platform changes a run.
 */
import { assert, type Prng } from '@patina/base'
import { REGIONS, type Region, rttMs } from '@patina/test-data'

export interface Latency {
  /** One way, in ms, drawn anew for each packet. */
  oneWayMs(from: number, to: number, prng: Prng): number
  /** Name of the region that a node lies in. */
  regionOf(node: number): string
}

const MICROS = 1_000
const JITTER_PERCENT_MAX = 15

/** Every pair alike, between two bounds. */
export function localLatency(fromMs: number, toMs: number): Latency {
  assert(fromMs > 0 && toMs >= fromMs, `not a range of latencies: ${fromMs} to ${toMs}`)
  const [first, last] = [Math.round(fromMs * MICROS), Math.round(toMs * MICROS)]
  return {
    oneWayMs: (_from, _to, prng) => prng.between(first, last) / MICROS,
    regionOf: () => 'local',
  }
}

/** The first `count` regions of test/data, in a spread order: neighbours in number lie far apart. */
export function worldLatency(count: number = REGIONS.length): Latency {
  assert(count >= 1 && count <= REGIONS.length, `not a number of regions: ${count}`)
  const regions = REGIONS.slice(0, count)
  const base = regions.map((a) => regions.map((b) => Math.round((rttMs(a, b) / 2) * MICROS)))
  return {
    oneWayMs(from, to, prng) {
      const micros = (base[from % count] as number[])[to % count] as number
      return (micros + prng.below(1 + Math.floor((micros * JITTER_PERCENT_MAX) / 100))) / MICROS
    },
    regionOf: (node) => (regions[node % count] as Region).region,
  }
}
