/**
 * AgentProcess: one agent as a real process with its children in a process group of its own, so that all of them can
 * be ended together and counted. Its log goes to a file in the cluster's folder. Knows nothing of what the agent does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { waitUntil } from './wait-until.ts'

const PROGRAMS = {
  source: ['--conditions=@patina/source', programPath('src/main.ts')],
  dist: [programPath('dist/main.js')],
} as const
/** An agent drains for up to 10 s. */
const STOP_DEADLINE_MS = 15_000
const GROUP_GONE_DEADLINE_MS = 5_000
const LOG_LINES_SHOWN = 12

/** What tests do to an agent beyond its configuration. */
export interface ProcessOptions {
  /** No file that it writes may grow above this, as on a full disk (RLIMIT_FSIZE). */
  readonly fileBlocksMax?: number
  /** `dist`: what `pnpm build` has made. Default `source`. */
  readonly build?: keyof typeof PROGRAMS
  /** The network namespace that it runs in (`ip netns`). Default: that of the caller. */
  readonly namespace?: string | undefined
}

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class AgentProcess {
  readonly #child: ChildProcess
  readonly #logFile: string
  readonly exited: Promise<ProcessExit>
  #exit: ProcessExit | undefined

  constructor(
    configFile: string,
    logFile: string,
    { fileBlocksMax, namespace, build = 'source' }: ProcessOptions = {},
  ) {
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    // The pinned Node runs this program; the agents get the same one, and no settings of the caller's shell.
    const agent = [process.execPath, ...PROGRAMS[build], 'agent', '--config', configFile]
    const command = namespace === undefined ? agent : ['ip', 'netns', 'exec', namespace, ...agent]
    // A shell that sets the limit becomes the agent, as `ip` does: same process, same signals.
    const limited = fileBlocksMax === undefined ? '' : `ulimit -f ${fileBlocksMax} && `
    this.#child = spawn('sh', ['-c', `${limited}exec "$@"`, 'sh', ...command], {
      detached: true,
      stdio: ['ignore', log, log],
      env: withoutPatina(process.env),
    })
    closeSync(log)
    const { promise, resolve } = Promise.withResolvers<ProcessExit>()
    this.exited = promise
    const end = (exit: ProcessExit): void => {
      this.#exit = exit
      resolve(exit)
    }
    this.#child.once('exit', (code, signal) => end({ code, signal }))
    this.#child.once('error', () => end({ code: null, signal: null }))
  }

  /** Of the agent, which leads a group with its children; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  hasExited(): boolean {
    return this.#exit !== undefined
  }

  /** SIGHUP: it reads its schema, keys and certificates again. */
  reload(): void {
    this.#child.kill('SIGHUP')
  }

  /** SIGKILL to the agent alone, as the kernel's memory killer would: its children must find out by themselves. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** SIGSTOP or SIGCONT to the agent alone: its children go on. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Of the agent and its children. Linux only: elsewhere there are none. */
  pids(): readonly number[] {
    const { pid } = this.#child
    if (pid === undefined || !existsSync('/proc/self/task')) return []
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return [pid, ...children.split(' ').filter(Boolean).map(Number)]
  }

  /** SIGTERM, and how it ended. */
  async stop(): Promise<ProcessExit> {
    this.#child.kill('SIGTERM')
    return await waitUntil(
      { what: 'an agent ends after SIGTERM', deadlineMs: STOP_DEADLINE_MS },
      async () => this.#exit,
    )
  }

  /** SIGKILL to the agent and all its children. Nothing happens where all are gone. */
  killGroup(): void {
    this.#signalGroup('SIGKILL')
  }

  /** Waits until neither the agent nor one of its children is left. */
  async groupGone(): Promise<void> {
    await waitUntil(
      { what: 'the child processes of an ended agent end', deadlineMs: GROUP_GONE_DEADLINE_MS },
      async () => (this.#signalGroup(0) ? undefined : true),
    )
  }

  logTail(): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n')
  }

  log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    // A process that could not be started has no group; 0 or NaN would be everybody's.
    if (this.#child.pid === undefined) return false
    try {
      return process.kill(-this.#child.pid, signal)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false
      throw cause
    }
  }
}

function programPath(path: string): string {
  return fileURLToPath(new URL(`../../../apps/agent/${path}`, import.meta.url))
}

/** The caller's environment without what would configure an agent or the command line. */
export function withoutPatina(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('PATINA')))
}
