import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { limits } from '../limits.ts'
import { generateSecret, parseKeyring } from './keyring.ts'
import { PRELUDE_BYTES } from './prelude.ts'
import { type DatagramSecurity, Opener, PACKET_BYTES_MAX, Sealer, type SealOptions } from './seal.ts'

const keyring = parseKeyring(generateSecret(), 'test')

function options(security: DatagramSecurity = keyring, clusterId = 'blue'): SealOptions {
  return { clusterId, security, process: randomBytes(16) }
}

function outcome(opener: Opener, packet: Buffer): string {
  const opened = opener.open(packet)
  return opened.ok ? Buffer.from(opened.value).toString() : opened.error
}

test('what one process seals another opens, once', () => {
  const sealer = new Sealer(options())
  const opener = new Opener(options())
  const payloads = fc.uint8Array({ maxLength: limits.datagramPayloadBytesMax })
  fc.assert(
    fc.property(payloads, (payload) => {
      const packet = sealer.seal(payload)
      assert.deepEqual(opener.open(packet), { ok: true, value: payload })
      assert.deepEqual(opener.open(packet), { ok: false, error: 'replayed' })
    }),
  )
})

test('a packet of the greatest payload fits the promised size and hides its payload', () => {
  const payload = Buffer.alloc(limits.datagramPayloadBytesMax, 'patina')
  const packet = new Sealer(options()).seal(payload)
  assert.equal(packet.length, PACKET_BYTES_MAX)
  assert.equal(packet.length + 28, 1_280)
  assert.equal(packet.includes('patina'), false)
})

test('no bit of a packet can be changed', () => {
  const packet = new Sealer(options()).seal(Buffer.from('hello'))
  const opener = new Opener(options())
  for (let bit = 0; bit < packet.length * 8; bit += 1) {
    const changed = Buffer.from(packet)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.equal(opener.open(changed).ok, false, `bit ${bit}`)
  }
  assert.equal(outcome(opener, packet), 'hello', 'and none of them moved the replay window')
})

test('each refusal has its reason', () => {
  const opener = new Opener(options())
  const packet = new Sealer(options()).seal(Buffer.from('hello'))
  const withByte = (at: number, value: number): Buffer => {
    const changed = Buffer.from(packet)
    changed[at] = value
    return changed
  }
  assert.equal(outcome(opener, Buffer.alloc(0)), 'not-patina')
  assert.equal(outcome(opener, Buffer.from('GET / HTTP/1.1')), 'not-patina')
  assert.equal(outcome(opener, withByte(2, 2)), 'unknown-format')
  assert.equal(outcome(opener, withByte(3, 2)), 'unknown-format')
  assert.equal(outcome(opener, withByte(3, 1)), 'not-authentic')
  assert.equal(outcome(opener, Buffer.concat([packet, Buffer.alloc(2_000)])), 'too-long')
  assert.equal(outcome(opener, packet.subarray(0, PRELUDE_BYTES + 3)), 'not-authentic')
  assert.equal(outcome(opener, new Sealer(options(keyring, 'red')).seal(Buffer.from('x'))), 'other-cluster')
  const stranger = parseKeyring(generateSecret(), 'test')
  assert.equal(outcome(opener, new Sealer(options(stranger)).seal(Buffer.from('x'))), 'unknown-key')
  assert.equal(outcome(opener, new Sealer(options('plaintext')).seal(Buffer.from('x'))), 'not-authentic')
})

test('a packet that is thrown back at its sender is refused', () => {
  const self = options()
  assert.equal(outcome(new Opener(self), new Sealer(self).seal(Buffer.from('x'))), 'replayed')
})

test('keys rotate without a moment in which somebody is not understood', () => {
  const [older, newer] = [generateSecret(), generateSecret()]
  const rings = [older, `${older}\n${newer}`, `${newer}\n${older}`, newer].map((text) =>
    parseKeyring(text, 'test'),
  )
  for (const [step, ring] of rings.entries())
    for (const neighbour of rings.slice(Math.max(0, step - 1), step + 2))
      assert.equal(
        outcome(new Opener(options(neighbour)), new Sealer(options(ring)).seal(Buffer.from('ok'))),
        'ok',
      )
})

test('plaintext is a mode of both ends: readable, kept apart by cluster, still refused twice', () => {
  const packet = new Sealer(options('plaintext')).seal(Buffer.from('open secret'))
  assert.equal(packet.includes('open secret'), true)
  const opener = new Opener(options('plaintext'))
  assert.equal(outcome(opener, packet), 'open secret')
  assert.equal(outcome(opener, packet), 'replayed')
  assert.equal(
    outcome(opener, new Sealer(options('plaintext', 'red')).seal(Buffer.from('x'))),
    'other-cluster',
  )
  assert.equal(outcome(opener, new Sealer(options()).seal(Buffer.from('x'))), 'not-authentic')
})

test('arbitrary bytes, also behind a true prelude, never throw', () => {
  const opener = new Opener(options())
  const prelude = new Sealer(options()).seal(Buffer.alloc(0)).subarray(0, PRELUDE_BYTES)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, genuine) => {
      assert.equal(opener.open(Buffer.concat([genuine ? prelude : Buffer.alloc(0), bytes])).ok, false)
    }),
  )
})

test('rotation: both keys open while both are in the ring; the counter runs on, and replays stay replays', () => {
  const [old, fresh] = [generateSecret(), generateSecret()]
  const ring = (...lines: string[]) => parseKeyring(lines.join('\n'), 'test')
  const sealer = new Sealer(options(ring(old)))
  const opener = new Opener(options(ring(old)))
  const first = sealer.seal(Buffer.from('first'))
  assert.equal(outcome(opener, first), 'first')

  sealer.useKeys(ring(fresh, old))
  const early = sealer.seal(Buffer.from('early'))
  assert.equal(outcome(opener, early), 'unknown-key')
  opener.useKeys(ring(old, fresh))
  assert.equal(outcome(opener, early), 'early')
  assert.equal(outcome(opener, first), 'replayed')
  const underOld = sealer.seal(Buffer.from('under old'), ring(old).keys[0].id)
  assert.equal(outcome(opener, underOld), 'under old')

  opener.useKeys(ring(fresh))
  assert.equal(outcome(opener, sealer.seal(Buffer.from('late'), ring(old).keys[0].id)), 'unknown-key')
  assert.equal(outcome(opener, early), 'replayed')
  sealer.useKeys(ring(fresh))
  const gone = sealer.seal(Buffer.from('by the first'), ring(old).keys[0].id)
  assert.equal(outcome(opener, gone), 'by the first')
  opener.useKeys(ring(fresh, old))
  assert.equal(
    outcome(opener, first),
    'first',
    'a key that was dropped has lost its windows: do not bring it back',
  )
})
