/** One real agent for tests: its own folder, ports chosen by the system, its log as values, and no process left behind. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export const MAIN: string = new URL('../src/main.ts', import.meta.url).pathname

export const SCHEMA: string = `CREATE TABLE items (
  id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, r REAL, b BLOB, t TEXT NOT NULL DEFAULT ''
);`

/** No step of a test takes so long on a busy machine. */
const STEP_MS = 20_000

export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-agent-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes configuration and schema; `extra` is TOML put in front. */
export function writeConfig(folder: string, extra = '', schema: string = SCHEMA): string {
  writeFileSync(join(folder, 'schema.sql'), schema)
  const path = join(folder, 'config.toml')
  writeFileSync(
    path,
    `${extra}
log = { format = "json", level = "debug" }
[db]
path = "state.db"
schema_paths = ["schema.sql"]
[api]
bind_addr = "127.0.0.1:0"
[gossip]
bind_addr = "127.0.0.1:0"
plaintext = true
`,
  )
  return path
}

export interface LaunchOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'env'> {
  /** Of the command. */
  readonly args?: readonly string[]
  /** Options of Node itself. */
  readonly node?: readonly string[]
}

export class AgentUnderTest {
  readonly process: ChildProcess
  readonly log: LogLine[] = []
  readonly ended: Promise<Ended>
  base = ''
  #stderr = ''
  #waiting: (() => void)[] = []

  constructor(configPath: string, { args = [], node = [], ...spawned }: LaunchOptions = {}) {
    const command = ['--conditions=@patina/source', ...node, MAIN, 'agent', '-c', configPath, ...args]
    this.process = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'], ...spawned })
    let rest = ''
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      const lines = (rest + text).split('\n')
      rest = lines.pop() as string
      for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line))
      this.#wake()
    })
    this.ended = new Promise((resolve) =>
      this.process.once('close', (code, signal) => {
        resolve({ code, signal, stderr: this.#stderr })
        this.#wake()
      }),
    )
  }

  /** Starts an agent and waits until it is ready; it is killed with the test. */
  static async start(
    t: TestContext,
    configPath: string,
    options: LaunchOptions = {},
  ): Promise<AgentUnderTest> {
    const agent = new AgentUnderTest(configPath, options)
    t.after(() => agent.process.kill('SIGKILL'))
    const ready = await agent.logged('ready')
    agent.base = `http://${(ready.api as string[])[0]}`
    return agent
  }

  /** All that it has written so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** The first log line with this message. */
  async logged(msg: string): Promise<LogLine> {
    const deadline = performance.now() + STEP_MS
    for (;;) {
      const line = this.log.find((entry) => entry.msg === msg)
      if (line !== undefined) return line
      if (this.process.exitCode !== null) throw new Error(`the agent ended:\n${this.#stderr}`)
      if (performance.now() > deadline) throw new Error(`no "${msg}" in the log:\n${this.#stderr}`)
      await this.#more(deadline)
    }
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.base}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(STEP_MS),
    })
  }

  /** The lines of a query's answer. */
  async query(statement: unknown): Promise<string[]> {
    const response = await this.post('/v1/queries', JSON.stringify(statement))
    return (await response.text()).trimEnd().split('\n')
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.process.kill(signal)
    return this.ended
  }

  #more(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadline - performance.now())
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Runs one command of the program to its end. */
export async function runPatina(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ['--conditions=@patina/source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}
