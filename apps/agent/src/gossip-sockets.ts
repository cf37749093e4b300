/** The two gossip sockets: UDP and TCP on one port number, with their keys. Refusals name the setting. */
import type { ActorId, PeerAddress } from '@patina/base'
import { splitPeerAddress } from '@patina/base'
import { formatSocketAddress, StartRefusal } from '@patina/program'
import {
  BindError,
  bindUdp,
  type CertifiedStreams,
  type DatagramListener,
  type DatagramSecurity,
  type KeyedDatagrams,
  listenWs,
  loadKeyring,
  loadTls,
  parseNetworks,
  type StreamListener,
  type TlsFiles,
  type TlsIdentity,
} from '@patina/transport'
import type { Config } from './effective-config.ts'

export interface GossipSecurity {
  readonly datagrams: DatagramSecurity
  readonly streams: TlsIdentity | 'plaintext'
}

export interface GossipSockets {
  readonly datagrams: KeyedDatagrams
  readonly streams: CertifiedStreams
  /** What peers are told: gossip.external_addr, else the bound address. */
  readonly advertised: PeerAddress
}

/** Reads keys and certificates. Throws StartRefusal. */
export async function loadGossipSecurity({
  plaintext,
  secretFile,
  tls,
}: Config['gossip']): Promise<GossipSecurity> {
  if (plaintext || secretFile === undefined || tls === undefined)
    return { datagrams: 'plaintext', streams: 'plaintext' }
  try {
    // One after the other, so that of several faults the same one is told each time.
    const keyring = await loadKeyring(secretFile)
    return { datagrams: keyring, streams: await loadTls(tlsFilesOf(tls)) }
  } catch (cause) {
    throw new StartRefusal((cause as Error).message)
  }
}

export function tlsFilesOf({ caFile, certFile, keyFile }: NonNullable<Config['gossip']['tls']>): TlsFiles {
  return { caFile, certificateFile: certFile, keyFile }
}

/** With port 0 the system chooses for UDP, and TCP may find that number taken; another choice helps. */
const PORT_CHOICES_MAX = 10

/** Binds both. Throws StartRefusal. */
export async function bindGossip(
  gossip: Config['gossip'],
  actor: ActorId,
  security: GossipSecurity,
  listeners: { readonly datagrams: DatagramListener; readonly streams: StreamListener },
): Promise<GossipSockets> {
  for (let choice = 1; ; choice += 1) {
    try {
      return await bindOnce(gossip, actor, security, listeners)
    } catch (cause) {
      if (!(cause instanceof BindError)) throw cause
      const mayDiffer = gossip.bindAddress.port === 0 && cause.kind === 'address-in-use'
      if (!mayDiffer || choice === PORT_CHOICES_MAX) throw new StartRefusal(cause.message)
    }
  }
}

async function bindOnce(
  { bindAddress, externalAddress, clusterId, allowedNetworks }: Config['gossip'],
  actor: ActorId,
  security: GossipSecurity,
  listeners: { readonly datagrams: DatagramListener; readonly streams: StreamListener },
): Promise<GossipSockets> {
  const udp = { ...bindAddress, clusterId, security: security.datagrams, allowed: networks(allowedNetworks) }
  const datagrams = await bindUdp(udp, listeners.datagrams)
  const advertised =
    externalAddress === undefined ? datagrams.local : (formatSocketAddress(externalAddress) as PeerAddress)
  try {
    const { port } = splitPeerAddress(datagrams.local)
    const { host } = bindAddress
    const ws = { host, port, actor, clusterId, advertised, security: security.streams }
    return { datagrams, streams: await listenWs(ws, listeners.streams), advertised }
  } catch (cause) {
    await datagrams.close()
    throw cause
  }
}

/** Reads the cluster keys again and uses them at once; an error is a sentence, and the keys stay as they are. */
export async function reloadKeys(
  { plaintext, secretFile }: Config['gossip'],
  { datagrams }: GossipSockets,
): Promise<number> {
  if (plaintext || secretFile === undefined) return 0
  const keyring = await loadKeyring(secretFile)
  datagrams.useKeys(keyring)
  return keyring.keys.length
}

function networks(entries: readonly string[]): ReturnType<typeof parseNetworks> {
  try {
    return parseNetworks(entries, 'gossip.allowed_networks')
  } catch (cause) {
    throw new StartRefusal((cause as Error).message)
  }
}
