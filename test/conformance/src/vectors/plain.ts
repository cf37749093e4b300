/**
 * Plain: values of the protocol as JSON and back. JSON has no bytes, no integers of 64 bits and cannot tell 1 from 1.0, so
 * these are objects with one key: `hex`, `integer`, `real`. Numbers that are counts and versions stay numbers.
 */
import type { SqliteValue } from '@patina/base'

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

export function toPlain(value: unknown): Plain {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value
  if (typeof value === 'bigint') return { integer: String(value) }
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object') throw new Error(`no value of the protocol: ${typeof value}`)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, toPlain(each)]))
}

/** A value of SQLite. Of a REAL JSON would lose -0, infinities and the point. */
export function valueToPlain(value: SqliteValue): Plain {
  return typeof value === 'number' ? realToPlain(value) : toPlain(value)
}

function realToPlain(value: number): Plain {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return { real: Object.is(value, -0) ? '-0' : String(value), bits: toHex(bytes) }
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function fromHex(hex: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  if (bytes.length * 2 !== hex.length) throw new Error(`not hex: ${hex.slice(0, 40)}`)
  return bytes
}
