/**
 * MurmurHash3 x86 128 (Appleby, 2011), seeded by 32 bits; the salt that goes before the data makes collisions of one
 * exchange unlike those of the next. Peers are authenticated, so no hash against attackers is needed here.
 */
const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93
const BLOCK_BYTES = 16

export const HASH_BYTES = 16

/** 16 bytes; linear in the input. */
export function hash128(bytes: Uint8Array, seed = 0): Uint8Array<ArrayBuffer> {
  const h = new Uint32Array([seed, seed, seed, seed])
  const tail = bytes.length % BLOCK_BYTES
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) mixBlock(h, view, at)
  if (tail > 0) mixTail(h, bytes.subarray(bytes.length - tail))
  finish(h, bytes.length)
  const out = new Uint8Array(HASH_BYTES)
  const outView = new DataView(out.buffer)
  for (let i = 0; i < 4; i += 1) outView.setUint32(4 * i, h[i] as number, true)
  return out
}

function mixBlock(h: Uint32Array, view: DataView, at: number): void {
  let [h1, h2, h3, h4] = h as unknown as [number, number, number, number]
  h1 = rotate(h1 ^ lane(view.getUint32(at, true), C1, 15, C2), 19) + h2
  h1 = Math.imul(h1, 5) + 0x561ccd1b
  h2 = rotate(h2 ^ lane(view.getUint32(at + 4, true), C2, 16, C3), 17) + h3
  h2 = Math.imul(h2, 5) + 0x0bcaa747
  h3 = rotate(h3 ^ lane(view.getUint32(at + 8, true), C3, 17, C4), 15) + h4
  h3 = Math.imul(h3, 5) + 0x96cd1c35
  h4 = rotate(h4 ^ lane(view.getUint32(at + 12, true), C4, 18, C1), 13) + h1
  h4 = Math.imul(h4, 5) + 0x32ac3b17
  h[0] = h1
  h[1] = h2
  h[2] = h3
  h[3] = h4
}

/** The last 1…15 bytes: as a block filled with zeros, without the mixing between lanes. */
function mixTail(h: Uint32Array, tail: Uint8Array): void {
  const padded = new Uint8Array(BLOCK_BYTES)
  padded.set(tail)
  const view = new DataView(padded.buffer)
  h[0] = (h[0] as number) ^ lane(view.getUint32(0, true), C1, 15, C2)
  h[1] = (h[1] as number) ^ lane(view.getUint32(4, true), C2, 16, C3)
  h[2] = (h[2] as number) ^ lane(view.getUint32(8, true), C3, 17, C4)
  h[3] = (h[3] as number) ^ lane(view.getUint32(12, true), C4, 18, C1)
}

function finish(h: Uint32Array, length: number): void {
  for (let i = 0; i < 4; i += 1) h[i] = (h[i] as number) ^ length
  spread(h)
  for (let i = 0; i < 4; i += 1) h[i] = avalanche(h[i] as number)
  spread(h)
}

function spread(h: Uint32Array): void {
  h[0] = (h[0] as number) + (h[1] as number) + (h[2] as number) + (h[3] as number)
  for (let i = 1; i < 4; i += 1) h[i] = (h[i] as number) + (h[0] as number)
}

function lane(k: number, first: number, bits: number, second: number): number {
  return Math.imul(rotate(Math.imul(k, first), bits), second)
}

function avalanche(n: number): number {
  let h = n
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function rotate(n: number, bits: number): number {
  return (n << bits) | (n >>> (32 - bits))
}
