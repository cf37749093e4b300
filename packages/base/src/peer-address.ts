/**
 * PeerAddress: where a node's gossip listens, one port number for UDP and TCP. In memory the text `ip:port`, IPv6 in
 * brackets and compressed as the platform prints it, so that it can be a map key. Names are resolved by shells before.
 */
import { assert } from './assert.ts'

export type PeerAddress = string & { readonly brand: 'PeerAddress' }

/** The longest: `[` + 45 characters of IPv6 + `]:65535`. */
export const PEER_ADDRESS_CHARS_MAX = 53

const PATTERN = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-f:.]{2,45})\]):([1-9]\d{0,4})$/

/** True for `ip:port` with a literal IPv4 or lower-case bracketed IPv6 address and a port 1…65535. */
export function isPeerAddress(text: string): text is PeerAddress {
  const match = PATTERN.exec(text)
  if (match === null || Number(match[3]) > 65_535) return false
  return match[1] === undefined || match[1].split('.').every((part) => Number(part) <= 255)
}

/** Checked constructor; ask `isPeerAddress` first for text from outside. */
export function peerAddress(text: string): PeerAddress {
  assert(isPeerAddress(text), `not a peer address: ${text.slice(0, 80)}`)
  return text
}

export function peerAddressOf(host: string, port: number): PeerAddress {
  return peerAddress(host.includes(':') ? `[${host.toLowerCase()}]:${port}` : `${host}:${port}`)
}

/** Host without brackets, and port. */
export function splitPeerAddress(address: PeerAddress): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}
