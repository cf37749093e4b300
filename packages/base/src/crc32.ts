/** CRC-32 (IEEE 802.3, reflected polynomial 0xEDB88320), four bytes a step. Guards changesets against bit rot, not against malice. */

const TABLES: readonly Uint32Array[] = makeTables()

/** CRC of `bytes`, continued from `seed` (the CRC of what came before; 0 at the start). */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const [t0, t1, t2, t3] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  let crc = ~seed
  let i = 0
  for (const end = bytes.length - 3; i < end; i += 4) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number)
  }
  for (; i < bytes.length; i += 1) crc = (t0[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTables(): Uint32Array[] {
  const tables = [0, 1, 2, 3].map(() => new Uint32Array(256))
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    ;(tables[0] as Uint32Array)[byte] = crc
  }
  for (let step = 1; step < 4; step += 1)
    for (let byte = 0; byte < 256; byte += 1) {
      const before = (tables[step - 1] as Uint32Array)[byte] as number
      ;(tables[step] as Uint32Array)[byte] =
        (before >>> 8) ^ ((tables[0] as Uint32Array)[before & 0xff] as number)
    }
  return tables
}
