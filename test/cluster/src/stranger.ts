/**
 * Stranger: somebody at the agents' gossip ports who is none of them, with a cluster key, a certificate and a cluster id
 * of the test's choice. It speaks the transports' protocol and says whatever the test wants behind it; it decodes nothing
 * and remembers what became of its connections.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import {
  bindUdp,
  type Datagrams,
  generateSecret,
  type Keyring,
  listenWs,
  loadKeyring,
  loadTls,
  parseKeyring,
  type Streams,
  type TlsIdentity,
  type UdpOptions,
  type WsOptions,
} from '@patina/transport'
import { waitUntil } from './wait-until.ts'

export interface StrangerPapers {
  readonly clusterId: string
  readonly keyring: Keyring
  readonly identity: TlsIdentity
}

const HOST = '127.0.0.1'
const OUTCOME_DEADLINE_MS = 20_000

type Address = Parameters<Streams['connect']>[0]
type Actor = Parameters<Streams['send']>[0]

/** What an agent of the cluster has: the cluster's key and id, and the certificate of `name`. */
export async function strangerPapers(folder: string, name: string): Promise<StrangerPapers> {
  const [keyring, identity] = await Promise.all([
    loadKeyring(join(folder, 'cluster.key')),
    loadTls({
      caFile: join(folder, 'ca.pem'),
      certificateFile: join(folder, name, `${name}.pem`),
      keyFile: join(folder, name, `${name}-key.pem`),
    }),
  ])
  return { clusterId: 'loopback', keyring, identity }
}

/** A cluster key that no agent has. */
export function foreignKeyring(): Keyring {
  return parseKeyring(generateSecret(), 'a foreign key')
}

export class Stranger {
  readonly #datagrams: Datagrams
  readonly #streams: Streams
  readonly #sessions: Actor[]
  readonly #refusals: string[]
  #closed: Promise<unknown> | undefined

  static async open({ clusterId, keyring, identity }: StrangerPapers): Promise<Stranger> {
    const [sessions, refusals]: [Actor[], string[]] = [[], []]
    const udp: UdpOptions = { host: HOST, port: 0, clusterId, security: keyring }
    const datagrams = await bindUdp(udp, { datagramReceived: () => {}, datagramRefused: () => {} })
    const actor = randomBytes(16).toString('hex') as WsOptions['actor']
    const ws: WsOptions = { host: HOST, port: 0, actor, clusterId, security: identity }
    const streams = await listenWs(ws, {
      sessionOpened: (peer) => void sessions.push(peer.actor),
      sessionClosed: () => {},
      messageReceived: () => {},
      connectionRefused: (_address, reason) => void refusals.push(reason),
    })
    return new Stranger(datagrams, streams, { sessions, refusals })
  }

  constructor(
    datagrams: Datagrams,
    streams: Streams,
    seen: { readonly sessions: Actor[]; readonly refusals: string[] },
  ) {
    this.#datagrams = datagrams
    this.#streams = streams
    this.#sessions = seen.sessions
    this.#refusals = seen.refusals
  }

  /** Of its stream port. */
  get address(): string {
    return this.#streams.local
  }

  sendDatagram(to: string, payload: Uint8Array): void {
    this.#datagrams.send(to as Address, payload)
  }

  /** The bytes on the wire of a datagram with this payload, without anybody having got it. */
  async packetOf(payload: Uint8Array): Promise<Uint8Array> {
    const sink = createSocket('udp4')
    sink.bind(0, HOST)
    await once(sink, 'listening')
    this.sendDatagram(`${HOST}:${sink.address().port}`, payload)
    const [packet] = (await once(sink, 'message')) as [Uint8Array]
    sink.close()
    return packet
  }

  /** Dials; `opened`, or the reason why not. */
  dial(to: string): Promise<string> {
    const before = this.#sessions.length + this.#refusals.length
    this.#streams.connect(to as Address)
    return waitUntil({ what: `an outcome at ${to}`, deadlineMs: OUTCOME_DEADLINE_MS }, async () => {
      if (this.#sessions.length + this.#refusals.length === before) return undefined
      return this.#refusals.at(-1) ?? 'opened'
    })
  }

  /** Into every session that was opened. */
  sendMessage(message: Uint8Array): void {
    for (const actor of this.#sessions) this.#streams.send(actor, 'fresh', message)
  }

  /** Again does nothing: a test closes it, and what clears up behind the test. */
  close(): Promise<unknown> {
    this.#closed ??= Promise.all([this.#datagrams.close(), this.#streams.close()])
    return this.#closed
  }
}
