/**
 * Prelude: the clear header of every datagram (docs/protocol.md). Pure. All of it is additional authenticated data.
 *
 *   0  magic 'PD'          2   format version, 1       3   flags: bit 0 = plaintext
 *   4  key id, u32 BE      8   cluster tag, 4 bytes    12  sending process, 16 random bytes drawn at its start
 *   28 counter, u64 BE     36  payload, sealed or plain; sealed packets end with a tag of 16 bytes
 *
 * Process and counter together never repeat under a key, also not after a clone or a rollback of the machine.
 */
import { err, ok, type Result } from '@patina/base'
import type { DatagramRefusal } from '../transport.ts'

export const PRELUDE_BYTES = 36
export const PROCESS_BYTES = 16
export const CLUSTER_TAG_BYTES = 4
const MAGIC_0 = 0x50
const MAGIC_1 = 0x44
const FORMAT = 1
const FLAG_PLAINTEXT = 1
const KEY_ID_AT = 4
const CLUSTER_TAG_AT = 8
const PROCESS_AT = 12
export const COUNTER_AT = 28
const TWO_32 = 2 ** 32
/** The high word of a safe integer. */
const COUNTER_HIGH_MAX = 2 ** 21 - 1

export interface Prelude {
  readonly plaintext: boolean
  /** 0 in plaintext. */
  readonly keyId: number
  readonly clusterTag: number
  /** 16 bytes; a view in a decoded prelude. */
  readonly process: Uint8Array
  readonly counter: number
}

/** Writes the prelude to the first 36 bytes of `packet`. */
export function writePrelude(packet: Buffer, prelude: Prelude): void {
  packet[0] = MAGIC_0
  packet[1] = MAGIC_1
  packet[2] = FORMAT
  packet[3] = prelude.plaintext ? FLAG_PLAINTEXT : 0
  packet.writeUInt32BE(prelude.keyId, KEY_ID_AT)
  packet.writeUInt32BE(prelude.clusterTag, CLUSTER_TAG_AT)
  packet.set(prelude.process, PROCESS_AT)
  packet.writeUInt32BE(Math.floor(prelude.counter / TWO_32), COUNTER_AT)
  packet.writeUInt32BE(prelude.counter % TWO_32, COUNTER_AT + 4)
}

/** Which key sealed a packet that is known to be one. */
export function keyIdOf(packet: Buffer): number {
  return packet.readUInt32BE(KEY_ID_AT)
}

/** Reads a prelude of our format; nothing of it is proven yet. */
export function readPrelude(packet: Buffer): Result<Prelude, DatagramRefusal> {
  if (packet.length < PRELUDE_BYTES || packet[0] !== MAGIC_0 || packet[1] !== MAGIC_1)
    return err('not-patina')
  const flags = packet[3] as number
  const counterHigh = packet.readUInt32BE(COUNTER_AT)
  if (packet[2] !== FORMAT || flags > FLAG_PLAINTEXT || counterHigh > COUNTER_HIGH_MAX)
    return err('unknown-format')
  return ok({
    plaintext: flags === FLAG_PLAINTEXT,
    keyId: packet.readUInt32BE(KEY_ID_AT),
    clusterTag: packet.readUInt32BE(CLUSTER_TAG_AT),
    process: packet.subarray(PROCESS_AT, PROCESS_AT + PROCESS_BYTES),
    counter: counterHigh * TWO_32 + packet.readUInt32BE(COUNTER_AT + 4),
  })
}
