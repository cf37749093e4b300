/** Peer addresses: literal IP and port only, judged as the platform judges them, so that junk never reaches a resolver. */
import assert from 'node:assert/strict'
import { isIPv4, isIPv6 } from 'node:net'
import test from 'node:test'
import fc from 'fast-check'
import {
  isPeerAddress,
  PEER_ADDRESS_CHARS_MAX,
  peerAddress,
  peerAddressOf,
  splitPeerAddress,
} from './peer-address.ts'

const port: fc.Arbitrary<number> = fc.integer({ min: 1, max: 65_535 })
/** Text that is nearly an address, more often than chance would have it. */
const nearlyIpv6: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('0', '1', 'ffff', 'fe80', 'abcde', '', '1.2.3.4', '::'), {
    minLength: 1,
    maxLength: 9,
  })
  .map((parts) => parts.join(':'))
const nearlyIpv4: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('0', '1', '00', '01', '255', '256', '', '1000'), { minLength: 3, maxLength: 5 })
  .map((parts) => parts.join('.'))

test('every IPv4 and IPv6 address with a port is one, and splits into what it was made of', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), port, (ip, number) => {
      const host = ip.toLowerCase()
      const address = peerAddressOf(host, number)
      assert.ok(address.length <= PEER_ADDRESS_CHARS_MAX)
      assert.deepEqual(splitPeerAddress(address), { host, port: number })
    }),
    { numRuns: 300 },
  )
})

test('a bracketed host is accepted exactly where the platform calls it IPv6', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        nearlyIpv6,
        fc.ipV6().map((ip) => ip.toLowerCase()),
      ),
      (host) => {
        assert.equal(isPeerAddress(`[${host}]:1`), isIPv6(host), host)
      },
    ),
    { numRuns: 1000 },
  )
})

test('the corners of IPv6 are judged as the platform judges them', () => {
  for (const host of [
    '::',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8::',
    '1:2::3:4::5:6:7:8',
  ])
    assert.equal(isPeerAddress(`[${host}]:1`), isIPv6(host), host)
})

test('a bare host is accepted exactly where the platform calls it IPv4', () => {
  fc.assert(
    fc.property(nearlyIpv4, (host) => assert.equal(isPeerAddress(`${host}:1`), isIPv4(host), host)),
    { numRuns: 500 },
  )
})

test('names, zones, upper case, ports out of range and anything around an address are refused', () => {
  for (const text of [
    '',
    'localhost:80',
    '1.2.3.4',
    '1.2.3.4:0',
    '1.2.3.4:65536',
    '1.2.3.4:080',
    '1.2.3.4:80\n',
    '[face.de]:53',
    '[fe80::1%eth0]:80',
    '[FE80::1]:80',
    '::1:80',
    `[${'0:'.repeat(40)}]:80`,
  ]) {
    assert.equal(isPeerAddress(text), false, text)
    assert.throws(() => peerAddress(text), /not a peer address/)
  }
  assert.equal(peerAddressOf('FE80::1', 80), '[fe80::1]:80')
})

test('arbitrary text never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void isPeerAddress(text)))
})
