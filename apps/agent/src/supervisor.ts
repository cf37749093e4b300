/**
 * The parent of `patina agent --supervise`: starts the agent as a child, passes signals on, ends with its exit code, and starts
 * it again where it has stalled or ended without a word: killed, out of memory, a fault of the program. What the agent
 * says before it ends is a decision (a signal, a full disk, a start that is refused) and is kept. The agent's own children follow
 * their parent by themselves. Does no work of the agent's, so that nothing can make it stall.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Watch } from '@patina/sqlite'
import { beWatched, watchOf } from '@patina/sqlite/port'
import type { Logger } from 'pino'
import { restartDelayMs } from './children.ts'
import { dumpStall } from './stall-dump.ts'
import { LOOP_STANDS_MS, type Stall, StallWatch } from './stall-watch.ts'
import type { SystemdNotify } from './systemd-notify.ts'

/** The option by which a supervised agent is told so, with the number of its restarts. */
export const SUPERVISED_OPTION = 'supervised'

/** `ready`: it has started. `ending`: it has decided to end, and its exit code is the last word. */
type AgentWord = 'ready' | 'ending'

/** An agent that ran this long was not part of a crash loop. */
const STABLE_MS = 60_000

/** Signals that are the agent's to obey. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

export interface SupervisorOptions {
  /** The program, and its arguments without `--supervise`. */
  readonly module: URL
  readonly args: readonly string[]
  readonly dumpFolder: string
  readonly log: Logger
  readonly systemd: SystemdNotify | undefined
}

/** Resolves with the exit code of the program. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const supervisor = new Supervisor(options)
  for (const signal of PASSED_ON) process.on(signal, () => supervisor.signal(signal))
  return supervisor.run()
}

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly wasReady: boolean
  readonly isDecided: boolean
  readonly ranMs: number
}

class Supervisor {
  readonly #options: SupervisorOptions
  #agent: ChildProcess | undefined
  #isStopping = false
  /** Ends a pause before a restart. */
  #wake: () => void = () => {}

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** Passed on. A stop also ends the pause before a restart; a second one is the agent's to understand. */
  signal(signal: NodeJS.Signals): void {
    if (signal !== 'SIGHUP') {
      this.#isStopping = true
      this.#options.systemd?.stopping()
    }
    this.#agent?.kill(signal)
    this.#wake()
  }

  async run(): Promise<number> {
    const { log } = this.#options
    for (let restarts = 0, failures = 0; ; restarts += 1) {
      const { code, signal, wasReady, isDecided, ranMs } = await this.#runAgent(restarts)
      const isRefusal = restarts === 0 && !wasReady && code !== null
      if (isDecided || isRefusal || this.#isStopping) return code ?? 1
      failures = ranMs > STABLE_MS ? 1 : failures + 1
      const retryMs = restartDelayMs(failures)
      log.error({ code, signal, retryMs, restarts: restarts + 1 }, 'the agent ended; it is started again')
      await this.#pause(retryMs)
      if (this.#isStopping) return 0
    }
  }

  /** One life of the agent. */
  async #runAgent(restarts: number): Promise<Ended> {
    const { module, args } = this.#options
    const startedAt = performance.now()
    // In a process group of its own: Ctrl-C of a terminal reaches it once, through this process.
    const agent = fork(module, ['agent', ...args, `--${SUPERVISED_OPTION}=${restarts}`], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      detached: true,
    })
    this.#agent = agent
    const words = new Set<AgentWord>()
    agent.on('message', (word: AgentWord) => {
      words.add(word)
      if (word === 'ready') this.#options.systemd?.ready()
    })
    const watch = watchOf(agent)
    const stalls = new StallWatch(watch, { loopMs: LOOP_STANDS_MS, upkeepMs: 0 }, (stall) => {
      void this.#stalled(agent, watch, stall)
    })
    const { promise, resolve } = Promise.withResolvers<Pick<Ended, 'code' | 'signal'>>()
    // `close`, and not `exit`: its last word has been read by then.
    agent.once('close', (code, signal) => resolve({ code, signal }))
    agent.once('error', () => resolve({ code: 1, signal: null }))
    const end = await promise
    stalls.stop()
    this.#agent = undefined
    const ranMs = performance.now() - startedAt
    return { ...end, wasReady: words.has('ready'), isDecided: words.has('ending'), ranMs }
  }

  async #stalled(agent: ChildProcess, watch: Watch, stall: Stall): Promise<void> {
    const { dumpFolder, log } = this.#options
    const main = { role: 'main', pid: agent.pid, watch, describe: () => 'not known' }
    const dump = await dumpStall(dumpFolder, main, stall)
    log.error({ reason: stall.why, dump }, 'the agent has stalled; it is killed')
    agent.kill('SIGKILL')
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** What a supervised agent does: answers the watch, says its words, and ends in order when its supervisor is gone. */
export class UnderSupervision {
  /** `graceMs`: how long an end in order may take. `orphaned` is called when the supervisor is gone. */
  constructor(graceMs: number, orphaned: () => void) {
    beWatched(graceMs)
    process.once('disconnect', orphaned)
    // The channel keeps nothing alive that wants to end.
    process.channel?.unref()
  }

  say(word: AgentWord): void {
    if (process.connected) process.send?.(word)
  }
}
