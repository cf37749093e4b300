import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Hono } from 'hono'
import type { Config } from '../effective-config.ts'
import { checkEndpoint, tokenScopes } from './rights.ts'

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const API: Config['api'] = {
  bindAddresses: [],
  bearerToken: 'all',
  tokens: [
    { name: 'reader', sha256: sha256('r'), scopes: ['read'] },
    { name: 'writer', sha256: sha256('w'), scopes: ['read', 'write'] },
  ],
  allowUnauthenticated: false,
  corsOrigins: [],
  hosts: [],
  endpointName: undefined,
}

test('each token has its scopes; the single one of the original has all', () => {
  const scopesOf = tokenScopes(API)
  assert.deepEqual(scopesOf('r'), ['read'])
  assert.deepEqual(scopesOf('w'), ['read', 'write'])
  assert.deepEqual(scopesOf('all'), ['read', 'write', 'admin'])
})

test('no other text is a token, its digest neither', () => {
  const scopesOf = tokenScopes(API)
  assert.equal(scopesOf(sha256('r')), undefined)
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!['all', 'r', 'w'].includes(text))
      assert.equal(scopesOf(text), undefined)
    }),
  )
})

test('an endpoint name of another is 421, one that is no visible ASCII is 400', async () => {
  const app = new Hono()
  app.use(checkEndpoint({ ...API, endpointName: 'ams' }))
  app.get('/', (c) => c.text('ok'))
  const status = async (endpoint: string): Promise<number> =>
    (await app.request('/', { headers: { 'x-corrosion-requested-endpoint-name': endpoint } })).status
  assert.equal(await status('ams'), 200)
  assert.equal(await status('nrt'), 421)
  assert.equal(await status('am\u00e9'), 400)
})

test('neither the Host nor what counts more than it may be a name that is not ours', async () => {
  const app = new Hono()
  app.use(checkEndpoint({ ...API, hosts: ['db.example'] }))
  app.get('/', (c) => c.text('ok'))
  const statusOf = async (url: string, host?: string): Promise<number> =>
    (await app.request(url, host === undefined ? {} : { headers: { host } })).status
  assert.equal(await statusOf('http://localhost:8080/', 'DB.example:8080'), 200)
  assert.equal(await statusOf('http://[::1]:8080/', '127.0.0.1:8080'), 200)
  assert.equal(await statusOf('http://db.example/'), 200)
  assert.equal(await statusOf('http://rebound.example/'), 421)
  assert.equal(await statusOf('http://rebound.example/', 'localhost'), 421)
  assert.equal(await statusOf('http://localhost/', 'rebound.example'), 421)
  assert.equal(await statusOf('http://localhost/', ''), 421)
})
