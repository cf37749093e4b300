import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, instant, Prng, peerAddress } from '@patina/base'
import { defaultConfig, Swim, type SwimEffect } from '@patina/swim'
import { asNewer } from './newer-version.ts'

const metadata = { name: 'n', region: 'ams', apiAddress: '', tags: {} }

function machine(n: number): Swim {
  const actor = actorId(String(n).padStart(32, '0'))
  const self = { actor, address: peerAddress(`10.0.0.${n}:1`), generation: 1, metadata }
  return new Swim(defaultConfig, self, new Prng(n))
}

function datagrams(effects: readonly SwimEffect[]): Uint8Array[] {
  return effects.flatMap((effect) => (effect.kind === 'send-datagram' ? [effect.bytes] : []))
}

test('a packet of a later version is longer, is understood, and says so', () => {
  const [one, other] = [machine(1), machine(2)]
  const from = peerAddress('10.0.0.1:1')
  other.handle({ kind: 'join', seeds: [] }, instant(0))
  // Padded to the length of a datagram: it has no room for more.
  const [announce] = datagrams(one.handle({ kind: 'join', seeds: [peerAddress('10.0.0.2:1')] }, instant(0)))
  assert.ok(announce)
  assert.equal(asNewer(announce), announce)
  const effects = other.handle({ kind: 'datagram-received', from, bytes: announce }, instant(1))
  for (const bytes of datagrams(effects)) {
    const newer = asNewer(bytes)
    assert.ok(newer.length > bytes.length)
    const told = one.handle(
      { kind: 'datagram-received', from: peerAddress('10.0.0.2:1'), bytes: newer },
      instant(2),
    )
    assert.ok(told.every(({ kind }) => kind !== 'count'))
  }
  assert.equal(one.members()[0]?.state, 'alive')
  assert.equal(one.explain(actorId('2'.padStart(32, '0')))?.protocolMax, 2)
})
