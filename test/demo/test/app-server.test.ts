/** The programs that the demo starts beside the agents, as processes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from '../src/line-process.ts'

const APP_SERVER = fileURLToPath(new URL('../src/app-server.ts', import.meta.url))

function started(
  t: TestContext,
  ...args: readonly string[]
): { process: LineProcess; line: Promise<string> } {
  const { promise: line, resolve } = Promise.withResolvers<string>()
  const process = new LineProcess(APP_SERVER, args, resolve)
  t.after(() => process.kill())
  return { process, line }
}

test('an app server prints its port, answers at /healthz and /, and is gone when it is killed', async (t) => {
  const { process, line } = started(t, '--name', 'web-1')
  const base = `http://127.0.0.1:${await line}`
  const [health, greeting, other] = await Promise.all(
    ['/healthz', '/', '/x'].map(async (path) => {
      const answer = await fetch(base + path)
      return `${answer.status} ${await answer.text()}`
    }),
  )
  assert.deepEqual([health, greeting], ['200 ok\n', '200 web-1 says hello\n'])
  assert.match(other as string, /^404/)
  assert.deepEqual([process.hasExited(), typeof process.pid], [false, 'number'])
  process.kill()
  await process.exited
  assert.equal(process.hasExited(), true)
})

test('a program that fails keeps its last words', async (t) => {
  const { process } = started(t, '--nonsense')
  await process.exited
  assert.match(process.errors(), /nonsense/)
})

test('an app server does not outlive who started it', async () => {
  const server = spawn(process.execPath, [APP_SERVER, '--name', 'web-1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(server.stdout, 'data')
  server.stdin.destroy()
  assert.deepEqual(await once(server, 'exit'), [0, null])
})
