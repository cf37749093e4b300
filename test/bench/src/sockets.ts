/**
 * Sockets: the carriers of transport.bench.ts, both ends of each: our streams (WebSocket on TLS) and sealed datagrams,
 * and what they are measured against, node:tls with a length before each message and bare node:dgram.
 * `open` listens where no address is given, and else reaches who listens there.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { type ActorId, actorFromBytes, type PeerAddress, peerAddress } from '@patina/base'
import { bindUdp, limits, listenWs, parseKeyring, type StreamSecurity } from '@patina/transport'
import type { Carrier } from './carrier.ts'

export type Kind = 'ws' | 'ws-plain' | 'tls' | 'sealed' | 'dgram'

export interface SocketKeys {
  readonly tls: Exclude<StreamSecurity, 'plaintext'>
  readonly clusterKey: string
}

export interface OpenSocket {
  /** Where this end listens, as text for the other process. */
  readonly local: string
  /** Settles when both ends see each other. */
  readonly carrier: Promise<Carrier>
  close(): void
}

const HOST = '127.0.0.1'
const CLUSTER = 'bench'
const LENGTH_BYTES = 4
const SERVER_NAME = 'localhost'

/** `advertised`: where streams say that this end is reached. */
export function openSocket(
  kind: Kind,
  keys: SocketKeys,
  { to, advertised }: { readonly to?: string; readonly advertised?: string } = {},
): Promise<OpenSocket> {
  switch (kind) {
    case 'ws':
      return openWs(keys, { to, advertised, packs: true })
    case 'ws-plain':
      return openWs(keys, { to, advertised, packs: false })
    case 'tls':
      return openTls(keys, to)
    case 'sealed':
      return openSealed(keys, to)
    case 'dgram':
      return openDgram(to)
  }
}

/** `packs`: the backlog as zstd. */
async function openWs(
  { tls }: SocketKeys,
  { to, advertised, packs }: { to: string | undefined; advertised: string | undefined; packs: boolean },
): Promise<OpenSocket> {
  const { promise, resolve } = Promise.withResolvers<Carrier>()
  let heard: (message: Uint8Array) => void = () => {}
  const actor = actorFromBytes(crypto.getRandomValues(new Uint8Array(16)))
  const carrierTo = (peer: ActorId): Carrier => ({
    send: (message) => {
      if (streams.send(peer, 'fresh', message) === 'dropped') throw new Error('the session has dropped it')
    },
    sendBacklog: (message) => streams.send(peer, 'backlog', message) === 'queued',
    backlogWireBytes: () => streams.traffic().get('backlog')?.sentWireBytes ?? 0,
    onMessage: (listener) => {
      heard = listener
    },
  })
  const streams = await listenWs(
    {
      ...{ host: HOST, port: 0, actor, clusterId: CLUSTER, security: tls, packs },
      ...(advertised !== undefined && { advertised: addressOf(advertised) }),
    },
    {
      sessionOpened: (peer) => resolve(carrierTo(peer.actor)),
      sessionClosed: () => {},
      messageReceived: (_peer, _lane, message) => heard(message),
      connectionRefused: (_at, reason, detail) => console.error(`refused: ${reason}: ${detail}`),
    },
  )
  if (to !== undefined) streams.connect(addressOf(to))
  return { local: streams.local, carrier: promise, close: () => void streams.close() }
}

async function openTls({ tls }: SocketKeys, to?: string): Promise<OpenSocket> {
  const options = {
    ca: tls.caPem,
    cert: tls.certificatePem,
    key: tls.keyPem,
    minVersion: 'TLSv1.3',
    noDelay: true,
  } as const
  if (to !== undefined) {
    const socket = connect({ ...options, host: HOST, port: Number(to), servername: SERVER_NAME })
    await once(socket, 'secureConnect')
    socket.setNoDelay(true)
    return { local: '', carrier: Promise.resolve(framed(socket)), close: () => socket.destroy() }
  }
  const { promise, resolve } = Promise.withResolvers<Carrier>()
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) =>
    resolve(framed(socket)),
  )
  await once(server.listen(0, HOST), 'listening')
  return {
    local: String((server.address() as AddressInfo).port),
    carrier: promise,
    close: () => server.close(),
  }
}

/** The least that keeps messages apart: four bytes of length before each. */
function framed(socket: TLSSocket): Carrier {
  let heard: (message: Uint8Array) => void = () => {}
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (part: Buffer) => {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part])
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32LE(0)
      if (rest.length < end) return
      heard(rest.subarray(LENGTH_BYTES, end))
      rest = rest.subarray(end)
    }
  })
  return {
    send: (message) => {
      const frame = Buffer.allocUnsafe(LENGTH_BYTES + message.length)
      frame.writeUInt32LE(message.length)
      frame.set(message, LENGTH_BYTES)
      socket.write(frame)
    },
    onMessage: (listener) => {
      heard = listener
    },
  }
}

async function openSealed({ clusterKey }: SocketKeys, to?: string): Promise<OpenSocket> {
  let heard: (message: Uint8Array) => void = () => {}
  let peer = to === undefined ? undefined : addressOf(to)
  const security = parseKeyring(clusterKey, 'bench')
  const datagrams = await bindUdp(
    { host: HOST, port: 0, clusterId: CLUSTER, security },
    {
      datagramReceived: (from, payload) => {
        peer ??= from
        heard(payload)
      },
      datagramRefused: (reason) => console.error(`refused: ${reason}`),
    },
  )
  const carrier: Carrier = {
    send: (message) => datagrams.send(peer as PeerAddress, message),
    onMessage: (listener) => {
      heard = listener
    },
  }
  return { local: datagrams.local, carrier: Promise.resolve(carrier), close: () => void datagrams.close() }
}

async function openDgram(to?: string): Promise<OpenSocket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: limits.datagramReceiveBufferBytes,
    // Without it Node asks a resolver for every packet, which our datagrams avoid, too.
    lookup: ((host: string, _family: number, done: (error: null, address: string, family: number) => void) =>
      done(null, host, 4)) as never,
  })
  // The answer comes within the call of bind, because the lookup does.
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  let port = to === undefined ? 0 : Number(to)
  let heard: (message: Uint8Array) => void = () => {}
  socket.on('message', (message, from) => {
    if (port === 0) port = from.port
    heard(message)
  })
  const carrier: Carrier = {
    send: (message) => socket.send(message, port, HOST),
    onMessage: (listener) => {
      heard = listener
    },
  }
  return {
    local: String(socket.address().port),
    carrier: Promise.resolve(carrier),
    close: () => socket.close(),
  }
}

function addressOf(text: string): PeerAddress {
  return peerAddress(text)
}
