/**
 * Regions: 35 regions of a real public cloud with their coordinates, and the round trip between two of them that
 * simulations use: 4 ms + great-circle km / 75 (light in fibre, with the detours of real cables).
 */
import { readFileSync } from 'node:fs'

export interface Region {
  /** Three letters, as an airport's. */
  readonly region: string
  readonly city: string
  /** Degrees. */
  readonly lat: number
  readonly lon: number
}

export const REGIONS: readonly Region[] = JSON.parse(
  readFileSync(new URL('../regions.json', import.meta.url), 'utf8'),
) as Region[]

const EARTH_RADIUS_KM = 6371
const LOCAL_RTT_MS = 4
const KM_PER_MS = 75

/** Round trip in ms between two regions, without jitter. */
export function rttMs(a: Region, b: Region): number {
  return LOCAL_RTT_MS + greatCircleKm(a, b) / KM_PER_MS
}

/** Haversine formula: exact enough, and stable for near and for opposite points. */
function greatCircleKm(a: Region, b: Region): number {
  const [phiA, phiB] = [radians(a.lat), radians(b.lat)]
  const halfLat = Math.sin((phiB - phiA) / 2)
  const halfLon = Math.sin(radians(b.lon - a.lon) / 2)
  const square = halfLat ** 2 + Math.cos(phiA) * Math.cos(phiB) * halfLon ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(square)))
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
