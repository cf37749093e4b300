import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../src/curl-by-fetch.ts', import.meta.url))

async function curl(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  for await (const text of child.stdout.setEncoding('utf8')) stdout += text
  if (child.exitCode === null) await once(child, 'exit')
  return { code: child.exitCode ?? -1, stdout }
}

test('the stand-in for curl does what the pages ask of it', async (t) => {
  const server = createServer((request, response) => {
    request.setEncoding('utf8')
    request.on('data', (body) =>
      response.write(`${request.method} ${request.headers['content-type']} ${body}`),
    )
    request.on('end', () => response.end())
    response.statusCode = request.url === '/ill' ? 503 : 200
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const base = `localhost:${port}`
  const [posted, ill, unreachable] = await Promise.all([
    curl('-s', `http://127.0.0.1:${port}/`, '-H', 'content-type: application/json', '-d', '"a: b"'),
    curl('-sf', `${base}/ill`),
    curl('-s', 'http://127.0.0.1:9/'),
  ])
  assert.deepEqual(posted, { code: 0, stdout: 'POST application/json "a: b"' })
  assert.deepEqual(ill, { code: 22, stdout: '' })
  assert.deepEqual(unreachable, { code: 7, stdout: '' })
})

test('an answer without an end is printed as it comes', { timeout: 10_000 }, async (t) => {
  const server = createServer((_, response) => response.write('{"row":1}\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const child = spawn(process.execPath, [PROGRAM, '-sN', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => {
    child.kill('SIGKILL')
    server.closeAllConnections()
    server.close()
  })
  const [text] = await once(child.stdout.setEncoding('utf8'), 'data')
  assert.equal(text, '{"row":1}\n')
})
