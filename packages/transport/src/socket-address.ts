/** Socket addresses as the platform tells them ↔ PeerAddress. Pure. */
import { isPeerAddress, type PeerAddress, peerAddressOf } from '@patina/base'

/** An IPv4 address that a dual-stack socket shows as `::ffff:a.b.c.d` is written as IPv4: one peer, one address. */
function plainIp(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
}

export function boundAddress(address: string, port: number): PeerAddress {
  return peerAddressOf(plainIp(address), port)
}

/** Undefined where the other end is gone already, or has an address that is not ours to name (a zone). */
export function remotePeerAddress(
  address: string | undefined,
  port: number | undefined,
): PeerAddress | undefined {
  if (address === undefined || port === undefined) return undefined
  const host = plainIp(address)
  const text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return isPeerAddress(text) ? text : undefined
}
