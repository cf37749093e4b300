/**
 * AppServers: the instances of the demo's app: real HTTP servers, each a process, registered through the agent of their
 * host. Starts, kills and counts them; that they answer is for the health checkers to say.
 */
import { fileURLToPath } from 'node:url'
import { type AgentApi, type NodeName, StepFailure, waitUntil } from '@patina/test-cluster'
import { LineProcess } from './line-process.ts'

export const APP = 'web'

export interface AppServer {
  readonly id: string
  readonly app: string
  readonly node: NodeName
  readonly port: number
  readonly pid: number
}

const PROGRAM = fileURLToPath(new URL('./app-server.ts', import.meta.url))
const START_DEADLINE_MS = 10_000
const REGISTER =
  'INSERT OR REPLACE INTO instances (id, app, node, addr, port, state) VALUES (?, ?, ?, ?, ?, ?)'

export class AppServers {
  /** By id: the latest, which may have ended. */
  readonly #servers = new Map<string, AppServer & { readonly process: LineProcess }>()
  /** Every process that was ever started: none may be left. */
  readonly #processes: LineProcess[] = []
  #removed = false

  list(): readonly AppServer[] {
    return [...this.#servers.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Starts one at a free port, and registers it where it was not, or was at another port. */
  async start(id: string, node: NodeName, agent: Pick<AgentApi, 'execute'>): Promise<void> {
    // A signal may end a program in the middle of any step; that step must not bring anything back.
    if (this.#removed) throw new StepFailure('the app servers are gone')
    let port: number | undefined
    const process = new LineProcess(PROGRAM, ['--name', id, '--port', '0'], (line) => (port = Number(line)))
    this.#processes.push(process)
    const listening = await waitUntil(
      { what: `${id} listens`, deadlineMs: START_DEADLINE_MS, pollMs: 2 },
      async () => {
        if (process.hasExited()) throw new StepFailure(`${id} ended at its start: ${process.errors()}`)
        return port
      },
    )
    this.#servers.set(id, { id, app: APP, node, port: listening, pid: process.pid as number, process })
    await agent.execute([[REGISTER, [id, APP, node, '127.0.0.1', listening, 'starting']]])
  }

  /** SIGKILL, as a crash would. */
  kill(id: string): void {
    const server = this.#servers.get(id)
    if (server === undefined) throw new Error(`${id} was not started`)
    server.process.kill()
  }

  async remove(): Promise<void> {
    this.abandon()
    await Promise.all(this.#processes.map(({ exited }) => exited))
  }

  /** The same without waiting. */
  abandon(): void {
    this.#removed = true
    for (const process of this.#processes) process.kill()
  }
}
