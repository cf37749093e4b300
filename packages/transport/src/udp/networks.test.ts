import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNetworks } from './networks.ts'

test('networks of both families; an IPv4 address in the shape of IPv6 is the same', () => {
  const networks = parseNetworks(['10.0.0.0/8', 'fd00::/8', '192.0.2.7/32'], 'allowed')
  assert.ok(networks !== undefined)
  const cases = [
    ['10.255.0.1', 'ipv4', true],
    ['11.0.0.1', 'ipv4', false],
    ['192.0.2.7', 'ipv4', true],
    ['192.0.2.8', 'ipv4', false],
    ['::ffff:10.1.2.3', 'ipv6', true],
    ['::ffff:11.1.2.3', 'ipv6', false],
    ['fd12::1', 'ipv6', true],
    ['fe80::1', 'ipv6', false],
  ] as const
  for (const [address, family, expected] of cases)
    assert.equal(networks.check(address, family), expected, address)
  assert.equal(parseNetworks([], 'allowed'), undefined)
})

test('what is no network is refused by its name', () => {
  for (const entry of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8/8', 'host/8', '::/129', '/8', '10.0.0.0/-1'])
    assert.throws(
      () => parseNetworks([entry], 'gossip.allowed_networks'),
      /^Error: gossip\.allowed_networks: "/,
    )
})
