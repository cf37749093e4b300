/**
 * gossip.bootstrap → addresses to join by. `ip:port` as it is; `host:port` through the system's resolver, asked again
 * while this member is alone, because an address behind a name may move. Other forms of the design page are not there yet.
 */
import { lookup } from 'node:dns/promises'
import { isPeerAddress, type PeerAddress, peerAddressOf } from '@patina/base'
import { StartRefusal } from '@patina/program'

export type BootstrapEntry =
  | { readonly kind: 'address'; readonly address: PeerAddress }
  | { readonly kind: 'name'; readonly host: string; readonly port: number }

/** Throws StartRefusal for an entry in no known form. */
export function parseBootstrap(entries: readonly string[]): BootstrapEntry[] {
  return entries.map((entry) => {
    if (isPeerAddress(entry)) return { kind: 'address', address: entry }
    const match = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?):([1-9]\d{0,4})$/i.exec(entry)
    if (match === null || Number(match[3]) > 65_535 || /^[\d.]+$/.test(match[1] as string))
      throw new StartRefusal(`gossip.bootstrap: "${entry}" is neither ip:port nor host:port`)
    return { kind: 'name', host: match[1] as string, port: Number(match[3]) }
  })
}

export interface Resolved {
  readonly addresses: readonly PeerAddress[]
  /** Names that the resolver did not know, with its reason. */
  readonly failures: readonly string[]
}

/** Asks the resolver for every name; `own` is left out. */
export async function resolveBootstrap(
  entries: readonly BootstrapEntry[],
  own: PeerAddress,
): Promise<Resolved> {
  const failures: string[] = []
  const found = await Promise.all(
    entries.map(async (entry): Promise<PeerAddress[]> => {
      if (entry.kind === 'address') return [entry.address]
      try {
        const records = await lookup(entry.host, { all: true })
        return records.map(({ address }) => peerAddressOf(address, entry.port))
      } catch (cause) {
        failures.push(`${entry.host}: ${(cause as Error).message}`)
        return []
      }
    }),
  )
  return { addresses: [...new Set(found.flat())].filter((address) => address !== own), failures }
}

/** Pause between two questions to the resolver while this member is alone. */
const AGAIN_MS = 30_000
/** The first time that all names failed, the next question comes sooner. */
const SOON_MS = 2_000

/** Joins at once and again while alone. Returns the way to stop. */
export function followBootstrap(
  entries: readonly BootstrapEntry[],
  shell: {
    readonly own: PeerAddress
    readonly isAlone: () => boolean
    readonly join: (seeds: readonly PeerAddress[]) => void
    readonly warn: (failures: readonly string[]) => void
  },
): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const round = async (): Promise<void> => {
    const { addresses, failures } = await resolveBootstrap(entries, shell.own)
    if (stopped) return
    if (failures.length > 0) shell.warn(failures)
    if (addresses.length > 0) shell.join(addresses)
    const again = (): void => {
      if (shell.isAlone()) void round()
      else timer = setTimeout(again, AGAIN_MS)
    }
    // The machine itself keeps trying the addresses that it knows; only names may change.
    if (entries.some(({ kind }) => kind === 'name'))
      timer = setTimeout(again, failures.length > 0 ? SOON_MS : AGAIN_MS)
  }
  if (entries.length > 0) void round()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
