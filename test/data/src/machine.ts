/**
 * Machine: one row of the reference table `machines` (schema/001-machines.sql), about 150 bytes: an instance of an app
 * on a host. Names look like a real fleet's; addresses are unique local IPv6 addresses.
 */
import { type Prng, utf8Bytes } from '@patina/base'

export const MACHINE_STATES = ['created', 'started', 'stopped', 'failed', 'draining'] as const
export type MachineState = (typeof MACHINE_STATES)[number]

export interface Machine {
  readonly id: string
  readonly app: string
  readonly region: string
  readonly node: string
  readonly addr: string
  readonly port: number
  readonly state: MachineState
  /** Milliseconds since 1970. */
  readonly updated: number
}

/** The table's schema, as a file that an agent's `db.schema_paths` can name. */
export const SCHEMA_FILE: URL = new URL('../schema/001-machines.sql', import.meta.url)

const ROLES = ['frontend', 'backend', 'checkout', 'gateway', 'scheduler', 'renderer', 'database', 'telemetry']
const MOODS = [
  'autumn',
  'bitter',
  'crimson',
  'dawning',
  'empty',
  'falling',
  'gentle',
  'hidden',
  'lively',
  'misty',
]
const THINGS = [
  'harbour',
  'meadow',
  'thunder',
  'feather',
  'glacier',
  'lantern',
  'orchard',
  'prairie',
  'rivulet',
]

/** The name of the app with this rank in popularity: the same rank has the same name in every fleet. */
export function appName(rank: number): string {
  const pick = (words: readonly string[], by: number): string => words[by % words.length] as string
  const role = pick(ROLES, rank)
  const mood = pick(MOODS, Math.floor(rank / ROLES.length))
  return `${role}-service-${mood}-${pick(THINGS, rank * 7)}-${String(rank).padStart(6, '0')}`
}

export function hostName(region: string, host: number): string {
  return `worker-${String(host).padStart(4, '0')}.${region}.fleet.internal`
}

/** 14 hex digits: 8 that no other serial number has, so that ids never clash, and 6 by chance. */
export function machineId(serial: number, prng: Prng): string {
  const chance = prng.below(2 ** 24)
  return hex(scatter(serial), 8) + hex(chance, 6)
}

export function machineAddress(host: number, prng: Prng): string {
  const group = (): string => hex(prng.below(2 ** 16), 4)
  return `fdaa:${hex(host, 4)}:${group()}:0a7b:${group()}:${group()}:${group()}:0002`
}

/** Bytes of the row's values as SqliteValue counts them: UTF-8, and 8 for a number. */
export function machineBytes({ id, app, region, node, addr, state }: Machine): number {
  return [id, app, region, node, addr, state].reduce((sum, text) => sum + utf8Bytes(text), 0) + 2 * 8
}

/** A permutation of 32-bit numbers (each step is invertible), so that ids come in no order. */
function scatter(serial: number): number {
  let x = (serial + 0x9e3779b9) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0')
}
