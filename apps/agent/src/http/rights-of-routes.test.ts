/** Every route of docs/http-api.md with every kind of token: who may pass is what the page says, and nobody else does. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../config.ts'
import { Telemetry } from '../telemetry.ts'
import { type ApiServices, createApi } from './server.ts'

const PAGE = readFileSync(new URL('../../../../docs/http-api.md', import.meta.url), 'utf8')
const ROUTES = [...PAGE.matchAll(/^\| `([A-Z]+) (\/[^`]*)` +\| (read|write|admin) +\|/gm)].map(
  ([, method, path, scope]) => ({ method: method as string, path: path as string, scope: scope as string }),
)
const SCOPES = ['read', 'write', 'admin'] as const

function configText(): string {
  const tokens = SCOPES.map((scope) => {
    const sha256 = createHash('sha256').update(`only-${scope}`).digest('hex')
    return `{ name = "${scope}", sha256 = "${sha256}", scopes = ["${scope}"] }`
  })
  return `[db]
path = "a"
[api]
tokens = [${tokens.join(', ')}]
[gossip]
bind_addr = "127.0.0.1:1"
plaintext = true
`
}

/** What is behind the gate is not there: whoever passes meets a fault. */
const NOTHING = { telemetry: new Telemetry(pino({ enabled: false }), '0.0.0') } as ApiServices

test('the page has the routes of the server', () => {
  assert.ok(ROUTES.length >= 19)
})

test('each route opens to its scope and to admin, and to nobody else', async () => {
  const app = createApi(parseConfig(configText(), '/tmp/config.toml', {}).config, NOTHING)
  for (const { method, path, scope } of ROUTES) {
    const send = (authorization?: string): Promise<Response> => {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
      const body = method === 'GET' ? {} : { body: '{}' }
      return Promise.resolve(app.request(path.replace(/:\w+/, 'x'), { method, headers, ...body }))
    }
    for (const bad of [undefined, 'Bearer wrong', 'Bearer', 'Basic only-admin', 'Bearer only admin']) {
      const refused = await send(bad)
      assert.deepEqual([refused.status, await refused.text()], [401, ''], `${method} ${path} with ${bad}`)
    }
    for (const has of SCOPES) {
      const answer = await send(`Bearer only-${has}`)
      const isOpen = has === scope || has === 'admin'
      if (isOpen) {
        assert.ok(![401, 403, 404, 405].includes(answer.status), `${method} ${path} with ${has}`)
        continue
      }
      assert.equal(answer.status, 403, `${method} ${path} with ${has}`)
      assert.deepEqual(await answer.json(), {
        error: `this token has no scope "${scope}"`,
        code: 'forbidden',
      })
    }
  }
})
