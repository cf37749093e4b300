/** A run of the demo with a temporary folder of its own, so that what it leaves cannot be another's. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@patina/test-cluster'

const DEMO = fileURLToPath(new URL('../src/demo.ts', import.meta.url))
/** A story of about ten seconds, on a machine that is busy with other things. */
const STORY_MS = 90_000

export class DemoRun {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #closed: Promise<number | null>
  #output = ''

  constructor(t: TestContext, ...args: readonly string[]) {
    this.#folder = mkdtempSync(join(tmpdir(), 'patina-demo-test-'))
    this.#child = spawn(process.execPath, ['--conditions=@patina/source', DEMO, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.#folder },
    })
    t.after(() => {
      // Only where the test has failed is anybody left.
      this.#child.kill('SIGKILL')
      for (const id of this.processes()) process.kill(id, 'SIGKILL')
      rmSync(this.#folder, { recursive: true, force: true })
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (part) => (this.#output += part))
    this.#closed = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** Everything printed so far. */
  get output(): string {
    return this.#output
  }

  /** Waits until the text was printed; fails where the demo ends before. */
  async printed(text: string): Promise<void> {
    await waitUntil({ what: `the demo prints "${text}"`, deadlineMs: STORY_MS }, async () => {
      assert.equal(this.#child.exitCode, null, this.#output)
      return this.#output.includes(text) ? true : undefined
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async exitCode(): Promise<number | null> {
    return await this.#closed
  }

  /** Files and processes that are left. */
  remains(): readonly (string | number)[] {
    return [...readdirSync(this.#folder), ...this.processes()]
  }

  /** The folder is in the environment of every process of the demo. Process ids, the demo's own among them. */
  processes(): number[] {
    const lines = existsSync('/proc/self/environ') ? linesOfProc() : linesOfPs()
    return lines.filter((line) => line.includes(this.#folder)).map((line) => Number.parseInt(line, 10))
  }
}

/** Slim containers have no `ps`. */
function linesOfProc(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map((id) => {
    try {
      return `${id} ${readFileSync(`/proc/${id}/environ`, 'utf8')}`
    } catch {
      // It ended between the two calls, or is another user's.
      return ''
    }
  })
}

/** Other systems have no /proc; -E shows the environment there. */
function linesOfPs(): string[] {
  return execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n')
}
