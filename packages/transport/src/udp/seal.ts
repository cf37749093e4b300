/**
 * Sealer and Opener: AES-256-GCM per datagram. The key of a sending process is HKDF-SHA256(cluster key, salt = its 16
 * random bytes), the nonce is its counter, the prelude is additional authenticated data. Only synchronous ciphers: the
 * asynchronous ones cost ten times as much. State that a stranger can cause exists only for packets that are authentic.
 * Does not protect against a replay to a receiver that has restarted since: swim's order of states does.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { assert, err, must, ok, type Result } from '@patina/base'
import { limits } from '../limits.ts'
import type { DatagramRefusal } from '../transport.ts'
import type { ClusterKey, Keyring } from './keyring.ts'
import {
  CLUSTER_TAG_BYTES,
  COUNTER_AT,
  PRELUDE_BYTES,
  PROCESS_BYTES,
  type Prelude,
  readPrelude,
  writePrelude,
} from './prelude.ts'
import { ReplayWindow } from './replay-window.ts'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
const KEY_BYTES = 32
const NONCE_BYTES = 12
const COUNTER_BYTES = 8
const KEY_LABEL = 'patina datagram 1 '
const NO_KEY_ID = 0

/** The longest packet on the wire. */
export const PACKET_BYTES_MAX: number = PRELUDE_BYTES + limits.datagramPayloadBytesMax + TAG_BYTES

/** How datagrams are protected: by the cluster's keys, or deliberately not at all. */
export type DatagramSecurity = Keyring | 'plaintext'

export interface SealOptions {
  readonly clusterId: string
  readonly security: DatagramSecurity
  /** 16 random bytes, drawn at the start of this process and never kept. */
  readonly process: Uint8Array
}

/**
 * Seals this process' packets. One per process: a second one with the same bytes would repeat nonces. One counter runs through
 * all keys and rotations, so that none is ever used twice under a key that comes back.
 */
export class Sealer {
  readonly #clusterId: string
  readonly #clusterTag: number
  readonly #process: Uint8Array
  readonly #nonce = Buffer.alloc(NONCE_BYTES)
  /** Keys of this process by cluster key; none in plaintext. */
  #keys: ReadonlyMap<number, Uint8Array> = new Map()
  #firstId = NO_KEY_ID
  #counter = 0

  constructor(options: SealOptions) {
    assert(options.process.length === PROCESS_BYTES, `a process is told by ${PROCESS_BYTES} bytes`)
    this.#clusterId = options.clusterId
    this.#clusterTag = clusterTag(options.clusterId)
    this.#process = options.process
    if (options.security !== 'plaintext') this.useKeys(options.security)
  }

  /** The key that seals unless another one is asked for; 0 in plaintext. */
  get firstId(): number {
    return this.#firstId
  }

  /** Another keyring from now on. */
  useKeys({ keys }: Keyring): void {
    const derived = keys.map((key) => [key.id, deriveKey(key, this.#process, this.#clusterId)] as const)
    this.#keys = new Map(derived)
    this.#firstId = keys[0].id
  }

  /** The packet for a payload of at most `limits.datagramPayloadBytesMax` bytes. A key that is gone: the first one. */
  seal(payload: Uint8Array, wantedId: number = this.#firstId): Buffer {
    assert(payload.length <= limits.datagramPayloadBytesMax, `a datagram of ${payload.length} bytes`)
    const keyId = this.#keys.has(wantedId) ? wantedId : this.#firstId
    const key = this.#keys.get(keyId)
    const packet = Buffer.allocUnsafe(PRELUDE_BYTES + payload.length + (key === undefined ? 0 : TAG_BYTES))
    writePrelude(packet, {
      plaintext: key === undefined,
      keyId,
      clusterTag: this.#clusterTag,
      process: this.#process,
      counter: this.#nextCounter(),
    })
    if (key === undefined) packet.set(payload, PRELUDE_BYTES)
    else encrypt(packet, payload, key, this.#nonce)
    return packet
  }

  #nextCounter(): number {
    this.#counter += 1
    assert(Number.isSafeInteger(this.#counter), 'the counter of this process is used up')
    return this.#counter
  }
}

/** What is kept of a process whose packets were authentic. */
interface Sender {
  readonly key: Uint8Array | undefined
  readonly window: ReplayWindow
}

/** Opens packets of any process of the cluster, each at most once. */
export class Opener {
  readonly #clusterId: string
  readonly #clusterTag: number
  #keysById: ReadonlyMap<number, ClusterKey> | undefined
  readonly #self: string
  readonly #nonce = Buffer.alloc(NONCE_BYTES)
  /** Least recently heard first; at most `replayWindowsMax`. */
  readonly #senders = new Map<string, Sender>()

  constructor(options: SealOptions) {
    this.#clusterId = options.clusterId
    this.#clusterTag = clusterTag(options.clusterId)
    this.#self = Buffer.from(options.process).toString('latin1')
    if (options.security !== 'plaintext') this.useKeys(options.security)
  }

  /** Another keyring from now on. Processes heard under keys that stay keep their replay windows. */
  useKeys({ keys }: Keyring): void {
    this.#keysById = new Map(keys.map((key) => [key.id, key]))
    for (const name of this.#senders.keys())
      if (!this.#keysById.has(Number.parseInt(name, 10))) this.#senders.delete(name)
  }

  /** The payload, or why the packet is dropped. Never throws, whatever the bytes. */
  open(packet: Buffer): Result<Uint8Array, DatagramRefusal> {
    const read = readPrelude(packet)
    if (!read.ok) return read
    const prelude = read.value
    if (packet.length > PACKET_BYTES_MAX) return err('too-long')
    if (prelude.clusterTag !== this.#clusterTag) return err('other-cluster')
    if (prelude.plaintext !== (this.#keysById === undefined)) return err('not-authentic')
    return this.#openFrom(packet, prelude)
  }

  #openFrom(packet: Buffer, prelude: Prelude): Result<Uint8Array, DatagramRefusal> {
    const process = Buffer.from(prelude.process).toString('latin1')
    const name = `${prelude.keyId}:${process}`
    const known = this.#senders.get(name)
    const key = known === undefined ? this.#keyFor(prelude) : known.key
    if (key === undefined && !prelude.plaintext) return err('unknown-key')
    const payload = key === undefined ? packet.subarray(PRELUDE_BYTES) : decrypt(packet, key, this.#nonce)
    if (payload === undefined) return err('not-authentic')
    // Our own packets come back only when somebody reflects them.
    if (process === this.#self) return err('replayed')
    const sender = known ?? { key, window: new ReplayWindow(limits.replayWindowPackets) }
    if (!sender.window.accept(prelude.counter)) return err('replayed')
    this.#remember(name, sender)
    return ok(new Uint8Array(payload.buffer, payload.byteOffset, payload.length))
  }

  #keyFor(prelude: Prelude): Uint8Array | undefined {
    const clusterKey = this.#keysById?.get(prelude.keyId)
    return clusterKey && deriveKey(clusterKey, prelude.process, this.#clusterId)
  }

  #remember(name: string, sender: Sender): void {
    this.#senders.delete(name)
    this.#senders.set(name, sender)
    if (this.#senders.size <= limits.replayWindowsMax) return
    this.#senders.delete(must(this.#senders.keys().next().value, 'a full map has a first entry'))
  }
}

/** The first 4 bytes of SHA-256 of the cluster id: keeps neighbours apart, proves nothing. */
function clusterTag(clusterId: string): number {
  return createHash('sha256').update(clusterId).digest().subarray(0, CLUSTER_TAG_BYTES).readUInt32BE(0)
}

/** The cluster id is part of the label, so that clusters which share a key by mistake stay apart. */
function deriveKey(clusterKey: ClusterKey, process: Uint8Array, clusterId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', clusterKey.bytes, process, KEY_LABEL + clusterId, KEY_BYTES))
}

function encrypt(packet: Buffer, payload: Uint8Array, key: Uint8Array, nonce: Buffer): void {
  packet.copy(nonce, NONCE_BYTES - COUNTER_BYTES, COUNTER_AT, COUNTER_AT + COUNTER_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(packet.subarray(0, PRELUDE_BYTES))
  packet.set(cipher.update(payload), PRELUDE_BYTES)
  cipher.final()
  packet.set(cipher.getAuthTag(), PRELUDE_BYTES + payload.length)
}

/** Undefined where the tag does not prove prelude and payload. */
function decrypt(packet: Buffer, key: Uint8Array, nonce: Buffer): Buffer | undefined {
  const tagAt = packet.length - TAG_BYTES
  if (tagAt < PRELUDE_BYTES) return undefined
  packet.copy(nonce, NONCE_BYTES - COUNTER_BYTES, COUNTER_AT, COUNTER_AT + COUNTER_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(packet.subarray(0, PRELUDE_BYTES))
  decipher.setAuthTag(packet.subarray(tagAt))
  const payload = decipher.update(packet.subarray(PRELUDE_BYTES, tagAt))
  try {
    decipher.final()
  } catch {
    // final() throws for one reason only: the tag does not match.
    return undefined
  }
  return payload
}
