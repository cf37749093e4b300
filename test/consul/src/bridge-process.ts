/** BridgeProcess: `patina-consul sync` as a process of its own, with its configuration, metrics and log. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePorts, type ProcessExit, waitUntil, withoutPatina } from '@patina/test-cluster'

const MAIN = fileURLToPath(new URL('../../../apps/consul-bridge/src/main.ts', import.meta.url))
/** The schema that the bridge ships: an agent reads it as any other. */
export const CONSUL_SCHEMA: string = fileURLToPath(
  new URL('../../../apps/consul-bridge/schema/consul.sql', import.meta.url),
)
const START_MS = 20_000
const STOP_MS = 15_000
const COMMAND_MS = 60_000

export interface BridgeOptions {
  readonly consul: string
  readonly apiPort: number
  /** Further lines of the configuration file, which end the tables above. */
  readonly config?: string
  readonly arguments?: readonly string[]
}

export interface CommandResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class BridgeProcess {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #statusPort: number
  readonly #exited: Promise<ProcessExit>
  #exit: ProcessExit | undefined

  private constructor(folder: string, statusPort: number, options: BridgeOptions) {
    this.#folder = folder
    this.#statusPort = statusPort
    const command = [
      ...program('sync'),
      '--config',
      join(folder, 'consul.toml'),
      ...(options.arguments ?? []),
    ]
    this.#child = spawn(process.execPath, command, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: withoutPatina(process.env),
    })
    this.#child.stderr?.on('data', (data) => {
      this.log += data
    })
    const { promise, resolve } = Promise.withResolvers<ProcessExit>()
    this.#exited = promise
    this.#child.once('exit', (code, signal) => {
      this.#exit = { code, signal }
      resolve(this.#exit)
    })
  }

  /** What it wrote to stderr. */
  log = ''

  /** Resolves when its listener answers. */
  static async start(options: BridgeOptions): Promise<BridgeProcess> {
    const [port] = (await findFreePorts(1)) as [number]
    const folder = mkdtempSync(join(tmpdir(), 'patina-bridge-'))
    writeFileSync(join(folder, 'consul.toml'), configOf(options, port))
    const bridge = new BridgeProcess(folder, port, options)
    await waitUntil({ what: 'the bridge answers', deadlineMs: START_MS }, async () => {
      if (bridge.#exit !== undefined) throw new Error(`the bridge ended: ${bridge.log}`)
      return (await bridge.get('/healthz').catch(() => undefined))?.status === 200 ? true : undefined
    })
    return bridge
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#statusPort}${path}`)
  }

  /** 0 where there is none yet. */
  async metric(sample: string): Promise<number> {
    const text = await (await this.get('/metrics')).text()
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
    return line === undefined ? 0 : Number(line.slice(sample.length + 1))
  }

  async untilHealth(health: string): Promise<void> {
    await waitUntil({ what: `the bridge is ${health}`, deadlineMs: START_MS }, async () => {
      const status = (await (await this.get('/readyz')).json()) as { readonly health: string }
      return status.health === health ? true : undefined
    })
  }

  /** Waits for so many further turns. */
  async turns(count: number): Promise<void> {
    const until = (await this.metric('patina_consul_turns_total')) + count
    await waitUntil(
      { what: `${count} turns of the bridge`, deadlineMs: START_MS + count * 1_000 },
      async () => ((await this.metric('patina_consul_turns_total')) >= until ? true : undefined),
    )
  }

  /** Waits for its end without a signal. */
  async ended(): Promise<ProcessExit> {
    return waitUntil({ what: 'the bridge ends', deadlineMs: STOP_MS }, async () => this.#exit)
  }

  /** SIGTERM, and how it ended. */
  async stop(): Promise<ProcessExit> {
    this.#child.kill('SIGTERM')
    return this.ended()
  }

  async remove(): Promise<void> {
    if (this.#exit === undefined) this.#child.kill('SIGKILL')
    await this.#exited
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Another command with the same configuration. */
  command(...argv: readonly string[]): CommandResult {
    return runBridge(...argv, '--config', join(this.#folder, 'consul.toml'))
  }
}

export function runBridge(...argv: readonly string[]): CommandResult {
  const options = { encoding: 'utf8', timeout: COMMAND_MS, env: withoutPatina(process.env) } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, program(...argv), options)
  return { code: status, out: stdout, err: stderr }
}

function program(...argv: readonly string[]): string[] {
  return ['--conditions=@patina/source', MAIN, ...argv]
}

function configOf({ consul, apiPort, config = '' }: BridgeOptions, statusPort: number): string {
  return `listen = "127.0.0.1:${statusPort}"
patina.api_addr = "127.0.0.1:${apiPort}"
consul.address = "${consul}"
consul.poll_ms = 50
${config}`
}
