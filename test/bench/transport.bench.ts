/**
 * Our transports against what they are built on, between two processes on loopback: streams (WebSocket, TLS 1.3, both
 * sides with a certificate) against node:tls with a length before each message, sealed datagrams against bare
 * node:dgram. One message there and back, and messages one way. What a full backlog costs a
 * fresh message, and what it costs and saves to pack a backlog of real changesets.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { generateSecret } from '@patina/transport'
import { generateAuthority, issueNodeCertificate, validForDays } from '@patina/transport/certificates'
import { backlogMessages } from './src/backlog-messages.ts'
import { CarrierProbe } from './src/carrier.ts'
import { type Bench, percentile, type Sample, type Unit } from './src/sample.ts'
import { openSlowLine, type SlowLine } from './src/slow-line.ts'
import { type Kind, openSocket, type SocketKeys } from './src/sockets.ts'

const ROUND_TRIPS = 3_000
const WARM_UP_TRIPS = 1_000
const PING_BYTES = 128
/** Paced; each repetition has so many without a backlog and so many beside one. */
const FRESH_TRIPS = 1_000
/** The design's: with a full backlog p99 is at most so much above that of an idle session. */
const BACKLOG_COST_MS = 5
const LINE_MB_PER_SECOND = 20

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

/** As sync sends them, and a multiple of the window's acknowledgements. */
const BACKLOG_MESSAGE_BYTES = 250_000
const BACKLOG_MESSAGES = 640

const keys = await makeKeys()
const backlog = backlogMessages(BACKLOG_MESSAGE_BYTES)

export const bench: Bench = {
  name: 'transport',
  repetitions: 5,
  repeat: async () => [
    ...(await measure('tls', STREAM_FLOWS)),
    ...(await measure('ws', STREAM_FLOWS, 'tls')),
    ...(await measureBesideBacklog()),
    ...(await measureBacklog('ws-plain')),
    ...(await measureBacklog('ws', 'ws-plain')),
    ...(await measure('dgram', DATAGRAM_FLOWS)),
    ...(await measure('sealed', DATAGRAM_FLOWS, 'dgram')),
  ],
}

async function measure(kind: Kind, flows: readonly Flow[], against?: Kind): Promise<Sample[]> {
  const of = (name: string): Pick<Sample, 'of'> => (against === undefined ? {} : { of: `${against} ${name}` })
  return withProbe(kind, async (probe) => {
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
  })
}

/** Behind a line on which a backlog waits, whatever the processors do. */
async function measureBesideBacklog(): Promise<Sample[]> {
  const measured = async (probe: CarrierProbe): Promise<Sample[]> => {
    await probe.roundTrip(PING_BYTES, WARM_UP_TRIPS)
    const millis = async (backlog: 'none' | 'full'): Promise<number> =>
      percentile(await probe.pacedRoundTrips(PING_BYTES, FRESH_TRIPS, backlog), 0.99) / 1_000
    const idle = await millis('none')
    const beside = await millis('full')
    return [
      { what: 'ws fresh there and back, p99, no backlog', value: idle, unit: 'ms' },
      { what: 'ws fresh there and back, p99, full backlog', value: beside, unit: 'ms' },
      { what: 'ws, what the backlog adds', value: beside - idle, unit: 'ms', goal: { aim: BACKLOG_COST_MS } },
    ]
  }
  return withProbe('ws-plain', measured, await openSlowLine(LINE_MB_PER_SECOND))
}

/** Real changesets, packed or plain: how fast, what it costs this end, and how much of each megabyte is sent. */
async function measureBacklog(kind: Kind, against?: Kind): Promise<Sample[]> {
  return withProbe(kind, async (probe) => {
    await probe.backlog(backlog, BACKLOG_MESSAGES / 4)
    const { mbPerSecond, cpuMsPerMb, wireMb } = await probe.backlog(backlog, BACKLOG_MESSAGES)
    const of = (name: string): Pick<Sample, 'of'> =>
      against === undefined ? {} : { of: `${against} ${name}` }
    return [
      { what: `${kind} backlog`, value: mbPerSecond, unit: 'MB/s', ...of('backlog') },
      { what: `${kind} backlog, CPU a MB`, value: cpuMsPerMb, unit: 'ms', ...of('backlog, CPU a MB') },
      { what: `${kind} backlog, sent of a MB`, value: wireMb, unit: 'MB', ...of('backlog, sent of a MB') },
    ]
  })
}

/** Starts the other end as a process, and ends it. */
async function withProbe(
  kind: Kind,
  run: (probe: CarrierProbe) => Promise<Sample[]>,
  line?: SlowLine,
): Promise<Sample[]> {
  const child = fork(new URL('peers/socket-peer.ts', import.meta.url))
  child.send({ kind, keys, ...(line && { advertised: line.address }) })
  const [address] = (await once(child, 'message')) as [string]
  line?.leadTo(Number(address.split(':').at(-1)))
  const socket = await openSocket(kind, keys, { to: line?.address ?? address })
  try {
    return await run(new CarrierProbe(await socket.carrier))
  } finally {
    socket.close()
    line?.close()
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
