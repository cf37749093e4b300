/**
 * Tiers: regional clusters, a global cluster and the aggregators between them, as real processes on loopback. An aggregator
 * has a regional agent of its own and, if there are so many, a global one: the first of a region uses the first of each, and so
 * on. Removes every trace of them.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cluster, findFreePorts, type RunningNode, StepFailure, waitUntil } from '@patina/test-cluster'
import { AggregatorProcess, type AggregatorStatus } from './aggregator-process.ts'

export interface RegionPlan {
  readonly name: string
  readonly agents: number
  readonly aggregators: number
  /** Agents of the global cluster; default: one for each aggregator. */
  readonly globalAgents?: number
}

export interface TiersOptions {
  readonly regions: readonly RegionPlan[]
  /** Seconds. Default 1: a test does not wait five minutes. */
  readonly fullCompareSecs?: number
  /** Default 300. */
  readonly holdSecs?: number
  /** `proxied`: the agents of each cluster reach each other through forwarders that a test can cut. Default `direct`. */
  readonly links?: 'direct' | 'proxied'
  /** Of all agents and aggregators, which have it from a file; default: none is asked for. */
  readonly token?: string
  /** Aggregators serve HTTPS, with the certificates of their global agents. Default false. */
  readonly tls?: boolean
}

export const GLOBAL_SCHEMA: string = fileURLToPath(
  new URL('../../../apps/aggregator/schema/app-regions.sql', import.meta.url),
)
export const ROLLUP = 'app_regions'
/** Only instances on hosts that the regional cluster sees. */
export const ROLLUP_QUERY = `SELECT app, count(*) AS instances, sum(m.state = 'started') AS healthy
FROM machines m JOIN patina_members n ON n.name = m.node WHERE n.state = 'alive' GROUP BY app`
const INSTANCES_QUERY = `SELECT m.id, m.node, m.addr, m.port FROM machines m JOIN patina_members n ON n.name = m.node
WHERE m.app = :app AND m.state = 'started' AND n.state = 'alive'`

const ANSWER_MS = 30_000

export class Tiers {
  readonly #options: TiersOptions
  readonly global: Cluster
  readonly #regions = new Map<string, Cluster>()
  readonly #aggregators = new Map<string, AggregatorProcess>()

  constructor(options: TiersOptions) {
    this.#options = options
    const { regions, links = 'direct', token } = options
    for (const { name, agents } of regions) {
      const names = hostNames(name, agents)
      this.#regions.set(name, new Cluster({ names, regionOf: () => name, links, token }))
    }
    this.global = new Cluster({
      links,
      token,
      names: regions.flatMap(({ name, aggregators, globalAgents = aggregators }) =>
        hostNames(name, globalAgents),
      ),
      regionOf: regionOfHost,
      schemaFiles: [GLOBAL_SCHEMA],
    })
  }

  region(name: string): Cluster {
    return found(this.#regions.get(name), name)
  }

  /** `syd-1`: the first of syd, and the host of its agents. */
  aggregator(name: string): AggregatorProcess {
    return found(this.#aggregators.get(name), name)
  }

  aggregators(region?: string): readonly AggregatorProcess[] {
    return [...this.#aggregators.values()].filter(
      ({ name }) => region === undefined || regionOfHost(name) === region,
    )
  }

  /** An agent of the cluster of that region. */
  host(name: string): RunningNode {
    return this.region(regionOfHost(name)).node(name)
  }

  /** Starts the agents of all clusters, and then the aggregators; does not wait for these. */
  async start(): Promise<void> {
    for (const cluster of [this.global, ...this.#regions.values()]) await cluster.start()
    const names = this.#options.regions.flatMap(({ name, aggregators }) => hostNames(name, aggregators))
    const ports = await findFreePorts(names.length)
    for (const [at, name] of names.entries()) this.#place(name, ports[at] as number)
    for (const aggregator of this.#aggregators.values()) aggregator.start()
  }

  /** The one that writes for the region. Fails where there is none within the deadline. */
  async untilWriter(region: string, deadlineMs: number = ANSWER_MS): Promise<AggregatorProcess> {
    return await waitUntil(
      { what: `an aggregator writes for ${region}`, deadlineMs, pollMs: 50 },
      async () => {
        for (const aggregator of this.aggregators(region))
          if ((await aggregator.status())?.role === 'writes') return aggregator
        return undefined
      },
    )
  }

  async untilStatus(
    aggregator: AggregatorProcess,
    what: string,
    holds: (status: AggregatorStatus) => boolean,
  ): Promise<void> {
    await waitUntil({ what: `${aggregator.name} ${what}`, deadlineMs: ANSWER_MS, pollMs: 50 }, async () => {
      const status = await aggregator.status()
      return status !== undefined && holds(status) ? true : undefined
    })
  }

  /** What every global agent, or these, say of the region is what its roll-up query says there. */
  async untilTrue(
    region: string,
    at: readonly RunningNode[] = this.global.nodes(),
    host: string = `${region}-1`,
  ): Promise<void> {
    const { api } = this.host(host)
    const sql = `SELECT app, instances, healthy FROM ${ROLLUP} WHERE region = ? ORDER BY app`
    let [wanted, seen] = ['', '']
    const what = `the global table is right of ${region}`
    await waitUntil({ what, deadlineMs: ANSWER_MS, pollMs: 50 }, async () => {
      wanted = JSON.stringify(await api.query(`${ROLLUP_QUERY} ORDER BY app`))
      for (const node of at) {
        seen = JSON.stringify(await node.api.query(sql, [region]))
        if (seen !== wanted) return undefined
      }
      return true
    }).catch((cause: Error) => {
      throw new StepFailure(`${cause.message}: ${seen} and not ${wanted}`)
    })
  }

  /** What the aggregators have as their token from now on, without a restart. */
  writeToken(text: string | undefined): void {
    if (text === undefined) return
    writeFileSync(`${this.#tokenFile}.new`, text)
    renameSync(`${this.#tokenFile}.new`, this.#tokenFile)
  }

  /** Of all agents of the global cluster, and with `tls` of the aggregators. */
  get caPem(): string {
    return readFileSync(this.#caFile, 'utf8')
  }

  logTails(): string {
    const clusters = [this.global, ...this.#regions.values()].map((cluster) => cluster.logTails())
    const aggregators = this.aggregators().map((one) => `--- aggregator ${one.name}\n${one.logTail()}`)
    return [...clusters, ...aggregators].join('\n')
  }

  async remove(): Promise<void> {
    for (const aggregator of this.#aggregators.values()) {
      aggregator.resume()
      await aggregator.kill()
    }
    await Promise.all([this.global, ...this.#regions.values()].map((cluster) => cluster.remove()))
  }

  abandon(): void {
    for (const aggregator of this.#aggregators.values()) aggregator.abandon()
    for (const cluster of [this.global, ...this.#regions.values()]) cluster.abandon()
  }

  get #tokenFile(): string {
    return join(this.global.folder, 'token')
  }

  get #caFile(): string {
    return join(this.global.folder, 'ca.pem')
  }

  #place(name: string, port: number): void {
    const folder = join(this.global.folder, `aggregator-${name}`)
    mkdirSync(folder)
    this.writeToken(this.#options.token)
    const configFile = join(folder, 'aggregator.toml')
    writeFileSync(configFile, this.#configText(name, port))
    this.#aggregators.set(
      name,
      new AggregatorProcess(name, configFile, join(folder, 'log'), {
        port,
        token: this.#options.token,
        caFile: this.#options.tls === true ? this.#caFile : undefined,
      }),
    )
  }

  #configText(name: string, port: number): string {
    const region = regionOfHost(name)
    const { fullCompareSecs = 1, holdSecs = 300, regions, token, tls = false } = this.#options
    const globalAgents = regions.find((plan) => plan.name === region)?.globalAgents ?? Infinity
    const global = `${region}-${Math.min(globalAgents, Number(name.split('-')[1]))}`
    return `region = "${region}"
name = "${name}"
regional.api = "http://127.0.0.1:${this.host(name).apiPort}"
global.api = "http://127.0.0.1:${this.global.node(global).apiPort}"
listen = "127.0.0.1:${port}"
full_compare_secs = ${fullCompareSecs}
guard.hold_secs = ${holdSecs}
instances.query = """${INSTANCES_QUERY}"""
log.level = "debug"
${token === undefined ? '' : tokenLines(this.#tokenFile)}${tls ? this.#tlsLines(global) : ''}[[rollup]]
into = "${ROLLUP}"
query = """${ROLLUP_QUERY}"""
`
  }

  #tlsLines(agent: string): string {
    const file = join(this.global.folder, agent, agent)
    return `tls = { cert_file = "${file}.pem", key_file = "${file}-key.pem", ca_file = "${this.#caFile}" }\n`
  }
}

function tokenLines(file: string): string {
  return ['regional.token_file', 'global.token_file', 'token_file']
    .map((key) => `${key} = "${file}"\n`)
    .join('')
}

function hostNames(region: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${region}-${at + 1}`)
}

function regionOfHost(name: string): string {
  return name.split('-')[0] as string
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new StepFailure(`there is no ${name}`)
  return value
}
