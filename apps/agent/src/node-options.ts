/** What of the configuration the node machine is given: replication's settings, and what is told of this member. */
import { existsSync } from 'node:fs'
import { type PeerAddress, splitPeerAddress } from '@patina/base'
import { formatSocketAddress, type SocketAddress, StartRefusal } from '@patina/program'
import type { MemberMetadata } from '@patina/swim'
import { DEFAULT_SYNC_CONFIG, type SyncBudgets, type SyncConfig } from '@patina/sync'
import type { Config } from './effective-config.ts'
import { memberCachePath } from './member-cache.ts'
import { faultOfTags } from './membership.ts'

export function syncConfigOf(config: Config): SyncConfig {
  const { gossip, db } = config
  const isAlone = gossip.bootstrap.length === 0 && !existsSync(memberCachePath(db.path))
  return {
    ...DEFAULT_SYNC_CONFIG,
    // Names in SQL have no case.
    urgentTables: gossip.urgentTables.map((name) => name.toLowerCase()),
    ownConfirmMs: isAlone ? 0 : DEFAULT_SYNC_CONFIG.ownConfirmMs,
    ...budgetsOf(config),
  }
}

export function budgetsOf({ gossip }: Config): SyncBudgets {
  const { broadcastBytesPerSecond, originBytesPerSecond } = gossip
  const { antiEntropyBytesPerSecond, antiEntropyPeerBytesPerSecond } = gossip
  return {
    broadcastBytesPerSecond,
    originBytesPerSecond,
    antiEntropyBytesPerSecond,
    antiEntropyPeerBytesPerSecond,
    // As much as one second's.
    delayedBytesMax: originBytesPerSecond,
  }
}

/** What is told of this member, with all its tags. Throws StartRefusal where it does not fit. */
export function metadataOf(
  { node }: Config,
  [api]: readonly SocketAddress[],
  advertised: PeerAddress,
): MemberMetadata {
  const apiAddress = api === undefined ? '' : formatSocketAddress(reachableAt(api, advertised))
  const metadata = { name: node.name, region: node.region, apiAddress, tags: node.tags }
  const fault = faultOfTags(metadata, node.tags)
  if (fault !== undefined) throw new StartRefusal(`node.name, node.region, node.tags: ${fault}`)
  return metadata
}

/** An API that listens everywhere is reached where gossip is. */
function reachableAt({ host, port }: SocketAddress, advertised: PeerAddress): SocketAddress {
  return { host: host === '0.0.0.0' || host === '::' ? splitPeerAddress(advertised).host : host, port }
}
