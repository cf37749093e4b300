import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseArguments, SHARED_OPTIONS, UsageError } from '@patina/program'
import { type ApiTarget, connect, findTarget } from './api-target.ts'

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
  for (const text of ['two words\nand a line', 'two words', '', 'gr\u00fcn', 'nul\0']) {
    const file = written(t, 'token', text)
    const failing = (): unknown => target(['--api-addr', '127.0.0.1:5', '--token-file', file])
    assert.throws(failing, (cause) => {
      assert.ok(cause instanceof UsageError)
      assert.match(cause.message, /holds no token: one word of letters, digits and signs is expected/)
      return text === '' || !cause.message.includes(text)
    })
  }
  const from = (token: string): ApiTarget => target(['--api-addr', '127.0.0.1:5'], { PATINA_TOKEN: token })
  assert.throws(() => from('a b'), /PATINA_TOKEN holds no token/)
  assert.equal(from('').token, undefined)
})

test('a client of the target carries its token', async (t) => {
  let seen: unknown
  const server = createServer(({ method, url, headers }, response) => {
    seen = [method, url, headers.authorization]
    response.end('{"members":[]}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const parsed = parseArguments(['--api-addr', address], SHARED_OPTIONS)
  assert.deepEqual(await connect(parsed, { PATINA_TOKEN: 'secret' }).members(), [])
  assert.deepEqual(seen, ['GET', '/v1/members', 'Bearer secret'])
})
