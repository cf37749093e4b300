/**
 * Memory of a member: what the heap grows by with each that has told its metadata, was measured and has told its coordinate, as
 * every member of a large cluster is before long. What only a while needs (rumors, rates) has ended by then.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ActorId, actorFromBytes, instant, type PeerAddress, Prng, peerAddress } from '@patina/base'
import { decodePacket, encodePacketHead } from '../src/codec.ts'
import { defaultConfig, Swim, type SwimEffect } from '../src/index.ts'
import type { MemberRecord } from '../src/member.ts'
import type { OwnBody } from '../src/outbox.ts'

/** Each nearly fills what tables have grown to, so that their growth counts once. */
const FEW = 1_000
const MANY = 4_000
/** With names and addresses of usual length; see the README for what it consists of. */
const BYTES_PER_MEMBER_MAX = 840
const COORDINATE = { place: new Array<number>(8).fill(1.5), height: 1, adjustment: 0.5, error: 0.3 }

test('a member that was heard, measured and told its coordinate takes at most so many bytes', (t) => {
  const machine = new Played()
  machine.meet(FEW)
  const before = machine.heldBytes()
  machine.meet(MANY)
  const bytes = (machine.heldBytes() - before) / (MANY - FEW)
  t.diagnostic(`${Math.round(bytes)} bytes a member`)
  assert.ok(bytes <= BYTES_PER_MEMBER_MAX, `${bytes} bytes a member`)
})

/** One machine and peers of which nothing is kept but how to find them again by their address. */
class Played {
  readonly #swim: Swim
  readonly #collect: () => void
  #nowMs = 0
  #peers = 0

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
    const { told, ...self } = recordOf(0)
    const metadata = told?.metadata ?? assert.fail()
    // So many probes that each is measured within minutes; a datagram is answered in 20 ms.
    const config = { ...defaultConfig, probePeriodMs: 50, probeTimeoutMs: 25, probeTimeoutMsMin: 25 }
    this.#swim = new Swim(config, { ...self, metadata }, new Prng(1))
    this.#feed({ kind: 'join', seeds: [] })
  }

  /** Until so many are known, each was measured four times, and nothing of that is under way any more. */
  meet(peers: number): void {
    for (; this.#peers < peers; this.#peers += 1) {
      this.#nowMs += 10
      this.#receive(this.#peers + 1, { kind: 'gossip' }, true)
    }
    this.#run(4 * peers * 50 + 20_000)
    const measured = this.#swim.members().filter(({ rttMs }) => rttMs !== undefined)
    assert.equal(measured.length, peers)
    assert.deepEqual([this.#swim.health().rumors, this.#swim.health().unverified], [0, 0])
  }

  heldBytes(): number {
    this.#collect()
    this.#collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }

  #run(forMs: number): void {
    const end = this.#nowMs + forMs
    while (this.#swim.nextDeadline() <= end) {
      this.#nowMs = Math.max(this.#nowMs, this.#swim.nextDeadline())
      this.#feed({ kind: 'deadline-reached' })
    }
    this.#nowMs = end
  }

  #feed(event: Parameters<Swim['handle']>[0]): void {
    const pings = this.#swim.handle(event, instant(this.#nowMs)).flatMap((effect) => pingOf(effect))
    for (const { probe, peer } of pings) {
      this.#nowMs += 3
      this.#receive(peer, { kind: 'ack', probe, coordinate: COORDINATE }, false)
    }
  }

  #receive(peer: number, body: OwnBody, isIntroduced: boolean): void {
    const { told, ...bare } = recordOf(peer)
    const bytes = encodePacketHead({ ...bare, told: isIntroduced ? told : undefined }, body)
    this.#feed({ kind: 'datagram-received', from: addressOf(peer), bytes })
  }
}

function pingOf(effect: SwimEffect): { readonly probe: number; readonly peer: number }[] {
  if (effect.kind !== 'send-datagram') return []
  const decoded = decodePacket(effect.bytes)
  assert.ok(decoded.ok)
  const { body } = decoded.value
  return body.kind === 'ping' ? [{ probe: body.probe, peer: peerAt(effect.to) }] : []
}

const SALT = randomBytes(12)

function actorOf(peer: number): ActorId {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, Math.imul(peer, 2_654_435_761) >>> 0)
  bytes.set(SALT, 4)
  return actorFromBytes(bytes)
}

function addressOf(peer: number): PeerAddress {
  return peerAddress(`10.${peer >> 16}.${(peer >> 8) & 255}.${peer & 255}:4001`)
}

function peerAt(address: PeerAddress): number {
  const [, a = 0, b = 0, c = 0] = address.split(/[.:]/).map(Number)
  return (a << 16) | (b << 8) | c
}

function recordOf(peer: number): MemberRecord {
  const generation = 1_767_225_600_000 + peer
  const address = addressOf(peer)
  const metadata = {
    name: `host-${peer}`,
    region: `region-${peer % 20}`,
    apiAddress: address.replace('4001', '8080'),
    tags: {},
  }
  const told = { generation, incarnation: 0, metadata }
  return { actor: actorOf(peer), generation, incarnation: 0, state: 'alive', address, told }
}
