/**
 * SystemdNotify: what systemd is told of this process (sd_notify(3)): that it is ready, that it is stopping, and at half of
 * `WatchdogSec` that its loop comes round. Its socket is a Unix datagram socket, which Node cannot open, so that the program
 * `systemd-notify` is run for each word: a few milliseconds, some times a minute. The unit needs `NotifyAccess=all`, because
 * that program is not the main process. Where nobody asks to be told, nothing is run.
 */
import { execFile } from 'node:child_process'

export interface SystemdNotifyOptions {
  readonly environment: NodeJS.ProcessEnv
  readonly pid: number
  /** Called once, for the first word that could not be told. */
  readonly warn: (reason: string) => void
}

const PROGRAM = 'systemd-notify'
/** systemd-notify waits until the word is taken; a service manager that is busy with itself is told the next one. */
const TELL_TIMEOUT_MS = 5_000
const MICROS_PER_MS = 1_000
/** sd_watchdog_enabled(3): half of the time. */
const WATCHDOG_PART = 1 / 2

export class SystemdNotify {
  readonly #options: SystemdNotifyOptions
  readonly #isThere: boolean
  #watchdog: NodeJS.Timeout | undefined
  #isTelling = false
  #hasWarned = false

  constructor(options: SystemdNotifyOptions) {
    this.#options = options
    this.#isThere = (options.environment.NOTIFY_SOCKET ?? '') !== ''
  }

  /** Whoever is ordered behind this unit starts now; from here on the watchdog counts. */
  ready(): void {
    this.#tell('READY=1')
    const everyMs = watchdogMs(this.#options)
    if (!this.#isThere || everyMs === undefined || this.#watchdog !== undefined) return
    this.#watchdog = setInterval(() => this.#isTelling || this.#tell('WATCHDOG=1'), everyMs)
    this.#watchdog.unref()
  }

  /** An end in order has begun; it has the unit's own deadline, so the watchdog goes on. */
  stopping(): void {
    this.#tell('STOPPING=1')
  }

  #tell(word: string): void {
    if (!this.#isThere) return
    this.#isTelling = true
    const { environment: env } = this.#options
    execFile(PROGRAM, [word], { env, timeout: TELL_TIMEOUT_MS }, (cause) => {
      this.#isTelling = false
      if (cause === null || this.#hasWarned) return
      this.#hasWarned = true
      this.#options.warn(cause.message)
    }).unref()
  }
}

/** How often the watchdog is to be told; undefined where none waits for this process. */
export function watchdogMs({
  environment,
  pid,
}: Pick<SystemdNotifyOptions, 'environment' | 'pid'>): number | undefined {
  const micros = Number(environment.WATCHDOG_USEC ?? Number.NaN)
  const forPid = environment.WATCHDOG_PID ?? String(pid)
  if (!Number.isSafeInteger(micros) || micros <= 0 || forPid !== String(pid)) return undefined
  return Math.max(1, Math.floor((micros * WATCHDOG_PART) / MICROS_PER_MS))
}
