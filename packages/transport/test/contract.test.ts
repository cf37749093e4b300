import { before } from 'node:test'
import { type PeerAddress, peerAddress } from '@patina/base'
import { testDatagramsContract } from '../src/contract/datagrams-contract.ts'
import { testStreamsContract } from '../src/contract/streams-contract.ts'
import { bindMemoryDatagrams } from '../src/memory/memory-datagrams.ts'
import { MemoryNetwork } from '../src/memory/memory-network.ts'
import { listenMemoryStreams } from '../src/memory/memory-streams.ts'
import { generateSecret, parseKeyring } from '../src/udp/keyring.ts'
import { bindUdp } from '../src/udp/udp-datagrams.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'
import { listenWs } from '../src/ws/ws-streams.ts'
import { makeAuthority, makeIdentity } from './certificates-of-test.ts'

const keyring = parseKeyring(generateSecret(), 'test')
let identity: StreamSecurity

before(async () => {
  identity = await makeIdentity(await makeAuthority())
})

testDatagramsContract('memory', () => {
  const network = new MemoryNetwork()
  const nextAddress = addresses()
  return {
    bind: async (listener) => bindMemoryDatagrams(network, nextAddress(), listener),
    work: () => network.deliverAll(),
  }
})

for (const host of ['127.0.0.1', '::1'])
  for (const security of [keyring, 'plaintext'] as const)
    testDatagramsContract(`udp ${host} ${security === 'plaintext' ? 'plaintext' : 'sealed'}`, () => ({
      bind: (listener) => bindUdp({ host, port: 0, clusterId: 'blue', security }, listener),
    }))

testStreamsContract('memory', () => {
  const network = new MemoryNetwork()
  const nextAddress = addresses()
  return {
    listen: async (actor, clusterId, listener) =>
      listenMemoryStreams(network, { address: nextAddress(), actor, clusterId }, listener),
    work: () => network.deliverAll(),
    backlogPauseMs: 0,
  }
})

const times = { backlogIdleMs: 30 }

testStreamsContract('ws plaintext', () => ({
  listen: (actor, clusterId, listener) =>
    listenWs({ host: '127.0.0.1', port: 0, actor, clusterId, security: 'plaintext', times }, listener),
  backlogPauseMs: 60,
}))

for (const host of ['127.0.0.1', '::1'])
  testStreamsContract(`ws TLS ${host}`, () => ({
    listen: (actor, clusterId, listener) =>
      listenWs({ host, port: 0, actor, clusterId, security: identity, times }, listener),
    backlogPauseMs: 60,
  }))

function addresses(): () => PeerAddress {
  let port = 100
  return () => {
    port += 1
    return peerAddress(`10.0.0.1:${port}`)
  }
}
