/**
 * AggregatorProcess: one `patina-aggregator run` as a real process, and the part of its HTTP API that tests use. Its log goes to a
 * file beside its configuration. Knows nothing of what it should do.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fetchTrusting } from '@patina/program'
import { withoutPatina } from '@patina/test-cluster'

export const PROGRAM: string = fileURLToPath(new URL('../../../apps/aggregator/src/main.ts', import.meta.url))
const ANSWER_MS = 10_000
const LOG_LINES_SHOWN = 12

export interface AggregatorStatus {
  readonly health: 'starting' | 'well' | 'held' | 'failing'
  readonly role: 'writes' | 'waits' | 'yields'
  /** Of all regions, as its global agent sees them. */
  readonly aggregators: readonly {
    readonly id: string
    readonly region: string
    readonly address: string
    readonly claims: boolean
  }[]
  readonly rollups: readonly { readonly into: string; readonly rows: number; readonly held: object | null }[]
}

export interface RegionRoute {
  readonly region: string
  readonly healthy: number
  readonly instances: number
  readonly distance_ms: number | null
}

export type Instance = Readonly<Record<string, string | number | null>>

export interface ApiAccess {
  readonly port: number
  readonly token: string | undefined
  /** Of who signs its certificate; undefined: it serves HTTP. */
  readonly caFile: string | undefined
}

export class AggregatorProcess {
  readonly name: string
  readonly #configFile: string
  readonly #logFile: string
  readonly #address: string
  readonly #authorization: Readonly<Record<string, string>>
  readonly #fetch: typeof globalThis.fetch
  #child: ChildProcess | undefined
  #exited: Promise<void> = Promise.resolve()

  constructor(name: string, configFile: string, logFile: string, { port, token, caFile }: ApiAccess) {
    this.name = name
    this.#configFile = configFile
    this.#logFile = logFile
    this.#address = `${caFile === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    this.#fetch = caFile === undefined ? fetch : fetchTrusting(() => readFileSync(caFile, 'utf8'))
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  get address(): string {
    return this.#address
  }

  get configFile(): string {
    return this.#configFile
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const log = openSync(this.#logFile, 'a')
    const args = ['--conditions=@patina/source', PROGRAM, 'run', '--config', this.#configFile]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', log, log],
      env: withoutPatina(process.env),
    })
    closeSync(log)
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
  }

  /** SIGKILL: its lease is left to end by itself. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** Without waiting, for a program that ends by a fault of its own. */
  abandon(): void {
    this.#child?.kill('SIGKILL')
  }

  /** SIGTERM: it gives its lease back. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM')
    await this.#exited
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Undefined while it does not answer. */
  async status(): Promise<AggregatorStatus | undefined> {
    return (await this.#get('/v1/status').catch(() => undefined)) as AggregatorStatus | undefined
  }

  async route(app: string, from: string): Promise<readonly RegionRoute[]> {
    const { regions } = (await this.#get(`/v1/route/${app}?from=${from}`)) as { regions: RegionRoute[] }
    return regions
  }

  async instances(app: string, region: string): Promise<readonly Instance[]> {
    const path = `/v1/route/${app}/instances?region=${region}`
    return ((await this.#get(path)) as { readonly instances: Instance[] }).instances
  }

  /** Each list as it is pushed, until the signal. */
  async *watchInstances(
    app: string,
    region: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Instance[]> {
    const path = `/v1/route/${app}/instances?region=${region}&watch=true`
    const answer = await this.#fetch(`${this.#address}${path}`, { signal, headers: this.#authorization })
    let rest = ''
    const decoder = new TextDecoder()
    for await (const bytes of answer.body ?? []) {
      const text = decoder.decode(bytes, { stream: true })
      const lines = (rest + text).split('\n')
      rest = lines.pop() as string
      for (const line of lines)
        if (line !== '') yield (JSON.parse(line) as { readonly instances: Instance[] }).instances
    }
  }

  async release(rollup: string): Promise<boolean> {
    const init = { method: 'POST' as const, headers: { 'content-type': 'application/json' } }
    return ((await this.#ask(`/v1/release/${rollup}`, init)) as { readonly released: boolean }).released
  }

  /** One sample of /metrics by its name with labels; 0 where there is none. */
  async metric(sample: string): Promise<number> {
    const text = await (
      await this.#fetch(`${this.#address}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) })
    ).text()
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
    return line === undefined ? 0 : Number(line.slice(sample.length + 1))
  }

  logTail(): string {
    return readFileSync(this.#logFile, { encoding: 'utf8', flag: 'a+' })
      .trimEnd()
      .split('\n')
      .slice(-LOG_LINES_SHOWN)
      .join('\n')
  }

  async #get(path: string): Promise<unknown> {
    return await this.#ask(path, {})
  }

  async #ask(
    path: string,
    init: { readonly method?: 'POST'; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<unknown> {
    const headers = { ...this.#authorization, ...init.headers }
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await this.#fetch(`${this.#address}${path}`, { ...init, headers, signal })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${this.name} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }
}
