/**
 * Rogue: a member of the cluster that says nonsense, and much of it, over sessions that are as good as anybody's. Bytes
 * that are no message, messages that break off, and changesets of an origin that exists nowhere else: whole ones whose
 * payload nobody understands (those are kept, and served on), damaged ones (those are dropped), times far ahead, numbers
 * with holes. Under one number it says one thing only; two contents under one are what clones and old disks are for.
 */
import { type ActorId, ByteWriter, encodeChangeset, hlc, type Prng, seq, version } from '@patina/base'
import { SERVICE } from '@patina/node'
import { RANK } from './event-heap.ts'
import { EPOCH_MS, type Fleet } from './fleet.ts'
import { actorOf, type Host } from './host.ts'

export interface RogueSpeech {
  readonly perSecond: number
  readonly forMs: number
}

/** Disks that no host ever gets to, from here on: the origins of forged changesets, another one for each speech. */
const ROGUE_DISK = 0xbad0000
const SPEECHES_MAX = 0x10000
const SECOND_MS = 1_000
const JUNK_BYTES_MAX = 400
const PAYLOAD_BYTES_MAX = 2_000
/** Changesets of one message, at most. */
const CHANGESETS_MAX = 5
/** Holes in its numbers are this long, at most. */
const HOLE_MAX = 3
const DAY_MICROS = 86_400_000_000

/** Speaks from now on. */
export function speakNonsense(fleet: Fleet, host: Host, { perSecond, forMs }: RogueSpeech): void {
  const { world } = fleet
  const origin = actorOf(host.node, ROGUE_DISK + world.prng.below(SPEECHES_MAX))
  const forger = new Forger(origin, world.prng)
  const count = Math.floor((perSecond * forMs) / SECOND_MS)
  for (let i = 0; i < count; i += 1)
    world.at(world.now + (i * SECOND_MS) / perSecond, RANK.step, () => {
      const peers = fleet.running().filter(({ node }) => fleet.streams.isOpen(host.node, node))
      for (const peer of world.prng.sample(peers, 1)) {
        const bytes = nonsense(forger, world.prng, EPOCH_MS + world.now)
        fleet.streams.send(host.node, peer.node, 'fresh', bytes)
      }
    })
}

function nonsense(forger: Forger, prng: Prng, wallMs: number): Uint8Array {
  switch (prng.below(4)) {
    case 0:
      return junk(prng)
    case 1: {
      const whole = changes(forger.next(wallMs, 1))
      return whole.subarray(0, 1 + prng.below(whole.length))
    }
    default:
      return changes(forger.next(wallMs, 1 + prng.below(CHANGESETS_MAX)))
  }
}

/** To any service, one that is not known among them. */
function junk(prng: Prng): Uint8Array {
  const bytes = Uint8Array.from({ length: 1 + prng.below(JUNK_BYTES_MAX) }, () => prng.below(256))
  bytes[0] = prng.below(5)
  return bytes
}

/** A `Changes` of sync.proto: `DIRECT`, and the changesets. */
function changes(changesets: readonly Uint8Array[]): Uint8Array {
  const body = new ByteWriter().u8(0x08).u8(1)
  for (const bytes of changesets) body.u8(0x12).varint(bytes.length).raw(bytes)
  const inner = body.toBytes()
  return new ByteWriter().u8(SERVICE.sync).u8(0x0a).varint(inner.length).raw(inner).toBytes()
}

class Forger {
  readonly #actor: ActorId
  readonly #prng: Prng
  readonly #said: Uint8Array[] = []
  #version = 0

  constructor(actor: ActorId, prng: Prng) {
    this.#actor = actor
    this.#prng = prng
  }

  /** New ones, and some that it has said before. */
  next(wallMs: number, count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const again = this.#prng.chance(1, 3) ? this.#said[this.#prng.below(this.#said.length + 1)] : undefined
      return again ?? this.#forge(wallMs)
    })
  }

  #forge(wallMs: number): Uint8Array {
    const prng = this.#prng
    this.#version += 1 + prng.below(HOLE_MAX)
    const last = seq(prng.below(3))
    const ahead = prng.chance(1, 4) ? DAY_MICROS : 0
    const bytes = encodeChangeset(
      {
        actor: this.#actor,
        version: version(this.#version),
        firstSeq: seq(0),
        lastSeq: last,
        versionLastSeq: last,
        ts: hlc(Math.floor(wallMs * 1_000) + ahead),
        flags: prng.below(256),
      },
      Uint8Array.from({ length: prng.below(PAYLOAD_BYTES_MAX) }, () => prng.below(256)),
    )
    // A damaged one has no good copy: whatever was flipped, its checksum says so.
    if (prng.chance(1, 4)) bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    this.#said.push(bytes)
    return bytes
  }
}
