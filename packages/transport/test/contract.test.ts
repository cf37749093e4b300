import { before } from 'node:test'
import { type PeerAddress, peerAddress } from '@patina/base'
import { testDatagramsContract } from '../src/contract/datagrams-contract.ts'
import {
  type Link,
  type LinkedEnd,
  type StreamsHarness,
  testStreamsContract,
} from '../src/contract/streams-contract.ts'
import { bindMemoryDatagrams } from '../src/memory/memory-datagrams.ts'
import { MemoryNetwork } from '../src/memory/memory-network.ts'
import { listenMemoryStreams } from '../src/memory/memory-streams.ts'
import type { StreamListener, Streams } from '../src/transport.ts'
import { generateSecret, parseKeyring } from '../src/udp/keyring.ts'
import { bindUdp } from '../src/udp/udp-datagrams.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'
import { listenWs, type WsOptions } from '../src/ws/ws-streams.ts'
import { makeAuthority, makeIdentity } from './certificates-of-test.ts'
import { openRelay } from './relay.ts'

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

testStreamsContract(
  'memory',
  () => {
    const network = new MemoryNetwork()
    const nextAddress = addresses()
    const bound: PeerAddress[] = []
    const listenAt = (...[actor, clusterId, listener]: Parameters<StreamsHarness['listen']>): Streams => {
      const address = nextAddress()
      bound.push(address)
      return listenMemoryStreams(network, { address, actor, clusterId }, listener)
    }
    return {
      listen: async (...end) => listenAt(...end),
      listenLinked: async (...end) => {
        const streams = listenAt(...end)
        return { streams, address: streams.local, link: memoryLink(network, streams.local, bound) }
      },
      work: () => network.deliverAll(),
      backlogPauseMs: 0,
    }
  },
  {
    'a half-open connection ends within the idle time, and what was sent into it is lost':
      'a cut breaks a session at once: there is no time in it',
    'flipped bits end the connection, and none of them is heard': 'nothing flips bits in memory',
  },
)

const times = { backlogIdleMs: 30 }

for (const [name, host] of [
  ['ws plaintext', '127.0.0.1'],
  ['ws TLS 127.0.0.1', '127.0.0.1'],
  ['ws TLS ::1', '::1'],
] as const) {
  const security = (): StreamSecurity => (name === 'ws plaintext' ? 'plaintext' : identity)
  testStreamsContract(
    name,
    () => ({
      listen: (actor, clusterId, listener) =>
        listenWs({ host, port: 0, actor, clusterId, security: security(), times }, listener),
      listenLinked: (actor, clusterId, listener) =>
        listenBehindRelay({ host, port: 0, actor, clusterId, security: security() }, listener),
      backlogPauseMs: 60,
    }),
    name === 'ws plaintext'
      ? {
          'flipped bits end the connection, and none of them is heard':
            'plaintext promises nothing; TCP and the checksum of a changeset find most',
        }
      : {},
  )
}

async function listenBehindRelay(options: WsOptions, listener: StreamListener): Promise<LinkedEnd> {
  let to = peerAddress('127.0.0.1:1')
  const relay = await openRelay(() => to)
  const own = { ...options, advertised: relay.address, times: { ...times, sessionIdleMs: 400 } }
  const streams = await listenWs(own, listener)
  to = streams.local
  const all = (act: (place: number) => void): void => {
    for (const place of relay.bytes().keys()) act(place)
  }
  const link = {
    break: () => all((place) => relay.break(place)),
    freeze: () => relay.freeze(),
    flip: () => all((place) => relay.flip(place)),
    close: () => relay.close(),
  }
  return { streams, address: relay.address, link }
}

/** A cut that heals at once breaks what stands. */
function memoryLink(network: MemoryNetwork, own: PeerAddress, bound: readonly PeerAddress[]): Link {
  return {
    break: () => {
      for (const other of bound) {
        network.cut(own, other)
        network.heal(own, other)
      }
    },
    freeze: () => {},
    flip: () => {},
    close: () => {},
  }
}

function addresses(): () => PeerAddress {
  let port = 100
  return () => {
    port += 1
    return peerAddress(`10.0.0.1:${port}`)
  }
}
