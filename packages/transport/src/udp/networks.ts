/** Networks: which source addresses are listened to at all, from `a.b.c.d/n` and `x::y/n`. Source: memberlist's CIDRsAllowed. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

const IPV4_BITS = 32
const IPV6_BITS = 128

/** Undefined for an empty list: all networks. Throws a sentence that names the entry. */
export function parseNetworks(entries: readonly string[], setting: string): BlockList | undefined {
  if (entries.length === 0) return undefined
  const networks = new BlockList()
  for (const entry of entries) {
    const [address = '', bits = '', ...rest] = entry.split('/')
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
    const max = family === 'ipv4' ? IPV4_BITS : IPV6_BITS
    if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > max)
      throw new Error(`${setting}: "${entry}" is no network; write it as 10.0.0.0/8 or fd00::/8`)
    networks.addSubnet(address, Number(bits), family)
  }
  return networks
}
