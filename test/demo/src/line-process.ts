/**
 * LineProcess: one of our programs as a process of its own that prints lines. It is not in the terminal's process group, so
 * that Ctrl-C reaches the demo alone, which then ends it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { withoutPatina } from '@patina/test-cluster'

const ERROR_CHARS_KEPT = 2_000

export class LineProcess {
  readonly #child: ChildProcess
  /** Its last words on stderr. */
  #errors = ''
  #hasExited = false
  readonly exited: Promise<void>

  constructor(program: string, args: readonly string[], onLine: (line: string) => void) {
    this.#child = spawn(process.execPath, ['--conditions=@patina/source', program, ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: withoutPatina(process.env),
    })
    const { stdout, stderr } = this.#child as ChildProcess & { stdout: NodeJS.ReadableStream }
    createInterface({ input: stdout }).on('line', onLine)
    stderr?.on('data', (text) => (this.#errors = `${this.#errors}${text}`.slice(-ERROR_CHARS_KEPT)))
    const { promise, resolve } = Promise.withResolvers<void>()
    this.exited = promise
    const end = (): void => {
      this.#hasExited = true
      resolve()
    }
    this.#child.once('exit', end)
    this.#child.once('error', end)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  hasExited(): boolean {
    return this.#hasExited
  }

  errors(): string {
    return this.#errors.trim()
  }

  /** SIGKILL. Nothing happens where it is gone. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
