/** `patina template` as a real process that tells its events as JSON, and ends with the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { waitUntil, withoutPatina } from '@patina/test-cluster'

const MAIN = fileURLToPath(new URL('../../apps/agent/src/main.ts', import.meta.url))
const STEP_MS = 30_000

export interface TemplateLine {
  readonly event: string
  readonly [field: string]: unknown
}

export class TemplateProcess {
  readonly lines: TemplateLine[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  constructor(t: TestContext, apiPort: number, args: readonly string[]) {
    const command = ['--conditions=@patina/source', MAIN, 'template', ...args]
    this.#child = spawn(process.execPath, [...command, '--json', '--api-addr', `127.0.0.1:${apiPort}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: withoutPatina(process.env),
    })
    const { promise, resolve } = Promise.withResolvers<number | null>()
    this.#ended = promise
    this.#child.once('exit', resolve)
    const lines = createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> })
    lines.on('line', (line) => this.lines.push(JSON.parse(line) as TemplateLine))
    t.after(() => this.#child.kill('SIGKILL'))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Its exit code. */
  ended(): Promise<number | null> {
    return this.#ended
  }

  /** The first line of this event from `from` on. */
  async until(event: string, from = 0): Promise<TemplateLine> {
    return waitUntil({ what: `template says ${event}`, deadlineMs: STEP_MS }, async () =>
      this.lines.slice(from).find((line) => line.event === event),
    )
  }
}
