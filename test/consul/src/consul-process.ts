/**
 * ConsulProcess: the real Consul 1.8.7 as one development agent on loopback, with its HTTP API as tests need it. Fetched
 * once into `.cache`; `consulBinary` says why where that cannot be done.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePorts, waitUntil } from '@patina/test-cluster'

const SCRIPT = fileURLToPath(new URL('../../../scripts/get-consul.sh', import.meta.url))
const CACHE = fileURLToPath(new URL('../../../.cache/consul', import.meta.url))
const FETCH_MS = 120_000
const START_MS = 30_000

export type ConsulBinary =
  | { readonly kind: 'there'; readonly path: string }
  | { readonly kind: 'absent'; readonly why: string }

/** The path of the executable; fetched where it is not there. */
export function consulBinary(): ConsulBinary {
  const given = process.env.CONSUL_BINARY
  if (given !== undefined) return { kind: 'there', path: given }
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, CACHE], { encoding: 'utf8', timeout: FETCH_MS })
  if (status === 0) return { kind: 'there', path: stdout.trim() }
  return { kind: 'absent', why: `Consul cannot be fetched: ${stderr.trim().split('\n').at(-1)}` }
}

export interface ConsulOptions {
  readonly binary: string
  /** Beyond that of a development agent, as Consul's configuration file. */
  readonly config?: object
  /** For this program's own requests. */
  readonly token?: string
  /** Kept over a restart. */
  readonly port?: number
}

export class ConsulProcess {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #token: string | undefined
  readonly port: number

  private constructor(child: ChildProcess, folder: string, port: number, token: string | undefined) {
    this.#child = child
    this.#folder = folder
    this.port = port
    this.#token = token
  }

  /** Resolves when it has a leader. */
  static async start({ binary, config = {}, token, port }: ConsulOptions): Promise<ConsulProcess> {
    const [free, serf, server] = (await findFreePorts(3)) as [number, number, number]
    const http = port ?? free
    const folder = mkdtempSync(join(tmpdir(), 'patina-consul-'))
    const files = { disable_update_check: true, node_name: 'n1', log_level: 'warn', ...config }
    writeFileSync(join(folder, 'test.json'), JSON.stringify(files))
    const ports = ['-http-port', http, '-serf-lan-port', serf, '-server-port', server].map(String)
    const unused = ['-dns-port', '-grpc-port', '-serf-wan-port'].flatMap((option) => [option, '-1'])
    const addresses = ['-bind', '127.0.0.1', '-client', '127.0.0.1']
    const options = ['agent', '-dev', ...addresses, ...ports, ...unused, '-config-dir', folder]
    const child = spawn(binary, options, { stdio: 'ignore' })
    const consul = new ConsulProcess(child, folder, http, token)
    await waitUntil({ what: 'Consul has a leader', deadlineMs: START_MS }, async () => {
      if (child.exitCode !== null) throw new Error(`Consul ended with ${child.exitCode}`)
      const answer = await consul.request('GET', '/v1/status/leader').catch(() => undefined)
      return answer !== undefined && (await answer.text()).length > 2 ? true : undefined
    })
    return consul
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: this.#token === undefined ? {} : { 'x-consul-token': this.#token },
    })
  }

  /** Throws where Consul refuses. */
  async put(path: string, body?: unknown): Promise<unknown> {
    const answer = await this.request('PUT', path, body)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** A service with a check that says what `status` sets. */
  async register(id: string, service: object = {}): Promise<void> {
    const check = { CheckID: `check-${id}`, Name: `${id} lives`, TTL: '1h', Status: 'passing' }
    await this.put('/v1/agent/service/register', { ID: id, Name: id, Check: check, ...service })
  }

  async setStatus(id: string, status: string, output = ''): Promise<void> {
    await this.put(`/v1/agent/check/update/check-${id}`, { Status: status, Output: output })
  }

  async deregister(id: string): Promise<void> {
    await this.put(`/v1/agent/service/deregister/${id}`)
  }

  /** SIGKILL; its folder goes too. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await new Promise((resolve) => this.#child.once('exit', resolve))
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
