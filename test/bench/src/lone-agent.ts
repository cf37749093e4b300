/**
 * LoneAgent: one agent without peers, with its files in a temporary folder, run from source or from what `pnpm build`
 * has made. Needs no certificates: nobody is there to talk to.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AgentApi, LastWill, StepFailure, waitUntil } from '@patina/test-cluster'
import { SCHEMA_FILE } from '@patina/test-data'

export type Build = 'source' | 'dist'

const ARGUMENTS: Record<Build, readonly string[]> = {
  source: ['--conditions=@patina/source', pathOf('src/main.ts')],
  dist: [pathOf('dist/main.js')],
}
const START_DEADLINE_MS = 30_000

export interface LoneAgentOptions {
  /** `db.wal_limit`; absent: the agent's own. */
  readonly walLimitBytes?: number
}

export class LoneAgent {
  readonly port: number
  readonly api: AgentApi
  readonly #folder: string
  readonly #will: LastWill
  readonly #child: ChildProcess

  static async start(build: Build, options: LoneAgentOptions = {}): Promise<LoneAgent> {
    const folder = mkdtempSync(join(tmpdir(), 'patina-bench-agent-'))
    const [api, gossip] = [await freePort(), await freePort()]
    writeFileSync(join(folder, 'config.toml'), configText(folder, { api, gossip, ...options }))
    const agent = new LoneAgent(folder, api, ARGUMENTS[build])
    try {
      await waitUntil({ what: 'the agent is healthy', deadlineMs: START_DEADLINE_MS }, async () => {
        if (agent.#child.exitCode !== null) throw new StepFailure('the agent ended at its start')
        return (await agent.api.isHealthy()) ? true : undefined
      })
      return agent
    } catch (cause) {
      await agent.stop()
      throw cause
    }
  }

  constructor(folder: string, port: number, programArguments: readonly string[]) {
    this.port = port
    this.api = new AgentApi('lone', port)
    this.#folder = folder
    this.#will = new LastWill(folder)
    const all = [...programArguments, 'agent', '--config', join(folder, 'config.toml')]
    this.#child = spawn(process.execPath, all, {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    })
    this.#will.covers(this.#child.pid)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Of the write-ahead log as it lies on the disk. */
  walBytes(): number {
    return statSync(`${databaseIn(this.#folder)}-wal`).size
  }

  async stop(): Promise<void> {
    this.api.close()
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM')
      await once(this.#child, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
    this.#will.revoke()
  }
}

function databaseIn(folder: string): string {
  return join(folder, 'patina.db')
}

interface Ports {
  readonly api: number
  readonly gossip: number
}

function configText(folder: string, { api, gossip, walLimitBytes }: Ports & LoneAgentOptions): string {
  const text = (value: string): string => JSON.stringify(value)
  return `[node]
name = "lone"
region = "ams"
[db]
path = ${text(databaseIn(folder))}
schema_paths = [${text(fileURLToPath(SCHEMA_FILE))}]
${walLimitBytes === undefined ? '' : `wal_limit = ${walLimitBytes}\n`}[api]
bind_addr = "127.0.0.1:${api}"
[gossip]
bind_addr = "127.0.0.1:${gossip}"
plaintext = true
`
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(`../../../apps/agent/${path}`, import.meta.url))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
