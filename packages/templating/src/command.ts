/**
 * Commands: runs the command behind a written file, without a shell and with a time limit. The same command never runs twice at once; who
 * asks for it while it runs shares the next run, so that five files of one program cost one reload.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import type { Millis } from '@patina/base'

export interface CommandRun {
  readonly argv: readonly string[]
  readonly timeoutMs: Millis
  readonly killSignal: string
  /** Added to the environment. */
  readonly environment: { readonly [name: string]: string }
}

export type CommandEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unstarted'; readonly reason: string }

export interface CommandOutcome {
  readonly end: CommandEnd
  /** The last that it wrote, stdout and stderr as they came. */
  readonly output: string
  readonly ms: number
}

/** The end of what a command writes tells why it failed. */
const OUTPUT_CHARS_MAX = 16_384
/** Between the signal that a late command gets and SIGKILL. */
const KILL_MS = 5_000
/** For the rest of the output: something that a command left running may keep its pipe open. */
const DRAIN_MS = 200

export class Commands {
  readonly #environment: NodeJS.ProcessEnv
  /** By command: what runs, and what was asked for meanwhile. */
  readonly #running = new Map<string, Promise<CommandOutcome>>()
  readonly #next = new Map<string, Promise<CommandOutcome>>()
  readonly #children = new Set<ChildProcess>()

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment
  }

  /** Never rejects. */
  run(command: CommandRun): Promise<CommandOutcome> {
    const key = JSON.stringify([command.argv, command.environment])
    const running = this.#running.get(key)
    if (running === undefined) return this.#start(key, command)
    const next = this.#next.get(key) ?? running.then(() => this.#start(key, command))
    this.#next.set(key, next)
    return next
  }

  /** Ends what runs, for who is asked to stop. */
  kill(): void {
    for (const child of this.#children) signalGroup(child, 'SIGKILL')
  }

  #start(key: string, command: CommandRun): Promise<CommandOutcome> {
    this.#next.delete(key)
    const outcome = this.#runToEnd(command).finally(() => this.#running.delete(key))
    this.#running.set(key, outcome)
    return outcome
  }

  async #runToEnd({ argv, timeoutMs, killSignal, environment }: CommandRun): Promise<CommandOutcome> {
    const began = performance.now()
    const [program = '', ...args] = argv
    const child = spawn(program, args, {
      // A group of its own: what it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.#environment, ...environment },
    })
    this.#children.add(child)
    const output = collectOutput(child)
    const end = await endOf(child, timeoutMs, killSignal)
    this.#children.delete(child)
    return { end, output: await output, ms: performance.now() - began }
  }
}

export function isSignal(name: string): boolean {
  return Object.hasOwn(constants.signals, name)
}

async function endOf(child: ChildProcess, timeoutMs: number, killSignal: string): Promise<CommandEnd> {
  const { promise, resolve } = Promise.withResolvers<CommandEnd>()
  let late = false
  let killing: NodeJS.Timeout | undefined
  const timer = setTimeout(() => {
    late = true
    signalGroup(child, killSignal as NodeJS.Signals)
    killing = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_MS)
  }, timeoutMs)
  child.once('error', (cause) => resolve({ kind: 'unstarted', reason: cause.message }))
  child.once('exit', (code, signal) => {
    if (late) resolve({ kind: 'timeout' })
    else resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code })
  })
  const end = await promise
  clearTimeout(timer)
  clearTimeout(killing)
  // What stayed of a late command goes with it; what a good one left running, as a daemon, stays.
  if (late) signalGroup(child, 'SIGKILL')
  return end
}

async function collectOutput(child: ChildProcess): Promise<string> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8')
    stream?.on('data', (bytes: Buffer) => {
      output = (output + decoder.write(bytes)).slice(-OUTPUT_CHARS_MAX)
    })
  }
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  let draining: NodeJS.Timeout | undefined
  child.once('close', () => resolve())
  child.once('error', () => resolve())
  child.once('exit', () => {
    draining = setTimeout(resolve, DRAIN_MS)
  })
  await closed
  clearTimeout(draining)
  child.stdout?.destroy()
  child.stderr?.destroy()
  return output
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}
