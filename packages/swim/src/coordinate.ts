/**
 * Coordinate: a place in Vivaldi's space, from which the round trip between two members that never spoke is estimated.
 * Source: Vivaldi (Dabek et al. 2004) with height vectors; constants, adjustment and gravity as serf's coordinate package.
 * Pure: chance is an argument. How a process keeps its own place is locator.ts's.
 */

export interface Coordinate {
  /** DIMENSIONS numbers, in ms. */
  readonly place: readonly number[]
  /** Time that every path to this member pays, in ms; at least HEIGHT_MS_MIN. */
  readonly height: number
  /** Added to estimates: what the model gets wrong about this member, in ms. */
  readonly adjustment: number
  /** Trust in this coordinate: 0 is certain, ERROR_MAX unknown. */
  readonly error: number
}

export const DIMENSIONS = 8
export const ERROR_MAX = 1.5
/** 10 µs. */
const HEIGHT_MS_MIN = 0.01
/** How strongly one sample changes the error and the place (c_e and c_c). */
const ERROR_WEIGHT = 0.25
const FORCE_WEIGHT = 0.25
/** Pull towards the origin, so that the whole space does not drift: 1 ms at this distance (serf: (s / 150)² s). */
const GRAVITY_MS = 4_743
/** Two places nearer than this have no direction between them. */
const NEARNESS = 1e-6

export const ORIGIN: Coordinate = {
  place: new Array<number>(DIMENSIONS).fill(0),
  height: HEIGHT_MS_MIN,
  adjustment: 0,
  error: ERROR_MAX,
}

/** Estimated round trip of two members in ms. */
export function estimateMs(a: Coordinate, b: Coordinate): number {
  const raw = rawDistanceMs(a, b)
  const adjusted = raw + a.adjustment + b.adjustment
  return adjusted > 0 ? adjusted : raw
}

export function rawDistanceMs(a: Coordinate, b: Coordinate): number {
  return magnitude(difference(a.place, b.place)) + a.height + b.height
}

/** Our coordinate after a measured round trip to `other`. `draw` gives numbers in −0.5…0.5. */
export function moved(own: Coordinate, other: Coordinate, rttMs: number, draw: () => number): Coordinate {
  const rtt = Math.max(rttMs, NEARNESS)
  const distance = estimateMs(own, other)
  const wrongness = Math.abs(distance - rtt) / rtt
  const total = Math.max(own.error + other.error, NEARNESS)
  const weight = own.error / total
  const error = Math.min(
    ERROR_MAX,
    own.error * (1 - ERROR_WEIGHT * weight) + ERROR_WEIGHT * weight * wrongness,
  )
  return pushed({ ...own, error }, FORCE_WEIGHT * weight * (rtt - distance), other, draw)
}

/** A little nearer to the origin. */
export function attracted(own: Coordinate): Coordinate {
  const distance = magnitude(own.place)
  if (distance < NEARNESS) return own
  const force = -((distance / GRAVITY_MS) ** 2)
  return { ...own, place: own.place.map((x) => x + (x / distance) * force) }
}

export function isFiniteCoordinate({ place, height, adjustment, error }: Coordinate): boolean {
  return place.length === DIMENSIONS && [...place, height, adjustment, error].every(Number.isFinite)
}

function pushed(own: Coordinate, forceMs: number, other: Coordinate, draw: () => number): Coordinate {
  const away = difference(own.place, other.place)
  const apart = magnitude(away)
  // Two in one place move apart in any direction.
  const direction = apart > NEARNESS ? away.map((x) => x / apart) : unit(own.place.map(() => draw()))
  const place = own.place.map((x, i) => x + (direction[i] as number) * forceMs)
  const height =
    apart > NEARNESS
      ? Math.max(HEIGHT_MS_MIN, ((own.height + other.height) * forceMs) / apart + own.height)
      : own.height
  return { ...own, place, height }
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((x, i) => x - (b[i] ?? 0))
}

function magnitude(vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
}

function unit(vector: readonly number[]): number[] {
  const length = magnitude(vector)
  return length > NEARNESS ? vector.map((x) => x / length) : vector.map((_, i) => (i === 0 ? 1 : 0))
}
