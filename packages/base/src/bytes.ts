/**
 * ByteWriter and ByteReader: the primitives of every binary format that is ours (changeset header and payload, row
 * clocks, stream frames). Unsigned varints are LEB128; signed int64 are zigzag LEB128; reals are IEEE 754 little-endian.
 * The reader checks every bound and throws DecodeFailure, which only `decode` below catches.
 */

import { assert } from './assert.ts'
import { err, ok, type Result } from './result.ts'
import { INT64_MAX, INT64_MIN } from './sqlite-value.ts'

/** Why bytes could not be decoded. State is unchanged; the fault is the sender's, or the medium's. */
export type DecodeError =
  | { readonly kind: 'truncated'; readonly wantBytes: number; readonly haveBytes: number }
  | { readonly kind: 'out-of-range'; readonly what: string; readonly got: string }
  | { readonly kind: 'malformed'; readonly what: string }

/** Thrown by ByteReader and by decoders built on it; `decode` turns it into a Result. */
export class DecodeFailure extends Error {
  readonly error: DecodeError
  constructor(error: DecodeError) {
    super(error.kind)
    this.error = error
  }
}

/** Runs a decoder over all of `bytes`; bytes left over are malformed. The one place where DecodeFailure is caught. */
export function decode<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): Result<T, DecodeError> {
  const reader = new ByteReader(bytes)
  try {
    const value = read(reader)
    if (reader.remaining() > 0)
      throw new DecodeFailure({ kind: 'malformed', what: `${reader.remaining()} bytes left over` })
    return ok(value)
  } catch (cause) {
    if (cause instanceof DecodeFailure) return err(cause.error)
    throw cause
  }
}

/** Ends a decoder: what was read is outside its bounds. */
export function refuse(what: string, got: number | bigint | string): never {
  throw new DecodeFailure({ kind: 'out-of-range', what, got: String(got) })
}

const VARINT_BYTES_MAX = 10
const utf8 = new TextEncoder()
const utf8Checked = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  /** What was written, not copied: valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.#length = 0
  }

  /** Forgets what was written after the first `length` bytes. */
  rewind(length: number): void {
    assert(length <= this.#length, 'bytes that were not written')
    this.#length = length
  }

  u8(n: number): this {
    assert(Number.isInteger(n) && n >= 0 && n <= 0xff, `not a byte: ${n}`)
    this.#reserve(1)
    this.#bytes[this.#length] = n
    this.#length += 1
    return this
  }

  u32(n: number): this {
    assert(Number.isInteger(n) && n >= 0 && n <= 0xffff_ffff, `not 32 bits: ${n}`)
    this.#reserve(4)
    this.#view.setUint32(this.#length, n, true)
    this.#length += 4
    return this
  }

  f64(n: number): this {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, n, true)
    this.#length += 8
    return this
  }

  /** Unsigned LEB128 of a safe integer ≥ 0: 1 to 8 bytes. */
  varint(n: number): this {
    assert(Number.isSafeInteger(n) && n >= 0, `not an unsigned safe integer: ${n}`)
    this.#reserve(VARINT_BYTES_MAX)
    if (n < 0x80) {
      this.#bytes[this.#length] = n
      this.#length += 1
      return this
    }
    let rest = n
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) | 0x80
      this.#length += 1
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length] = rest
    this.#length += 1
    return this
  }

  /** Zigzag LEB128 of an int64: 1 to 10 bytes, few for small magnitudes. */
  int64(n: bigint): this {
    assert(n >= INT64_MIN && n <= INT64_MAX, `not an int64: ${n}`)
    if (n >= -0x4000_0000n && n < 0x4000_0000n) return this.varint(zigzag(Number(n)))
    this.#reserve(VARINT_BYTES_MAX)
    let rest = BigInt.asUintN(64, (n << 1n) ^ (n >> 63n))
    while (rest >= 0x80n) {
      this.#bytes[this.#length] = Number(rest & 0x7fn) | 0x80
      this.#length += 1
      rest >>= 7n
    }
    this.#bytes[this.#length] = Number(rest)
    this.#length += 1
    return this
  }

  /** The bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** Length as varint, then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes)
  }

  /** UTF-8 length as varint, then UTF-8. Asserts well-formed text, because U+FFFD in its place would be another value. */
  text(text: string): this {
    assert(text.isWellFormed(), 'text has a lone surrogate')
    if (text.length < 0x2b) return this.#shortText(text)
    return this.bytes(utf8.encode(text))
  }

  /**
   * Writes a text of ASCII units alone as its bytes, without a length; of another text nothing, and says false. For short
   * texts, which a loop reads faster than an encoder is called.
   */
  ascii(text: string): boolean {
    const { length } = text
    this.#reserve(length)
    const [bytes, start] = [this.#bytes, this.#length]
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) return false
      bytes[start + i] = unit
    }
    this.#length = start + length
    return true
  }

  /** Up to 42 units are at most 126 bytes: their length takes one byte, so they can be encoded in place. */
  #shortText(text: string): this {
    this.#reserve(1 + 3 * text.length)
    const start = this.#length + 1
    this.#length = start
    if (this.ascii(text)) {
      this.#bytes[start - 1] = text.length
      return this
    }
    this.#length = start - 1
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(start, start + 3 * text.length))
    this.#bytes[this.#length] = written
    this.#length = start + written
    return this
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get offset(): number {
    return this.#offset
  }

  remaining(): number {
    return this.#bytes.length - this.#offset
  }

  u8(): number {
    const at = this.#take(1)
    return this.#bytes[at] as number
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** A safe integer ≥ 0, at most `max`. */
  varint(what: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const first = this.#bytes[this.#offset]
    // Most are one byte long. Past the end there is none, and the loop below says so.
    if (first !== undefined && first < 0x80 && first <= max) {
      this.#offset += 1
      return first
    }
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i += 1) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (i > 0 && byte === 0) throw overlong(what)
        return value <= max && Number.isSafeInteger(value) ? value : refuse(what, value)
      }
      scale *= 0x80
    }
    throw new DecodeFailure({ kind: 'malformed', what: `${what}: varint above 2^56` })
  }

  int64(what: string): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8()
      value |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      if (shift > 0n && byte === 0) throw overlong(what)
      if (value >= 2n ** 64n) return refuse(what, value)
      return (value >> 1n) ^ -(value & 1n)
    }
    throw new DecodeFailure({ kind: 'malformed', what: `${what}: varint above 64 bits` })
  }

  /** A view, not a copy, of the next `count` bytes. */
  raw(count: number): Uint8Array {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  /** A view of length-prefixed bytes, at most `max`. */
  bytes(what: string, max: number): Uint8Array {
    return this.raw(this.varint(what, max))
  }

  /** Length-prefixed UTF-8 of at most `max` bytes; other bytes are malformed. */
  text(what: string, max: number): string {
    const bytes = this.bytes(what, max)
    try {
      return utf8Checked.decode(bytes)
    } catch {
      throw new DecodeFailure({ kind: 'malformed', what: `${what}: not UTF-8` })
    }
  }

  #take(count: number): number {
    const at = this.#offset
    if (count > this.#bytes.length - at)
      throw new DecodeFailure({ kind: 'truncated', wantBytes: count, haveBytes: this.#bytes.length - at })
    this.#offset = at + count
    return at
  }
}

/** One value has one encoding: a changeset that is decoded and encoded again has the same bytes. */
function overlong(what: string): DecodeFailure {
  return new DecodeFailure({ kind: 'malformed', what: `${what}: varint longer than needed` })
}

function zigzag(n: number): number {
  return n >= 0 ? 2 * n : -2 * n - 1
}
