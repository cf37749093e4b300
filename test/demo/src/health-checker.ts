/**
 * HealthChecker: probes the servers of one host over HTTP and writes what it finds to that host's own agent. It reads
 * from the agent which servers there are, so that it has no list of its own, and writes only where the table says
 * otherwise: a fleet at rest costs no write. The verdict is in verdict.ts, the probe in http-probe.ts.
 *
 * It does not judge hosts. Where its host is gone nobody writes, and the cluster's membership says so instead.
 */
import type { AgentApi, Statement } from '@patina/test-cluster'
import { type Probe, probeHttp } from './http-probe.ts'
import { type HealthState, isFailure, verdictOf } from './verdict.ts'

export interface HealthCheckerOptions {
  /** The agent of this host. */
  readonly agent: Pick<AgentApi, 'query' | 'execute'>
  /** This host, as `instances.node` has it. */
  readonly node: string
  /** From the end of one round to the beginning of the next. */
  readonly periodMs?: number
  /** A round lasts as long as its slowest probe, at most so long. */
  readonly probeTimeoutMs?: number
  /** Failures in a row, other than a refused connection, that make a server unhealthy. */
  readonly failuresMax?: number
  readonly probe?: Probe
  /** Told before it is written. */
  readonly onVerdict?: (id: string, state: HealthState) => void
  /** The agent did not answer; the next round tries again. */
  readonly onTrouble?: (cause: unknown) => void
}

interface Instance {
  readonly id: string
  readonly addr: string
  readonly port: number
  readonly state: string
}

/** More servers than these of one host are not probed. */
const INSTANCES_MAX = 1_000
const PERIOD_MS = 100
const PROBE_TIMEOUT_MS = 500
const FAILURES_MAX = 3

const SELECT = `SELECT id, addr, port, state FROM instances WHERE node = ? ORDER BY id LIMIT ${INSTANCES_MAX}`
/** A verdict on an address says nothing of another that was registered while it was probed. */
const UPDATE = 'UPDATE instances SET state = ? WHERE id = ? AND addr = ? AND port = ?'

export class HealthChecker {
  readonly #options: HealthCheckerOptions
  readonly #stopping: AbortController = new AbortController()
  /** Failures in a row by instance and address; only of what the last round probed. */
  #failures: ReadonlyMap<string, number> = new Map()
  #running: Promise<void> | undefined

  constructor(options: HealthCheckerOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Waits for the round that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Probes every server once and writes what is new. Throws what the agent's API throws. */
  async round(): Promise<void> {
    const { agent, node, onVerdict } = this.#options
    const instances = (await agent.query(SELECT, [node])).map(
      ([id, addr, port, state]) => ({ id, addr, port, state }) as Instance,
    )
    const verdicts = await this.#probeAll(instances)
    const statements: Statement[] = []
    for (const [at, { id, addr, port, state }] of instances.entries()) {
      const verdict = verdicts[at]
      if (verdict === undefined || verdict === state) continue
      onVerdict?.(id, verdict)
      statements.push([UPDATE, [verdict, id, addr, port]])
    }
    if (statements.length > 0) await agent.execute(statements)
  }

  async #run(): Promise<void> {
    const { periodMs = PERIOD_MS, onTrouble } = this.#options
    while (!this.#stopping.signal.aborted) {
      // Nothing is lost with a round: the next one finds the table as it is and says again what differs.
      await this.round().catch((cause) => onTrouble?.(cause))
      await pause(periodMs, this.#stopping.signal)
    }
  }

  async #probeAll(instances: readonly Instance[]): Promise<(HealthState | undefined)[]> {
    const { probe = probeHttp, probeTimeoutMs = PROBE_TIMEOUT_MS, failuresMax = FAILURES_MAX } = this.#options
    const failures = new Map<string, number>()
    const verdicts = await Promise.all(
      instances.map(async ({ id, addr, port }) => {
        const outcome = await probe({ addr, port, timeoutMs: probeTimeoutMs })
        const key = JSON.stringify([id, addr, port])
        const inARow = isFailure(outcome) ? (this.#failures.get(key) ?? 0) + 1 : 0
        failures.set(key, inARow)
        return verdictOf(outcome, inARow, failuresMax)
      }),
    )
    this.#failures = failures
    return verdicts
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const abort = (): void => {
    clearTimeout(timer)
    resolve()
  }
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return promise.finally(() => signal.removeEventListener('abort', abort))
}
