/**
 * Our transports against what they are built on, between two processes on loopback: streams (WebSocket, TLS 1.3, both
 * sides with a certificate) against node:tls with a length before each message, sealed datagrams against bare
 * node:dgram. One message there and back, and messages one way.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { generateSecret } from '@patina/transport'
import { generateAuthority, issueNodeCertificate, validForDays } from '@patina/transport/certificates'
import { CarrierProbe } from './src/carrier.ts'
import type { Bench, Sample, Unit } from './src/sample.ts'
import { type Kind, openSocket, type SocketKeys } from './src/sockets.ts'

const ROUND_TRIPS = 3_000
const WARM_UP_TRIPS = 1_000
const PING_BYTES = 128

interface Flow {
  readonly name: string
  readonly bytes: number
  readonly count: number
  readonly unit: Unit
}

const STREAM_FLOWS: readonly Flow[] = [
  { name: '1 KB one way', bytes: 1_024, count: 64_000, unit: 'messages/s' },
  { name: '64 KB one way', bytes: 65_000, count: 4_096, unit: 'MB/s' },
]
const DATAGRAM_FLOWS: readonly Flow[] = [
  { name: '1,200 B one way', bytes: 1_200, count: 64_000, unit: 'packets/s' },
]

const keys = await makeKeys()

export const bench: Bench = {
  name: 'transport',
  repetitions: 5,
  repeat: async () => [
    ...(await measure('tls', STREAM_FLOWS)),
    ...(await measure('ws', STREAM_FLOWS, 'tls')),
    ...(await measure('dgram', DATAGRAM_FLOWS)),
    ...(await measure('sealed', DATAGRAM_FLOWS, 'dgram')),
  ],
}

async function measure(kind: Kind, flows: readonly Flow[], against?: Kind): Promise<Sample[]> {
  const child = fork(new URL('peers/socket-peer.ts', import.meta.url))
  child.send({ kind, keys })
  const [address] = (await once(child, 'message')) as [string]
  const socket = await openSocket(kind, keys, address)
  const of = (name: string): Pick<Sample, 'of'> => (against === undefined ? {} : { of: `${against} ${name}` })
  try {
    const probe = new CarrierProbe(await socket.carrier)
    await probe.roundTrip(PING_BYTES, WARM_UP_TRIPS)
    const trip = `there and back, ${PING_BYTES} B`
    const micros = await probe.roundTrip(PING_BYTES, ROUND_TRIPS)
    const samples: Sample[] = [{ what: `${kind} ${trip}`, value: micros, unit: 'µs', ...of(trip) }]
    for (const { name, bytes, count, unit } of flows) {
      const messages = await probe.oneWay(bytes, count)
      const value = unit === 'MB/s' ? (messages * bytes) / 1e6 : messages
      samples.push({ what: `${kind} ${name}`, value, unit, ...of(name) })
    }
    return samples
  } finally {
    socket.close()
    child.kill()
    await once(child, 'exit')
  }
}

async function makeKeys(): Promise<SocketKeys> {
  const validity = validForDays(1, Date.now())
  const authority = await generateAuthority('patina benchmark', validity)
  const hosts = ['127.0.0.1', 'localhost']
  const node = await issueNodeCertificate(authority, { name: 'bench', hosts, validity })
  return { tls: { caPem: authority.certificatePem, ...node }, clusterKey: generateSecret() }
}
