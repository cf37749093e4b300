/**
 * A real nginx and a real haproxy, as scripts/get-proxies.sh fetches them or as the system has them, and the instances of an app
 * that they forward to. Each program runs in a folder of its own, in the foreground, and ends with the test.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@patina/test-cluster'

const FETCHED = fileURLToPath(new URL('../../.cache/proxies/bin/', import.meta.url))
const GONE_MS = 10_000

/** Path of the program; undefined where this machine has none. */
export function findProxy(name: 'nginx' | 'haproxy'): string | undefined {
  if (existsSync(`${FETCHED}${name}`)) return `${FETCHED}${name}`
  return spawnSync(name, ['-v']).error === undefined ? name : undefined
}

/** Why tests with it are skipped; false where they are not. */
export function whySkipped(name: 'nginx' | 'haproxy'): string | false {
  return (
    findProxy(name) === undefined &&
    `no ${name} on this machine; scripts/get-proxies.sh .cache/proxies fetches it`
  )
}

/** Runs until the test ends. What it says goes to the file `log`. */
export function startProxy(
  t: TestContext,
  log: string,
  [program = '', ...args]: readonly string[],
): ChildProcess {
  const output = openSync(log, 'a')
  const child = spawn(program, args, { stdio: ['ignore', output, output], detached: true })
  closeSync(output)
  t.after(async () => {
    const gone = (): Promise<void> =>
      waitUntil({ what: `${program} ends`, deadlineMs: GONE_MS }, async () =>
        signalGroup(child, 0) ? undefined : true,
      ).then(() => undefined)
    signalGroup(child, 'SIGTERM')
    await gone().finally(() => signalGroup(child, 'SIGKILL'))
  })
  return child
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** One instance of an app: answers each request with its name. Resolves to its port. */
export async function startInstance(t: TestContext, name: string): Promise<number> {
  const server = createServer((_, response) => response.end(name))
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Who answers behind a proxy; its status where that is not 200; `unreachable` where nobody does. */
export async function askProxy(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(5_000),
    })
    const text = await response.text()
    return response.ok ? text : `status ${response.status}`
  } catch {
    return 'unreachable'
  }
}
