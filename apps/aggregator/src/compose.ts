/** Puts the aggregator together and runs it until the signal: the only file that knows all parts. */
import { type Instant, instant, Prng } from '@patina/base'
import { type Client, createClient } from '@patina/client'
import {
  expiriesOf,
  formatSocketAddress,
  nodeFetch,
  openTlsFiles,
  openTokenFile,
  type RereadFiles,
  type TlsMaterial,
  type TokenFile,
} from '@patina/program'
import type { Logger } from 'pino'
import { Aggregator, instanceSource } from './aggregator.ts'
import { listenForApi } from './api-listener.ts'
import type { AgentAddress, Config } from './config.ts'
import { EvidenceSource, missedGlobally } from './evidence.ts'
import { InstanceFeeds } from './instance-feeds.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { PeerSessions } from './peer-sessions.ts'
import { Peers } from './peers.ts'
import { Publisher, type PublisherEvent } from './publisher.ts'
import { Rollup } from './rollup.ts'
import type { RollupSpec } from './rollup-spec.ts'
import { Telemetry } from './telemetry.ts'
import { VERSION } from './version.ts'

/** Throws StartRefusal where the token file cannot be read; `failed` is told where it cannot be read again. */
export function agentOf({ url, tokenFile }: AgentAddress, failed: (message: string) => void): Client {
  const tokens = openTokenFile(tokenFile, failed)
  return createClient({ addresses: url.href, token: () => tokens?.first(), fetch: nodeFetch })
}

/** Resolves when the signal is aborted and its lease is given back. Throws StartRefusal. */
export async function runAggregator(config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const tokens = openTokenFile(config.tokenFile, (message) => log.warn(message))
  const tls = openTlsFiles(config.tls, (message) => log.warn(message))
  const sessions = new PeerSessions({ ca: () => tls.get().ca })
  const aggregator = compose(config, { tokens, tls, sessions }, log)
  const server = await listenForApi({
    address: config.listen,
    aggregator,
    tokens: () => tokens?.all(),
    identity: () => tls.get().own,
  })
  log.info({ region: config.region, listen: formatSocketAddress(config.listen) }, 'aggregator runs')
  try {
    await aggregator.run(signal)
  } finally {
    server.close()
    sessions.close()
  }
}

interface Shared {
  readonly tokens: TokenFile | undefined
  readonly tls: RereadFiles<TlsMaterial>
  readonly sessions: PeerSessions
}

function compose(config: Config, { tokens, tls, sessions }: Shared, log: Logger): Aggregator {
  const { region, name, advertise } = config
  const now = (): Instant => instant(performance.now())
  const failed = (message: string): void => log.warn(message)
  const [regional, global] = [agentOf(config.regional, failed), agentOf(config.global, failed)]
  const peers = new Peers({
    aggregators: () => lease.aggregators,
    token: () => tokens?.first(),
    fetch: sessions.fetch,
  })
  const feeds = new InstanceFeeds({
    open: instanceSource({ region, regional, query: config.instancesQuery }, peers),
  })
  const publishers = config.rollups.map((spec) =>
    publisherOf(spec, {
      config,
      agents: { regional, global },
      lease: () => lease,
      now,
      tell: (event) => {
        telemetry.note(spec.into, event)
        if (event.kind === 'fitness') lease.look()
      },
    }),
  )
  let role: string | undefined
  const lease = new LeaseKeeper({
    global,
    region,
    name,
    address: advertise,
    isFit: () => publishers.every(({ isFit }) => isFit),
    // Not reached is not ready; the streams tell why.
    isReady: (signal) => regional.isReady({ signal }).catch(() => false),
    now,
    changed: () => {
      if (lease.role() !== role) telemetry.noteRole(lease.role())
      role = lease.role()
      sessions.keep(lease.aggregators.filter((one) => one.region !== region).map(({ address }) => address))
      for (const publisher of publishers) publisher.look()
    },
    failed: (of, cause) => telemetry.noteFailure(of, cause),
  })
  const telemetry = new Telemetry({
    log,
    version: VERSION,
    publishers,
    lease,
    feeds,
    sessions,
    certificates: () => expiriesOf(tls.get()),
    clock: () => performance.now(),
  })
  const { routeTable, distances: configuredDistances } = config
  const parts = { region, name, version: VERSION, global, publishers, lease, telemetry, peers, feeds }
  return new Aggregator({ ...parts, routeTable, configuredDistances, now })
}

interface Surroundings {
  readonly config: Config
  readonly agents: { readonly regional: Client; readonly global: Client }
  /** It is made after the publishers, whose fitness it asks for. */
  readonly lease: () => LeaseKeeper
  readonly now: () => Instant
  readonly tell: (event: PublisherEvent) => void
}

function publisherOf(spec: RollupSpec, { config, agents, lease, now, tell }: Surroundings): Publisher {
  const { region, fullCompareMs } = config
  const { holdMs, sizeMin: guardedSizeMin } = config.guard
  return new Publisher({
    ...agents,
    rollup: new Rollup({ spec, region, holdMs, guardedSizeMin }),
    region,
    evidence: new EvidenceSource({
      regional: agents.regional,
      spec,
      missedElsewhere: () => missedGlobally(lease().members, region, Date.now() - holdMs),
      latelyMs: holdMs,
    }),
    holdMs,
    fullCompareMs,
    writeMs: () => lease().writeMs(),
    now,
    prng: new Prng(crypto.getRandomValues(new Uint32Array(1))[0] as number),
    tell,
  })
}
