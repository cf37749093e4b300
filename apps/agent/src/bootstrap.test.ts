import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PeerAddress, peerAddress } from '@patina/base'
import fc from 'fast-check'
import { turn, until } from '../test/fake-port.ts'
import { followBootstrap, parseBootstrap, resolveBootstrap } from './bootstrap.ts'

const OWN = peerAddress('127.0.0.1:7')

test('addresses and names', () => {
  assert.deepEqual(parseBootstrap(['10.0.0.1:7', '[fd00::1]:7', 'peer-1.example:7']), [
    { kind: 'address', address: '10.0.0.1:7' },
    { kind: 'address', address: '[fd00::1]:7' },
    { kind: 'name', host: 'peer-1.example', port: 7 },
  ])
})

test('what has no known form refuses the start and is named', () => {
  const wrong = [
    '',
    'peer',
    'peer:',
    'peer:0',
    'peer:65536',
    '300.0.0.1:7',
    'srv+_patina._udp.example',
    'a b:7',
    '-a:7',
  ]
  for (const entry of wrong)
    assert.throws(() => parseBootstrap([entry]), {
      message: `gossip.bootstrap: "${entry}" is neither ip:port nor host:port`,
    })
})

test('arbitrary text is an entry or a refusal', () => {
  fc.assert(
    fc.property(fc.string(), (entry) => {
      try {
        assert.equal(parseBootstrap([entry]).length, 1)
      } catch (cause) {
        assert.match((cause as Error).message, /^gossip\.bootstrap: /)
      }
    }),
  )
})

test('names are resolved, doubles and the own address left out', async () => {
  const entries = parseBootstrap(['127.0.0.1:7', '10.0.0.1:7', '10.0.0.1:7', 'localhost:8'])
  const { addresses, failures } = await resolveBootstrap(entries, OWN)
  assert.deepEqual(failures, [])
  assert.deepEqual(
    addresses.filter((address) => address.endsWith(':7')),
    ['10.0.0.1:7'],
  )
  assert.ok(addresses.some((address) => address.endsWith(':8')))
})

test('joins at once; without names the machine keeps trying by itself', async () => {
  const joined: (readonly PeerAddress[])[] = []
  const stop = followBootstrap(parseBootstrap(['10.0.0.1:7']), {
    own: OWN,
    isAlone: () => true,
    join: (seeds) => joined.push(seeds),
    warn: () => assert.fail('nothing to warn of'),
  })
  await until(() => joined.length === 1)
  assert.deepEqual(joined, [['10.0.0.1:7']])
  stop()
})

test('nothing is joined after the stop, nor without entries', async () => {
  const shell = { own: OWN, isAlone: () => true, join: () => assert.fail('joined'), warn: () => {} }
  followBootstrap(parseBootstrap(['10.0.0.1:7']), shell)()
  followBootstrap([], shell)()
  await turn()
})
