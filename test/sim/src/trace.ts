/**
 * Trace: a hash over everything that happens in a world, in order: when, to whom, what, with which bytes. Two runs with
 * one hash were the same run. It keeps no events, so that a run of any length costs nothing; `watch` shows them as lines.
 */
import { crc32 } from 'node:zlib'

/** What is hashed, as one number each. */
export const TRACED = {
  datagram: 1,
  message: 2,
  deadline: 3,
  session: 4,
  step: 5,
  notification: 6,
  store: 7,
  lost: 8,
} as const
export type Traced = keyof typeof TRACED

export type TraceWatcher = (atMs: number, node: number, what: Traced, detail: string) => void

const FNV_PRIME = 16_777_619
const MICROS = 1_000

export class Trace {
  #low = 0x811c9dc5
  #high = 0x9e3779b9
  #count = 0
  #watcher: TraceWatcher | undefined

  /** Each event is shown to the watcher too. */
  watch(watcher: TraceWatcher): void {
    this.#watcher = watcher
  }

  /** Events hashed so far. */
  get count(): number {
    return this.#count
  }

  add(atMs: number, node: number, what: Traced, detail: Uint8Array | string): void {
    this.#count += 1
    this.#mix(Math.round(atMs * MICROS))
    this.#mix(node * 16 + TRACED[what])
    if (typeof detail === 'string')
      for (let i = 0; i < detail.length; i += 1) this.#mixByte(detail.charCodeAt(i))
    else this.#mix(crc32(detail))
    if (this.#watcher !== undefined)
      this.#watcher(atMs, node, what, typeof detail === 'string' ? detail : `${detail.length} bytes`)
  }

  /** 16 hex digits. */
  hash(): string {
    return hex(this.#high) + hex(this.#low)
  }

  #mix(n: number): void {
    this.#low = Math.imul(this.#low ^ (n | 0), FNV_PRIME)
    this.#high =
      Math.imul(this.#high ^ (this.#low + Math.floor(n / 2 ** 32)), FNV_PRIME) ^ (this.#high >>> 15)
  }

  #mixByte(byte: number): void {
    this.#low = Math.imul(this.#low ^ byte, FNV_PRIME)
  }
}

function hex(n: number): string {
  return (n >>> 0).toString(16).padStart(8, '0')
}
