/**
 * PeerAddress: where a node's gossip listens, one port number for UDP and TCP. In memory the text `ip:port`, IPv6 in
 * brackets and compressed as the platform prints it, so that it can be a map key. Names are resolved by shells before.
 */
import { assert } from './assert.ts'

export type PeerAddress = string & { readonly brand: 'PeerAddress' }

/** The longest: `[` + 45 characters of IPv6 + `]:65535`. */
export const PEER_ADDRESS_CHARS_MAX = 53

const PATTERN = /^(?:([\d.]{7,15})|\[([0-9a-f:.]{2,45})\]):([1-9]\d{0,4})$/
const IPV6_GROUPS = 8

/**
 * True for `ip:port` with a literal IPv4 or lower-case bracketed IPv6 address and a port 1…65535. Strict, because a
 * socket would take anything else for a host name and ask a resolver about it on a peer's word.
 */
export function isPeerAddress(text: string): text is PeerAddress {
  const match = PATTERN.exec(text)
  if (match === null || Number(match[3]) > 65_535) return false
  return match[1] === undefined ? isIpv6(match[2] as string) : isIpv4(match[1])
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

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

/** RFC 4291 §2.2: eight groups, one run of zero groups as `::`, the last two groups also as IPv4. */
function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const tail = groups.at(-1)?.at(-1) ?? ''
  const endsInIpv4 = isIpv4(tail)
  const all = groups.flat()
  if (endsInIpv4) all.pop()
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return false
  const count = all.length + (endsInIpv4 ? 2 : 0)
  return halves.length === 2 ? count < IPV6_GROUPS : count === IPV6_GROUPS
}
