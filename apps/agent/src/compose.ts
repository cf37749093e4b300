/**
 * One agent put together: child processes, gossip sockets, node machine, HTTP listeners; started in the order in which a
 * refusal costs least, stopped in the reverse order. The only file that knows all packages; it decides nothing that
 * another file could own.
 */
import { randomInt } from 'node:crypto'
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  hlc,
  instant,
  ok,
  type PeerAddress,
  type PortError,
  Prng,
  type Result,
  unreachable,
} from '@patina/base'
import type { StoreEvent, StoreState } from '@patina/crdt-store'
import { Node } from '@patina/node'
import { formatSocketAddress, RareLog, type SocketAddress, StartRefusal } from '@patina/program'
import type { MemberMetadata } from '@patina/swim'
import { type Comparison, DEFAULT_SYNC_CONFIG, type MuteRule } from '@patina/sync'
import { loadTls } from '@patina/transport'
import type { Logger } from 'pino'
import { followBootstrap, parseBootstrap } from './bootstrap.ts'
import { Certificates } from './certificates.ts'
import { makeChildProcesses } from './child-processes.ts'
import type { Config } from './effective-config.ts'
import { Figures, NO_SKEW } from './figures.ts'
import { ForkRepair } from './fork-repair.ts'
import { GivingUp } from './giving-up.ts'
import {
  bindGossip,
  type GossipSecurity,
  type GossipSockets,
  loadGossipSecurity,
  reloadKeys,
  tlsFilesOf,
} from './gossip-sockets.ts'
import { type HttpListener, listen } from './http/listen.ts'
import { MemberWatchers } from './http/member-watchers.ts'
import { type ApiServices, createApi, createMetricsApp } from './http/server.ts'
import type { Counted } from './http/transactions.ts'
import type { LiveQueryChild } from './live-query-child.ts'
import { MachineWaits } from './machine-waits.ts'
import { Membership, toldOf } from './membership.ts'
import { logNotification } from './membership-log.ts'
import { MuteFile, muteFilePath } from './mute-file.ts'
import { NodeDriver } from './node-driver.ts'
import { budgetsOf, metadataOf, syncConfigOf } from './node-options.ts'
import { sentenceOf } from './port-error.ts'
import { Propagation } from './propagation.ts'
import type { ReadersChild } from './readers-child.ts'
import { makeFolderOf } from './schema-files.ts'
import { SchemaReload } from './schema-reload.ts'
import type { StoreChild } from './store-child.ts'
import { Telemetry } from './telemetry.ts'
import { ToldTables } from './told-tables.ts'
import { VERSION } from './version.ts'
import { WalGuard } from './wal-guard.ts'
import { oldestSnapshot } from './wal-holders.ts'

export interface Agent {
  readonly apiAddresses: readonly SocketAddress[]
  readonly gossipAddress: PeerAddress
  /** Resolves with a sentence when the agent can no longer do its work. */
  readonly failed: Promise<string>
  /** Resolves when the file has another actor: this agent is to be stopped, and another one started. */
  readonly renewed: Promise<ActorId>
  /** Reads the schema files again; what came of it is in the log. */
  reloadSchema(): void
  /** Takes what may change while it runs from a configuration that was read again: the budgets of gossip. */
  reloadBudgets(config: Config): void
  /** Reads the cluster keys and certificates again and uses them; what came of it is in the log. */
  reloadKeys(): void
  /** Finishes what is under way, leaves the cluster, closes the store. */
  stop(): Promise<void>
}

const NO_COPIES: Counted = { copies: 0, reached: false }
/** A leave is said by a few datagrams; nobody waits for it longer. */
const LEAVE_MS = 500
/** Whose client has gone, that statement need not end. */
const READERS_CLOSE_MS = 200
/** A child that is asked to end has nothing under way any more. */
const CHILD_CLOSE_MS = 5_000
const MICROS_PER_MS = 1_000

/** Starts a member. Throws StartRefusal; then nothing is left running. `restarts`: how often that was a supervisor's doing. */
export async function startAgent(config: Config, log: Logger, restarts = 0): Promise<Agent> {
  const composition = new Composition(config, log, restarts)
  try {
    await composition.start()
    return composition
  } catch (cause) {
    await composition.stop()
    throw cause
  }
}

class Composition implements Agent {
  readonly failed: Promise<string>
  readonly renewed: Promise<ActorId>
  readonly apiAddresses: SocketAddress[] = []
  readonly #config: Config
  readonly #log: Logger
  readonly #rareLog: RareLog
  readonly #telemetry: Telemetry
  readonly #store: StoreChild
  readonly #readers: ReadersChild
  readonly #liveQueries: LiveQueryChild
  readonly #tables: ToldTables
  readonly #forks: ForkRepair
  readonly #walGuard: WalGuard
  readonly #driver: NodeDriver
  readonly #figures: Figures
  readonly #memberWatchers = new MemberWatchers()
  readonly #propagation = new Propagation({
    wallMs: () => Date.now(),
    regionOf: (origin) => this.#tables.regionOf(origin),
    observe: (region, lane, seconds) => this.#telemetry.propagated(region, lane, seconds),
  })
  readonly #copyWaits = new MachineWaits<Counted>((event) => this.#driver.feed(event), NO_COPIES)
  readonly #comparisons = new MachineWaits<Comparison>((event) => this.#driver.feed(event), {
    kind: 'silent',
  })
  readonly #schema: SchemaReload
  readonly #givingUp: GivingUp
  readonly #muteFile: MuteFile
  #fail: (reason: string) => void = () => {}
  #node: Node | undefined
  #membership: Membership | undefined
  #sockets: GossipSockets | undefined
  #certificates: Certificates | undefined
  #listeners: HttpListener[] = []
  #stopBootstrap: () => void = () => {}
  #stopping = false

  constructor(config: Config, log: Logger, restarts: number) {
    this.#config = config
    this.#log = log
    this.#rareLog = new RareLog(log, () => performance.now())
    this.#telemetry = new Telemetry(log, VERSION, restarts)
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    const renewed = Promise.withResolvers<ActorId>()
    this.renewed = renewed.promise
    const { store, readers, liveQueries } = makeChildProcesses({
      config,
      log,
      storeTold: (event) => this.#storeTold(event),
      storeReplaced: (state) => this.#storeReplaced(state),
      restarted: (role) => this.#figures.childRestarted(role),
    })
    this.#store = store
    this.#readers = readers
    this.#liveQueries = liveQueries
    this.#tables = new ToldTables({ readers, liveQueries }, () => instant(performance.now()))
    this.#schema = new SchemaReload({
      paths: config.db.schemaPaths,
      store: this.#store,
      timeoutMs: config.limits.storeTimeoutMs,
      log,
    })
    this.#forks = new ForkRepair({
      store: this.#store,
      timeoutMs: config.limits.storeTimeoutMs,
      log,
      rareLog: this.#rareLog,
      renewed: renewed.resolve,
    })
    this.#walGuard = new WalGuard({
      holders: { readers: this.#readers, 'live-query': this.#liveQueries },
      oldestSnapshot: () => oldestSnapshot(config.db.path),
      log: this.#rareLog,
      onCut: (role) => this.#telemetry.snapshotCut(role),
    })
    this.#driver = this.#makeDriver()
    this.#muteFile = new MuteFile(muteFilePath(config.db.path), (reason) =>
      log.warn({ reason }, 'rules of muting are not kept'),
    )
    this.#givingUp = new GivingUp({
      missing: () => this.#machine().missingVersions(),
      isLiving: (actor) => this.#isLiving(actor),
      record: (actor, versions) => this.#giveUp([{ actor, versions }]),
      recorded: (knowledge) => this.#driver.feed({ kind: 'given-up', token: 0, knowledge }),
      log,
    })
    this.#figures = new Figures({
      config,
      telemetry: this.#telemetry,
      propagation: this.#propagation,
      children: { store: this.#store, readers: this.#readers, 'live-query': this.#liveQueries },
      node: () => this.#node,
      streams: () => this.#sockets?.streams,
      certificates: () => this.#certificates,
    })
  }

  get gossipAddress(): PeerAddress {
    return (this.#sockets as GossipSockets).advertised
  }

  async start(): Promise<void> {
    const { gossip, db } = this.#config
    const entries = parseBootstrap(gossip.bootstrap)
    const security = await loadGossipSecurity(gossip)
    if (gossip.plaintext) this.#log.warn('gossip.plaintext: peers are neither authenticated nor encrypted')
    if (this.#config.adminSocket !== undefined)
      this.#log.warn('admin.uds_path is accepted, but the admin socket is not there yet')
    makeFolderOf(db.path)
    const state = await this.#store.start()
    if (!state.ok) throw new StartRefusal(state.error)
    const readers = await this.#readers.start()
    if (!readers.ok) throw new StartRefusal(readers.error)
    const liveQueries = await this.#liveQueries.start()
    if (!liveQueries.ok) throw new StartRefusal(liveQueries.error)
    this.#sockets = await bindGossip(gossip, state.value.actor, security, {
      datagrams: this.#driver.datagramListener,
      streams: this.#driver.streamListener,
    })
    this.#certificates = this.#watchCertificates(security, this.#sockets)
    await this.#listen(state.value)
    const membership = this.#startNode(state.value, this.#sockets, await this.#muteFile.load())
    await membership.start()
    this.#tables.start(this.#machine())
    this.#stopBootstrap = followBootstrap(entries, {
      own: this.#sockets.advertised,
      isAlone: () => this.#node?.members().every(({ state }) => state !== 'alive') ?? true,
      join: (seeds) => membership.join(seeds),
      warn: (failures) => this.#log.warn({ failures }, 'names in gossip.bootstrap are not known'),
    })
    this.#log.info(
      {
        actor: state.value.actor,
        api: this.apiAddresses.map(formatSocketAddress),
        gossip: this.gossipAddress,
        cluster: gossip.clusterId,
      },
      'ready',
    )
  }

  reloadSchema(): void {
    if (!this.#stopping) void this.#schema.reload()
  }

  reloadBudgets(config: Config): void {
    if (this.#stopping) return
    const budgets = budgetsOf(config)
    this.#driver.feed({ kind: 'budgets-changed', budgets })
    this.#log.info(budgets, 'budgets of gossip read again')
  }

  reloadKeys(): void {
    if (this.#sockets === undefined || this.#stopping) return
    void this.#certificates?.reload()
    reloadKeys(this.#config.gossip, this.#sockets).then(
      (keys) => this.#log.info({ keys }, 'cluster keys read again'),
      (cause: Error) => this.#log.error({ reason: cause.message }, 'the cluster keys stay as they are'),
    )
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#stopBootstrap()
    this.#tables.stop()
    this.#figures.stop()
    this.#certificates?.stop()
    const { drainMs } = this.#config.limits
    // First, because subscriptions have no end of their own. Who does not take the rest of one is cut with the listeners.
    this.#memberWatchers.close()
    this.#copyWaits.close()
    this.#comparisons.close()
    const liveQueriesClosed = this.#liveQueries.close(drainMs + CHILD_CLOSE_MS)
    await Promise.all(this.#listeners.map((listener) => listener.close(drainMs)))
    await liveQueriesClosed
    await this.#membership?.stop()
    if (this.#node !== undefined) await this.#leave(this.#node)
    this.#driver.stop()
    this.#forks.stop()
    await this.#sockets?.streams.close()
    await this.#sockets?.datagrams.close()
    // The store last: the last connection of a file takes its write-ahead log with it, and readers cannot.
    await this.#readers.close(READERS_CLOSE_MS)
    await this.#store.close(CHILD_CLOSE_MS)
  }

  #makeDriver(): NodeDriver {
    const { storeTimeoutMs } = this.#config.limits
    return new NodeDriver({
      clock: () => instant(performance.now()),
      apply: async ({ changesets, cleared, basis }) => {
        const result = await this.#store.apply({ changesets, cleared, basis }, storeTimeoutMs)
        if (result.ok) for (const outcome of result.value.outcomes) this.#telemetry.applied(outcome.kind)
        return this.#warned(result, 'apply', 'changesets were not applied')
      },
      serve: async ({ needs, budgetBytes }) => {
        const result = await this.#readers.serve(needs, budgetBytes, storeTimeoutMs)
        return this.#warned(result, 'serve', 'a peer could not be served')
      },
      repairForks: (effect) => this.#forks.answer(this.#machine().self().actor, effect),
      notify: (notification) => {
        logNotification(this.#log, notification)
        if ('member' in notification) this.#memberWatchers.changed(notification.member)
        this.#membership?.changed()
        this.#tables.membersChanged()
      },
      makeDurable: async () => {
        const result = await this.#store.makeDurable(storeTimeoutMs)
        return this.#warned(result, 'make-durable', 'peers are not told what this member holds durably')
      },
      giveUp: ({ lost }) => this.#giveUp(lost),
      unobtainableFound: (actor, versions) =>
        this.#log.warn(
          { actor, versions },
          'no living member has had these versions for a day; patina sync give-up declares them lost',
        ),
      detailsPulled: ({ token, outcome }) => this.#membership?.detailsPulled(token, outcome),
      copiesCounted: ({ token, ...counted }) => this.#copyWaits.answered(token, counted),
      compared: ({ token, comparison }) => this.#comparisons.answered(token, comparison),
      arrived: (arrivals) => this.#propagation.arrived(arrivals),
      muteChanged: (origin, muted) => {
        void this.#muteFile.save(this.#machine().muteRules())
        this.#log.warn(
          { origin },
          muted ? 'changes of this member are not broadcast' : 'changes of this member are broadcast again',
        )
      },
      count: (metric, by) => this.#telemetry.count(metric, by),
      late: (ms) => this.#telemetry.deadlineLate(ms),
      refused: (service, reason, detail) => {
        this.#telemetry.refused(service, reason)
        // A member that cannot be reached is told by its state; who is refused shows nowhere else.
        const level = reason === 'unreachable' ? 'debug' : 'warn'
        this.#rareLog.tell(level, `${service} ${reason}`, { service, reason, detail }, 'refused')
      },
    })
  }

  #watchCertificates(
    { streams: inUse }: GossipSecurity,
    { streams }: GossipSockets,
  ): Certificates | undefined {
    const { tls } = this.#config.gossip
    if (tls === undefined || inUse === 'plaintext') return undefined
    const clock = (): number => Date.now()
    return new Certificates({ files: tlsFilesOf(tls), inUse, load: loadTls, streams, log: this.#log, clock })
  }

  async #listen(state: StoreState): Promise<void> {
    const services: ApiServices = {
      actor: state.actor,
      store: this.#store,
      readers: this.#readers,
      liveQueries: this.#liveQueries,
      members: () => ({ self: this.#machine().self(), others: this.#machine().members() }),
      memberWatchers: this.#memberWatchers,
      cluster: {
        explain: (of) => this.#running().explain(of),
        now: () => performance.now(),
        leave: () => this.#running().leave(),
        rejoin: () => this.#running().rejoin(),
        mute: (origin, muted) => this.#mute(origin, muted),
      },
      tags: {
        set: (tag) => this.#running().tags.set(tag),
        delete: (key) => this.#running().tags.delete(key),
        list: () => this.#running().tags.list(),
        gossiped: (of) => this.#metadataOf(of)?.tags,
        details: (of) => this.#running().details(of),
      },
      copies: {
        wait: (version, copies, timeoutMs) =>
          this.#copyWaits.ask(
            (token) => ({ kind: 'await-copies', token, version, copies, timeoutMs }),
            timeoutMs,
          ),
        others: () => this.#machine().status().alive,
      },
      sync: {
        self: state.actor,
        knowledge: () => this.#machine().knowledge(),
        lag: () => this.#machine().lag(instant(performance.now())),
        peers: () => this.#machine().comparedPeers(instant(performance.now())),
        compare: (peer) =>
          this.#comparisons.ask(
            (token) => ({ kind: 'compare', token, peer }),
            // A digest and, where the peer tells its buckets, a summary.
            DEFAULT_SYNC_CONFIG.exchangeTimeoutMs,
          ),
        reconcile: (peer) => this.#driver.feed({ kind: 'reconcile', peer }),
      },
      oldestView: () => this.#machine().oldestView(instant(performance.now())),
      schema: this.#schema,
      givingUp: this.#givingUp,
      schemaSkew: () => this.#machine().schemaSkew() ?? NO_SKEW,
      missing: () => this.#figures.missing(),
      status: () =>
        this.#figures.status({
          actor: state.actor,
          apiAddresses: this.apiAddresses,
          gossipAddress: this.gossipAddress,
          node: this.#machine(),
        }),
      telemetry: this.#telemetry,
      isStopping: () => this.#stopping || this.#node === undefined,
    }
    this.#figures.watch()
    const api = createApi(this.#config, services)
    for (const address of this.#config.api.bindAddresses) {
      const listener = await listen(api.fetch, address, 'api.bind_addr')
      this.#listeners.push(listener)
      this.apiAddresses.push(listener.address)
    }
    const { prometheusAddress } = this.#config
    if (prometheusAddress === undefined) return
    const metrics = createMetricsApp(services)
    this.#listeners.push(await listen(metrics.fetch, prometheusAddress, 'telemetry.prometheus.bind_addr'))
  }

  #startNode(
    state: StoreState,
    { advertised, datagrams, streams }: GossipSockets,
    mutes: readonly MuteRule[],
  ): Membership {
    const metadata = metadataOf(this.#config, this.apiAddresses, advertised)
    this.#node = new Node({
      self: { actor: state.actor, address: advertised, generation: state.generation, ...toldOf(metadata) },
      knowledge: state.knowledge,
      abandoned: state.abandoned,
      forks: state.forks,
      mutes,
      schema: state.schema,
      prng: new Prng(randomInt(2 ** 32)),
      sync: syncConfigOf(this.#config),
    })
    if (!this.#node.status().sync.mayWrite) this.#store.holdWrites()
    this.#driver.start(this.#node, datagrams, streams)
    this.#membership = new Membership({
      machine: this.#node,
      metadata,
      databasePath: this.#config.db.path,
      feed: (event) => this.#driver.feed(event),
      warn: (fields, sentence) => this.#log.warn(fields, sentence),
      selfChanged: (self) => {
        this.#memberWatchers.changed(self, 'self')
        this.#tables.membersChanged()
      },
      reconcile: () => {
        this.#memberWatchers.reconcile({ self: this.#machine().self(), others: this.#machine().members() })
        this.#tables.membersChanged()
      },
    })
    return this.#membership
  }

  /** False where too many are muted already. */
  #mute(origin: ActorId, muted: boolean): boolean {
    const node = this.#machine()
    this.#driver.feed({ kind: 'mute', origin, muted, at: hlc(Date.now() * MICROS_PER_MS) })
    return node.status().sync.muted.includes(origin) === muted
  }

  async #giveUp(lost: readonly ActorVersions[]): Promise<Result<readonly ActorKnowledge[], PortError>> {
    const result = await this.#store.giveUp({ lost }, this.#config.limits.storeTimeoutMs)
    const told = this.#warned(result, 'give-up', 'what was given up is not recorded')
    return told.ok ? ok(told.value.knowledge) : told
  }

  /** The same; a failure is in the log, once a minute of a kind. */
  #warned<T>(result: Result<T, PortError>, kind: string, sentence: string): Result<T, PortError> {
    if (!result.ok) this.#rareLog.tell('warn', kind, { reason: sentenceOf(result.error) }, sentence)
    return result
  }

  #isLiving(actor: ActorId): boolean {
    const node = this.#machine()
    const state = node.members().find((member) => member.actor === actor)?.state
    return actor === node.self().actor || state === 'alive' || state === 'suspect'
  }

  #running(): Membership {
    if (this.#membership === undefined) throw new StartRefusal('the agent is starting')
    return this.#membership
  }

  #metadataOf(actor: ActorId): MemberMetadata | undefined {
    const self = this.#machine().self()
    if (actor === self.actor) return self.metadata
    const explanation = this.#machine().explain(actor)
    // Told of, and not heard yet: it is shown nowhere, and nobody would ask it.
    return explanation?.because === 'unverified' ? undefined : explanation?.member.metadata
  }

  #machine(): Node {
    if (this.#node === undefined) throw new StartRefusal('the agent is starting')
    return this.#node
  }

  #storeTold(event: StoreEvent): void {
    switch (event.kind) {
      case 'fatal':
        this.#fail(`the storage failed (${event.code}) at ${this.#config.db.path}: ${event.message}`)
        break
      case 'schema-changed':
        // Readers look at each query; live queries run only for what they hear of.
        this.#liveQueries.changed('all')
        this.#driver.feed({ kind: 'schema-changed', schema: event.schema })
        break
      case 'schema-failed':
        this.#log.error(
          { reason: event.message },
          'a change of the schema was given up: nobody has seen any of it',
        )
        break
      case 'changed':
        this.#liveQueries.changed(event.tables)
        break
      case 'misfits':
        for (const place of event.places)
          this.#log.warn(
            place,
            'a peer wrote a value that the definition here would not keep: schemas differ',
          )
        break
      case 'wal-held':
        this.#walGuard.held(event.walBytes)
        break
      case 'committed':
        this.#telemetry.committed(event.commits.length)
        this.#driver.committed(event.commits)
        break
      default:
        unreachable(event)
    }
  }

  #storeReplaced(state: StoreState): void {
    this.#log.info({ generation: state.generation }, 'the store is back')
    // What it holds is the truth, whatever was told about the calls that were lost; no apply has token 0.
    this.#driver.feed({ kind: 'applied', token: 0, report: { outcomes: [], knowledge: state.knowledge } })
    this.#driver.feed({ kind: 'schema-changed', schema: state.schema })
    // It may have committed what it could not tell any more, and applied another schema at its start.
    this.#liveQueries.changed('all')
  }

  async #leave(node: Node): Promise<void> {
    this.#driver.feed({ kind: 'leave' })
    const until = performance.now() + LEAVE_MS
    while (Number.isFinite(node.nextDeadline()) && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
