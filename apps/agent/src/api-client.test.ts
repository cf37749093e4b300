import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ApiTarget, findTarget, refusalOf, sendRequest, Unreachable } from './api-client.ts'
import { parseArguments, SHARED_OPTIONS } from './arguments.ts'
import { UsageError } from './refusal.ts'

const CONFIG = `[db]
path = "a"
[api]
bind_addr = ["0.0.0.0:18", "127.0.0.1:19"]
authorization = { bearer-token = "of the file" }
[gossip]
bind_addr = "127.0.0.1:1"
plaintext = true
`

function written(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-client-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

function target(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): ApiTarget {
  return findTarget(parseArguments(argv, SHARED_OPTIONS), environment)
}

async function serving(t: TestContext, listener: RequestListener): Promise<ApiTarget> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret' }
}

test('the address: option, configuration (everywhere means loopback)', (t) => {
  assert.equal(target(['--api-addr', '[::1]:5']).base, 'http://[::1]:5')
  const config = written(t, 'config.toml', CONFIG)
  assert.deepEqual(target(['-c', config]), { base: 'http://127.0.0.1:18', token: 'of the file' })
  assert.equal(target(['-c', config, '--api-addr', '127.0.0.1:5']).base, 'http://127.0.0.1:5')
  assert.throws(() => target(['--api-addr', 'somewhere']), /--api-addr takes ip:port, not somewhere/)
})

test('the token: file, environment, configuration, in this order', (t) => {
  const config = written(t, 'config.toml', CONFIG)
  const file = written(t, 'token', 'of-its-own-file\n')
  const environment = { PATINA_TOKEN: 'of-the-environment' }
  assert.equal(target(['-c', config, '--token-file', file], environment).token, 'of-its-own-file')
  assert.equal(target(['-c', config], environment).token, 'of-the-environment')
  assert.equal(target(['-c', config]).token, 'of the file')
  assert.throws(
    () => target(['--api-addr', '127.0.0.1:5', '--token-file', '/nowhere']),
    /cannot read the token file/,
  )
})

test('what cannot be a token is a usage error that does not show it', (t) => {
  for (const text of ['two\nlines', 'two words', '', 'gr\u00fcn', 'nul\0']) {
    const file = written(t, 'token', text)
    const failing = (): unknown => target(['--api-addr', '127.0.0.1:5', '--token-file', file])
    assert.throws(failing, (cause) => {
      assert.ok(cause instanceof UsageError)
      assert.ok(cause.message.endsWith('holds no token: one word of letters, digits and signs is expected'))
      return text === '' || !cause.message.includes(text)
    })
  }
  const from = (token: string): ApiTarget => target(['--api-addr', '127.0.0.1:5'], { PATINA_TOKEN: token })
  assert.throws(() => from('a b'), /PATINA_TOKEN holds no token/)
  assert.equal(from('').token, undefined)
})

test('an agent may listen on a port that browsers refuse', async () => {
  const at = { base: 'http://127.0.0.1:6000', token: undefined }
  // Somebody may listen there; what is not there is a list of bad ports.
  const outcome = await sendRequest(at, 'GET', '/').catch((cause: Error) => cause)
  if (outcome instanceof Error) assert.match(outcome.message, /ECONNREFUSED/)
})

test('a request carries the token and JSON', async (t) => {
  let seen: unknown
  const at = await serving(t, (request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers
      seen = [request.method, request.url, authorization, type, body]
      response.end('{}')
    })
  })
  assert.equal((await sendRequest(at, 'POST', '/v1/queries', ['S', []])).status, 200)
  assert.deepEqual(seen, ['POST', '/v1/queries', 'Bearer secret', 'application/json', '["S",[]]'])
})

test('nobody there is Unreachable, with the reason', async () => {
  const nobody = { base: 'http://127.0.0.1:1', token: undefined }
  await assert.rejects(sendRequest(nobody, 'GET', '/v1/members'), (cause) => {
    assert.ok(cause instanceof Unreachable)
    return cause.message.startsWith('cannot reach the agent at http://127.0.0.1:1: ')
  })
})

test('a refusal is the sentence of the agent, in each of its forms', async () => {
  const cases = [
    [new Response('{"error":"no","code":"ddl"}', { status: 400 }), 'no'],
    [new Response('{"results":[{"error":"UNIQUE"}],"code":"x"}', { status: 500 }), 'UNIQUE'],
    [new Response(null, { status: 401 }), 'the agent wants a token: set PATINA_TOKEN or give --token-file'],
    [new Response('<html>', { status: 502 }), 'the agent answered 502: <html>'],
    [new Response('{}', { status: 500 }), 'the agent answered 500: {}'],
  ] as const
  for (const [response, sentence] of cases) assert.equal((await refusalOf(response)).message, sentence)
})
