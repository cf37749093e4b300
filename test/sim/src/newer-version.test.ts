import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { actorId, instant, Prng, peerAddress } from '@patina/base'
import { defaultConfig, Swim, type SwimEffect } from '@patina/swim'
import { asNewer, UNKNOWN_BODY, UNKNOWN_FIELD } from './newer-version.ts'

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

test('what is new there is new: the schema has no such numbers', () => {
  const path = new URL('../../../packages/swim/proto/swim.proto', import.meta.url)
  const used = [...readFileSync(path, 'utf8').matchAll(/= (\d+);/g)].map(([, number]) => Number(number))
  assert.ok(used.includes(15) && !used.includes(UNKNOWN_FIELD) && !used.includes(UNKNOWN_BODY))
})
