export { type BackoffOptions, RECONNECT_BACKOFF, reconnectDelayMs } from './backoff.ts'
export { BindError, type BindFailure } from './bind-error.ts'
export { limits } from './limits.ts'
export { bindMemoryDatagrams } from './memory/memory-datagrams.ts'
export { type Delivery, MemoryNetwork, type Schedule } from './memory/memory-network.ts'
export { listenMemoryStreams, type MemoryStreamsOptions } from './memory/memory-streams.ts'
export {
  type CertificateFacts,
  certificateFacts,
  loadTls,
  readCertificates,
  type TlsFiles,
  type TlsIdentity,
} from './tls.ts'
export type { LaneTraffic } from './traffic.ts'
export type * from './transport.ts'
export { type ClusterKey, generateSecret, type Keyring, loadKeyring, parseKeyring } from './udp/keyring.ts'
export { parseNetworks } from './udp/networks.ts'
export type { DatagramSecurity } from './udp/seal.ts'
export { bindUdp, type KeyedDatagrams, type UdpOptions } from './udp/udp-datagrams.ts'
export type { StreamSecurity, WsTimes } from './ws/desk.ts'
export { type CertifiedStreams, listenWs, type PeerCertificate, type WsOptions } from './ws/ws-streams.ts'
