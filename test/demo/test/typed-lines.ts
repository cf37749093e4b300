/**
 * TypedLines: the lines that `demo --keep` offers, typed into a shell at the checkout's root as they are printed. Stand-ins
 * are only `npx`, which starts the program `patina` of this checkout and installs nothing, and `curl` where there is none.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@patina/test-cluster'

const LINE_MS = 30_000

export class TypedLines {
  readonly all: readonly string[]
  readonly #bin: string
  readonly #t: TestContext

  constructor(t: TestContext, demoOutput: string) {
    this.all = demoOutput.split('\n').filter((line) => /^ {2}(?:npx|curl|kill) /.test(line))
    this.#t = t
    this.#bin = mkdtempSync(join(tmpdir(), 'patina-demo-bin-'))
    t.after(() => rmSync(this.#bin, { recursive: true }))
    this.#standIn(
      'npx',
      'apps/agent/src/main.ts',
      '[ "$1 $2 $3" = "-y pnpm@12 patina" ] || exit 64; shift 3;',
    )
    if (spawnSync('curl', ['--version']).status !== 0) this.#standIn('curl', 'test/docs/src/curl-by-fetch.ts')
  }

  /** Runs a line to its end, which must be good, and gives what it printed. */
  async run(line: string): Promise<string> {
    const typed = this.begin(line)
    const code = await waitUntil({ what: line, deadlineMs: LINE_MS }, async () => typed.exitCode())
    assert.equal(code, 0, `${line}\n${typed.output()}`)
    return typed.output()
  }

  /** Starts a line that goes on until the test is over. */
  begin(line: string): TypedLine {
    const path = [this.#bin, process.env.PATH].join(delimiter)
    const shell = spawn('sh', ['-c', line], {
      cwd: pathOf('.'),
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: path },
    })
    const typed = new TypedLine(line, shell)
    this.#t.after(() => typed.end())
    return typed
  }

  #standIn(name: string, program: string, first = ''): void {
    const path = join(this.#bin, name)
    const node = `exec "${process.execPath}" --conditions=@patina/source`
    writeFileSync(path, `#!/bin/sh\n${first} ${node} "${pathOf(program)}" "$@"\n`)
    chmodSync(path, 0o755)
  }
}

export class TypedLine {
  readonly #line: string
  readonly #shell: ChildProcess
  #output = ''

  constructor(line: string, shell: ChildProcess) {
    this.#line = line
    this.#shell = shell
    shell.stdout?.on('data', (part) => (this.#output += part))
  }

  output(): string {
    return this.#output
  }

  /** Undefined while it runs. */
  exitCode(): number | undefined {
    return this.#shell.exitCode ?? undefined
  }

  async printed(pattern: RegExp): Promise<void> {
    await waitUntil({ what: `${this.#line} prints ${pattern}`, deadlineMs: LINE_MS }, async () => {
      assert.equal(this.exitCode(), undefined, this.#output)
      return pattern.test(this.#output) ? true : undefined
    })
  }

  end(): void {
    if (this.#shell.pid === undefined || this.#shell.exitCode !== null) return
    process.kill(-this.#shell.pid, 'SIGKILL')
  }
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}
