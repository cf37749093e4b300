/**
 * Discovery: the part of the story that Patina is for. App servers run in every region, a health checker beside each agent
 * probes those of its host, and in nrt a live result says where requests can go. One server is killed, then an
 * agent with all of its host's servers; what nrt knew, and when, is what the steps wait for and leave as figures.
 */
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Cluster, NODE_NAMES, type NodeName, StepFailure } from '@patina/test-cluster'
import { APP, AppServers } from './app-servers.ts'
import { formatMs } from './figures.ts'
import { HealthChecker } from './health-checker.ts'
import { LiveResult } from './live-result.ts'
import type { HealthState } from './verdict.ts'

/** Schema of the table that the servers are registered in. */
export const INSTANCES_SCHEMA: string = fileURLToPath(new URL('../schema/002-instances.sql', import.meta.url))

/** Where the live result is. */
export const WATCHER: NodeName = 'nrt'

/** `alive`: a member that is only suspected counts as gone, because a request is better sent to another. */
export const LIVE_QUERY: readonly string[] = [
  'SELECT i.id, i.node, i.addr, i.port',
  'FROM instances i JOIN patina_members m ON m.name = i.node',
  `WHERE i.app = '${APP}' AND i.state = 'healthy' AND m.state = 'alive'`,
]

const SERVERS_PER_NODE = 2
const KILLED_SERVER = `${APP}-ams-1`
const KILLED_SERVER_NODE: NodeName = 'ams'
const PROBE_PERIOD_MS = 100
const TABLE_OF_NODE = 'SELECT id, app, addr, port, state FROM instances WHERE node = ? ORDER BY id'

/** Who hears the story. */
export interface Audience {
  readonly say: (line: string) => void
  readonly note: (what: string, value: string) => void
}

export class Discovery {
  readonly servers: AppServers = new AppServers()
  readonly #cluster: Cluster
  readonly #audience: Audience
  readonly #checkers: HealthChecker[] = []
  /** Moments of the latest verdicts: `web-ams-1 unhealthy`. As many as there are servers and states. */
  readonly #verdictAt = new Map<string, number>()
  #live: LiveResult | undefined
  #removed = false

  constructor(cluster: Cluster, audience: Audience) {
    this.#cluster = cluster
    this.#audience = audience
  }

  async start(): Promise<void> {
    const { say, note } = this.#audience
    const start = performance.now()
    this.#openLive()
    for (const node of NODE_NAMES) this.#check(node)
    await Promise.all(NODE_NAMES.flatMap((node) => idsOn(node).map((id) => this.#startServer(id, node))))
    const listeningMs = performance.now() - start
    const completeMs = (await this.#untilLive('has every server', ALL_IDS)) - start
    say(
      `Six HTTP servers of the app ${APP} run, two beside each agent; health checkers probe them every ${PROBE_PERIOD_MS} ms.`,
    )
    say(`${WATCHER} keeps this result live, and all six are in it:`)
    for (const line of LIVE_QUERY) say(`  ${line}`)
    note('start of six app servers → listening and registered', formatMs(listeningMs))
    note(`until all six are in ${WATCHER}'s live result`, formatMs(completeMs))
  }

  /** Kills one app server and waits until nrt's result has lost it. */
  async killServer(): Promise<void> {
    const { say, note } = this.#audience
    // At any moment between two probes, else the figure would be that of one and the same moment in every run.
    await setTimeout(Math.random() * PROBE_PERIOD_MS)
    const start = performance.now()
    this.servers.kill(KILLED_SERVER)
    const without = ALL_IDS.filter((id) => id !== KILLED_SERVER)
    const lostMs = (await this.#untilLive(`has lost ${KILLED_SERVER}`, without)) - start
    const seenMs = this.#verdictMs(KILLED_SERVER, 'unhealthy') - start
    const [seen, lost] = [formatMs(seenMs), formatMs(lostMs)]
    say(
      `Killed the server ${KILLED_SERVER}: the checker on ${KILLED_SERVER_NODE} saw it after ${seen}, ${WATCHER}'s live result lost it after ${lost}.`,
    )
    note(`SIGKILL of ${KILLED_SERVER} → seen by the checker on ${KILLED_SERVER_NODE}`, formatMs(seenMs))
    note(`SIGKILL of ${KILLED_SERVER} → gone from ${WATCHER}'s live result`, formatMs(lostMs))
  }

  /** Starts it again, at another port. */
  async restartServer(): Promise<void> {
    const start = performance.now()
    await this.#startServer(KILLED_SERVER, KILLED_SERVER_NODE)
    const backMs = (await this.#untilLive(`has ${KILLED_SERVER} again`, ALL_IDS)) - start
    this.#audience.say(
      `Started ${KILLED_SERVER} again: back in ${WATCHER}'s live result after ${formatMs(backMs)}.`,
    )
  }

  /** The rows of a node's servers in nrt's table, whatever is believed of the node. */
  async tableOf(node: NodeName): Promise<string> {
    return JSON.stringify(await this.#cluster.node(WATCHER).api.query(TABLE_OF_NODE, [node]))
  }

  /** Waits until nrt's result has lost every server of an agent that was killed, by membership alone. */
  async loseHost(node: NodeName, killedAt: number, tableBefore: string): Promise<void> {
    const { say, note } = this.#audience
    const others = ALL_IDS.filter((id) => !idsOn(node).includes(id))
    const lostMs = (await this.#untilLive(`has lost the servers on ${node}`, others)) - killedAt
    const [members, table] = await Promise.all([
      this.#cluster.node(WATCHER).api.members(),
      this.tableOf(node),
    ])
    if (table !== tableBefore) throw new StepFailure(`the rows of ${node} changed: ${tableBefore}, ${table}`)
    const state = members.find(({ name }) => name === node)?.state
    say(
      `Killed the agent ${node} with SIGKILL: ${WATCHER}'s live result lost both of its servers after ${formatMs(lostMs)}.`,
    )
    say(
      `  One change of membership did it (${node} is ${state}), and no write: the table still calls both healthy.`,
    )
    note(`SIGKILL of ${node} → its servers gone from ${WATCHER}'s live result`, formatMs(lostMs))
  }

  /** Waits until the servers of an agent that was started again are back; milliseconds since then. */
  async regainHost(node: NodeName, startedAt: number): Promise<number> {
    const backMs = (await this.#untilLive(`has the servers on ${node} again`, ALL_IDS)) - startedAt
    this.#audience.note(`restart of ${node} → its servers back in ${WATCHER}'s live result`, formatMs(backMs))
    return backMs
  }

  /** Ends the checkers, then every process. */
  async remove(): Promise<void> {
    this.#removed = true
    await Promise.all(this.#checkers.map((checker) => checker.stop()))
    await Promise.all([this.servers.remove(), this.#live?.remove()])
  }

  /** The same without waiting, for a program that ends by a fault of its own. */
  abandon(): void {
    this.#removed = true
    this.servers.abandon()
    this.#live?.abandon()
  }

  #openLive(): void {
    if (this.#removed) throw new StepFailure('the demo is ending')
    this.#live = new LiveResult(this.#cluster.node(WATCHER).apiPort, LIVE_QUERY.join(' '))
  }

  #check(node: NodeName): void {
    const checker = new HealthChecker({
      agent: this.#cluster.node(node).api,
      node,
      periodMs: PROBE_PERIOD_MS,
      onVerdict: (id, state) => this.#verdictAt.set(`${id} ${state}`, performance.now()),
    })
    this.#checkers.push(checker)
    checker.start()
  }

  async #startServer(id: string, node: NodeName): Promise<void> {
    await this.servers.start(id, node, this.#cluster.node(node).api)
  }

  async #untilLive(what: string, ids: readonly string[]): Promise<number> {
    if (this.#live === undefined) throw new StepFailure('nobody watches')
    return await this.#live.untilIds(`the live result in ${WATCHER} ${what}`, ids)
  }

  #verdictMs(id: string, state: HealthState): number {
    return this.#verdictAt.get(`${id} ${state}`) ?? Number.NaN
  }
}

function idsOn(node: NodeName): string[] {
  return Array.from({ length: SERVERS_PER_NODE }, (_, at) => `${APP}-${node}-${at + 1}`)
}

const ALL_IDS: readonly string[] = NODE_NAMES.flatMap(idsOn)
