/**
 * Cluster: agents on loopback, three if nothing else is asked for, their folder and their APIs. Starts them, also a second
 * time when another program has taken a port in between, and removes every trace of them: processes first, then files. A program
 * that ends without removing its cluster takes it along (last-will.ts).
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CertifiedKey } from '@patina/transport/certificates'
import { AgentApi } from './agent-api.ts'
import { AgentProcess, type ProcessOptions } from './agent-process.ts'
import { type NodeHosts, type NodePlan, renewNodeKey, writeConfig, writeKeys } from './cluster-files.ts'
import { findFreePorts } from './free-ports.ts'
import { GossipProxy } from './gossip-proxy.ts'
import { LastWill } from './last-will.ts'
import { StepFailure, waitUntil } from './wait-until.ts'

export const NODE_NAMES = ['ams', 'nrt', 'syd'] as const
export type NodeName = (typeof NODE_NAMES)[number]

/** For three; each further one starts beside them on the same cores. */
const START_DEADLINE_MS = 30_000
const START_DEADLINE_EACH_MS = 8_000
const POLL_MS = 20
/** How often a cluster is started anew because an agent ended before it was healthy. */
const START_ATTEMPTS = 3

export interface RunningNode {
  readonly name: string
  readonly apiPort: number
  readonly api: AgentApi
}

export interface ClusterOptions {
  /** One agent each. Default NODE_NAMES. */
  readonly names?: readonly string[]
  /** `proxied`: the agents reach each other through forwarders that a test can cut. Default `direct`. */
  readonly links?: 'direct' | 'proxied'
  /** Whose certificate has expired. */
  readonly expired?: readonly string[]
  /** Paths of further schema files, beside the reference table's. */
  readonly schemaFiles?: readonly string[]
  /** Where `node.region` is not the name: what it is instead. */
  readonly regionOf?: (name: string) => string
  /** `dist`: the agents are what `pnpm build` has made. Default `source`. */
  readonly build?: 'source' | 'dist'
  /** What the API of every agent wants; default: nothing. */
  readonly token?: string | undefined
  /** Where each agent lives; default: all on loopback. Not with `links: 'proxied'`. */
  readonly places?: ReadonlyMap<string, AgentPlace>
}

/** A network namespace, and the agent's addresses there. */
export interface AgentPlace {
  readonly namespace: string
  readonly hosts: NodeHosts
}

export class Cluster {
  readonly #folder: string
  readonly #plans = new Map<string, NodePlan>()
  readonly #nodes = new Map<string, RunningNode>()
  readonly #running = new Map<string, AgentProcess>()
  /** Every process that was ever started: none may be left. */
  readonly #processes: AgentProcess[] = []

  readonly #names: readonly string[]
  readonly #links: 'direct' | 'proxied'
  readonly #expired: readonly string[]
  readonly #schemaFiles: readonly string[]
  readonly #regionOf: (name: string) => string
  readonly #build: 'source' | 'dist'
  readonly #places: ReadonlyMap<string, AgentPlace>
  readonly #token: string | undefined
  #proxies: GossipProxy[] = []
  readonly #will: LastWill
  #removed = false
  #authority: CertifiedKey | undefined

  constructor({
    names = NODE_NAMES,
    links = 'direct',
    expired = [],
    schemaFiles = [],
    regionOf = (name) => name,
    build = 'source',
    places = new Map(),
    token,
  }: ClusterOptions = {}) {
    this.#names = names
    this.#links = links
    this.#expired = expired
    this.#schemaFiles = schemaFiles
    this.#regionOf = regionOf
    this.#build = build
    this.#places = places
    this.#token = token
    this.#folder = mkdtempSync(join(tmpdir(), 'patina-cluster-'))
    this.#will = new LastWill(this.#folder)
  }

  /** Where the agents' files are: a folder for each, named like it. */
  get folder(): string {
    return this.#folder
  }

  node(name: string): RunningNode {
    const node = this.#nodes.get(name)
    if (node === undefined) throw new Error(`${name} was not started`)
    return node
  }

  nodes(): readonly RunningNode[] {
    return [...this.#nodes.values()]
  }

  process(name: string): AgentProcess {
    const process = this.#running.get(name)
    if (process === undefined) throw new Error(`${name} does not run`)
    return process
  }

  /** Starts agents, all if nothing else is said, and waits until each is healthy. The others may be spawned later. */
  async start(names: readonly string[] = this.#names): Promise<void> {
    const hosts = new Map([...this.#places].map(([name, place]) => [name, place.hosts]))
    this.#authority = await writeKeys(this.#folder, this.#names, Date.now(), {
      expired: this.#expired,
      hosts,
    })
    for (let attempt = 1; ; attempt += 1) {
      await this.#plan()
      for (const name of names) this.spawn(name)
      const started = await Promise.allSettled(names.map((name) => this.healthy(name)))
      const failed = started.find((outcome) => outcome.status === 'rejected')
      if (failed === undefined) return
      if (attempt === START_ATTEMPTS) throw failed.reason
      await this.#killAll()
    }
  }

  /** A new certificate and key for an agent, which reads them when asked, or some seconds later by itself. */
  async renewCertificate(name: string): Promise<void> {
    if (this.#authority === undefined) throw new Error('the cluster was not started')
    await renewNodeKey(this.#folder, name, this.#authority, Date.now())
  }

  /** Starts one agent, again with the files that it had. */
  spawn(name: string, options: ProcessOptions = {}): void {
    // A signal may end a program in the middle of any step; that step must not bring anything back.
    if (this.#removed) throw new StepFailure('the cluster is gone')
    const folder = join(this.#folder, name)
    const process = new AgentProcess(join(folder, 'config.toml'), join(folder, 'agent.log'), {
      build: this.#build,
      namespace: this.#places.get(name)?.namespace,
      ...options,
    })
    this.#will.covers(process.pid)
    this.#running.set(name, process)
    this.#processes.push(process)
  }

  /** Of an agent that does not run: its next start is the first of a new member. */
  removeDatabase(name: string): void {
    const folder = join(this.#folder, name)
    for (const file of readdirSync(folder))
      if (file.startsWith('patina.db')) rmSync(join(folder, file), { recursive: true })
  }

  async healthy(name: string): Promise<void> {
    const [{ api }, process] = [this.node(name), this.process(name)]
    const others = Math.max(0, this.#names.length - NODE_NAMES.length)
    const deadlineMs = START_DEADLINE_MS + others * START_DEADLINE_EACH_MS
    await waitUntil({ what: `${name} is healthy`, deadlineMs, pollMs: POLL_MS }, async () => {
      if (process.hasExited()) throw new StepFailure(`${name} ended at its start`)
      return (await api.isHealthy()) ? true : undefined
    })
  }

  /** Every connection between the agents is closed, every packet dropped; only with `links: 'proxied'`. */
  cutLinks(): void {
    for (const proxy of this.#proxies) proxy.cut()
  }

  /** Nobody reaches this agent, by packets or by new connections; what it sends arrives. Only with `links: 'proxied'`. */
  cutLinksTo(name: string): void {
    this.#proxies[this.#names.indexOf(name)]?.cut()
  }

  /** Every packet is dropped, connections stay; only with `links: 'proxied'`. */
  cutDatagrams(): void {
    for (const proxy of this.#proxies) proxy.cutDatagrams()
  }

  /** Every connection is closed, packets pass; only with `links: 'proxied'`. */
  cutConnections(): void {
    for (const proxy of this.#proxies) proxy.cutConnections()
  }

  /** So large a share of all packets is lost, each way; connections stay. Only with `links: 'proxied'`. */
  loseDatagrams(share: number): void {
    for (const proxy of this.#proxies) proxy.lose(share)
  }

  /** Each agent's connections stand still after so many bytes; packets pass. Only with `links: 'proxied'`. */
  holdConnectionsAfter(bytes: number): void {
    for (const proxy of this.#proxies) proxy.holdConnectionsAfter(bytes)
  }

  /** What the agents have sent to each other, all together; only with `links: 'proxied'`. */
  linkBytes(): number {
    return this.#proxies.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  healLinks(): void {
    for (const proxy of this.#proxies) proxy.heal()
  }

  /** The last lines of each agent's log, for a failure. */
  logTails(): string {
    return [...this.#running].map(([name, process]) => `--- ${name}\n${process.logTail()}`).join('\n')
  }

  /** Ends every process, waits until all are gone, and removes the folder. */
  async remove(): Promise<void> {
    this.#removed = true
    for (const { api } of this.#nodes.values()) api.close()
    await this.#killAll()
    this.#closeProxies()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
    this.#will.revoke()
  }

  /** The same without waiting, for a program that ends by a fault of its own. */
  abandon(): void {
    for (const process of this.#processes) process.killGroup()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #plan(): Promise<void> {
    const ports = await findFreePorts(2 * this.#names.length)
    this.#closeProxies()
    for (const [i, name] of this.#names.entries()) {
      const [apiPort, gossipPort] = [ports[2 * i] as number, ports[2 * i + 1] as number]
      const hosts = this.#places.get(name)?.hosts
      const at = hosts === undefined ? {} : { hosts }
      const token = this.#token
      const access = token === undefined ? {} : { token }
      const [region, schemaFiles] = [this.#regionOf(name), this.#schemaFiles]
      const plan: NodePlan = { name, region, apiPort, gossipPort, schemaFiles, ...at, ...access }
      this.#plans.set(name, this.#links === 'direct' ? plan : await this.#behindProxy(plan))
      this.#nodes.get(name)?.api.close()
      this.#nodes.set(name, { name, apiPort, api: new AgentApi(name, apiPort, { host: hosts?.api, token }) })
    }
    const plans = [...this.#plans.values()]
    for (const plan of plans) await writeConfig(this.#folder, plan, plans)
  }

  async #behindProxy(plan: NodePlan): Promise<NodePlan> {
    const proxy = await GossipProxy.open(plan.gossipPort)
    this.#proxies.push(proxy)
    return { ...plan, advertisedPort: proxy.port }
  }

  #closeProxies(): void {
    for (const proxy of this.#proxies) proxy.close()
    this.#proxies = []
  }

  async #killAll(): Promise<void> {
    for (const process of this.#processes) process.killGroup()
    await Promise.all(this.#processes.map((process) => process.groupGone()))
    // Their ids may belong to others from now on.
    this.#processes.length = 0
  }
}
