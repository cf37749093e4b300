/**
 * ShellSession: runs the shell lines of a page as they stand there, in a folder of their own, and ends what they left
 * running. Not as they stand there are only the port numbers (the default of the API too), `/tmp`, and that `patina`, also as
 * `npx -y pnpm@12 patina`, is the program of this checkout: a test neither installs anything nor meets another agent.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePorts, waitUntil } from '@patina/test-cluster'
import { outputsOf, type ShellStep, scriptOf } from './shell-steps.ts'

const MAIN = fileURLToPath(new URL('../../../apps/agent/src/main.ts', import.meta.url))
const BRIDGE = fileURLToPath(new URL('../../../apps/consul-bridge/src/main.ts', import.meta.url))
const AGGREGATOR = fileURLToPath(new URL('../../../apps/aggregator/src/main.ts', import.meta.url))
const CURL_BY_FETCH = fileURLToPath(new URL('./curl-by-fetch.ts', import.meta.url))
/** Ports that the pages name. */
const PORTS = ['8080', '8787', '8500', '9180', '9080', '9787', '9280'] as const
const SESSION_MS = 90_000
const GONE_MS = 15_000

export interface StepOutcome {
  readonly step: ShellStep
  readonly lines: readonly string[]
}

export class ShellSession {
  readonly folder: string
  readonly #ports: ReadonlyMap<string, string>
  #group: number | undefined

  private constructor(ports: ReadonlyMap<string, string>) {
    this.#ports = ports
    this.folder = mkdtempSync(join(tmpdir(), 'patina-docs-'))
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    const node = `exec "${process.execPath}" --conditions=@patina/source`
    const api = `127.0.0.1:${ports.get('8080')}`
    writeProgram(
      join(bin, 'patina'),
      `if [ "$1" = agent ]; then
         # In the background it must not keep the output of the steps open.
         exec >>"${this.#log}" 2>&1
         export PATINA__API__BIND_ADDR="\${PATINA__API__BIND_ADDR:-${api}}"
       elif [ "$1" != tls ]; then set -- "$@" --api-addr "${api}"
       fi
       ${node} "${MAIN}" "$@"`,
    )
    writeProgram(join(bin, 'patina-consul'), `${node} "${BRIDGE}" "$@"`)
    writeProgram(join(bin, 'patina-aggregator'), `${node} "${AGGREGATOR}" "$@"`)
    if (spawnSync('curl', ['--version']).status !== 0)
      writeProgram(join(bin, 'curl'), `${node} "${CURL_BY_FETCH}" "$@"`)
  }

  /** The port that stands for one that pages name. */
  portFor(named: (typeof PORTS)[number]): number {
    return Number(this.#ports.get(named))
  }

  static async open(): Promise<ShellSession> {
    const free = await findFreePorts(PORTS.length)
    return new ShellSession(new Map(PORTS.map((port, i) => [port, String(free[i])])))
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), this.#here(text))
  }

  /** Runs all steps in one shell. */
  async run(steps: readonly ShellStep[]): Promise<StepOutcome[]> {
    const script = this.#here(scriptOf(steps)).replaceAll(/npx -y pnpm@12 (?:-s )?patina/g, 'patina')
    const shell = spawn('sh', ['-c', script], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: SESSION_MS,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        PATH: [join(this.folder, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
      },
    })
    this.#group = shell.pid
    let stdout = ''
    for await (const text of shell.stdout.setEncoding('utf8')) stdout += text
    const outputs = outputsOf(stdout)
    return steps.map((step, i) => ({
      step: { ...step, shown: step.shown.map((line) => this.#here(line)) },
      lines: outputs[i] ?? [],
    }))
  }

  /** The log of the agents that the steps started. */
  log(): string {
    return readFileSync(this.#log, { encoding: 'utf8', flag: 'a+' })
  }

  /** Ends every process that is left, in order if it can, and removes the folder. */
  async close(): Promise<void> {
    if (this.#signal('SIGTERM'))
      await waitUntil({ what: 'what a page started ends', deadlineMs: GONE_MS }, async () =>
        this.#signal(0) ? undefined : true,
      ).finally(() => this.#signal('SIGKILL'))
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  }

  get #log(): string {
    return join(this.folder, 'agent.log')
  }

  #here(text: string): string {
    // In one pass: a free port may hold another that pages name.
    const here = text.replaceAll(new RegExp(PORTS.join('|'), 'g'), (port) => this.#ports.get(port) as string)
    return here.replaceAll('/tmp/', `${this.folder}/`)
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#group === undefined) return false
    try {
      return process.kill(-this.#group, signal)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false
      throw cause
    }
  }
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}
