/**
 * Cells as the API sends them → values of JavaScript, exact or refused: an integer that a number cannot hold is a bigint
 * where that was asked for, else an error. REAL stays number, a BLOB is an array of bytes or, where asked, a Uint8Array.
 */
import { IntegerRangeError, ProtocolError } from './error.ts'

/** Arrays are BLOBs. bigint only with `integers: 'bigint'`, Uint8Array only with `blobs: 'bytes'`. */
export type Cell = null | string | number | bigint | Uint8Array | readonly number[]

/** With `numbers: 'text'`: for who prints them, because 1.0 and 1 are one number in JavaScript. */
export type TextCell = null | string | NumberText | readonly NumberText[]

/** A number as its JSON text. */
export class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export interface CellOptions {
  /** Integers beyond 2^53: refused with IntegerRangeError (`number`, the default) or `bigint`. Smaller ones are numbers. */
  readonly integers?: 'number' | 'bigint' | undefined
  /** BLOBs as arrays of numbers (the default) or as Uint8Array. */
  readonly blobs?: 'numbers' | 'bytes' | undefined
  /** `text`: every number of a cell is a NumberText. */
  readonly numbers?: 'value' | 'text' | undefined
}

/** JSON text of one line → its value, numbers as the options say. Throws SyntaxError, IntegerRangeError. */
export type ParseLine = (text: string) => unknown

/** A whole number of 16 digits or more that is not the fraction of another: only such may need its source text. */
const LONG_INTEGER = /(?<![\d.])\d{16}\d*(?![\d.eE])/

export function lineParser({ integers, numbers }: CellOptions): ParseLine {
  if (numbers === 'text') return (text) => JSON.parse(text, reviveText)
  const revive = integers === 'bigint' ? reviveBigint : reviveExact
  return (text) => (LONG_INTEGER.test(text) ? JSON.parse(text, revive) : JSON.parse(text))
}

type Context = { readonly source?: string } | undefined

function reviveText(_key: string, value: unknown, context: Context): unknown {
  return typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
}

function reviveBigint(_key: string, value: unknown, context: Context): unknown {
  if (!isInexact(value, context)) return value
  // A browser that does not show the source has lost the digits already.
  if (context?.source === undefined) throw new IntegerRangeError(String(value))
  return BigInt(context.source)
}

function reviveExact(_key: string, value: unknown, context: Context): unknown {
  if (isInexact(value, context)) throw new IntegerRangeError(context?.source ?? String(value))
  return value
}

function isInexact(value: unknown, context: Context): value is number {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return false
  return context?.source === undefined ? Number.isInteger(value) : !/[.eE]/.test(context.source)
}

/** The cells of a row. Throws ProtocolError. */
export function readCells(value: unknown, blobs: CellOptions['blobs']): Cell[] {
  if (!Array.isArray(value)) throw new ProtocolError('the cells of a row are not an array')
  for (let i = 0; i < value.length; i += 1) {
    const cell: unknown = value[i]
    if (cell !== null && typeof cell === 'object') value[i] = readObject(cell, blobs)
    else if (typeof cell === 'boolean') throw new ProtocolError('a cell is a boolean')
  }
  return value as Cell[]
}

function readObject(cell: object, blobs: CellOptions['blobs']): unknown {
  if (cell instanceof NumberText) return cell
  if (!Array.isArray(cell) || !cell.every(isByte))
    throw new ProtocolError('a cell is neither value nor bytes')
  return blobs === 'bytes' ? Uint8Array.from(cell, byteOf) : cell
}

function isByte(item: unknown): boolean {
  const byte = byteOf(item)
  return Number.isInteger(byte) && byte >= 0 && byte <= 255
}

function byteOf(item: unknown): number {
  if (item instanceof NumberText) return Number(item.text)
  return typeof item === 'number' ? item : Number.NaN
}
