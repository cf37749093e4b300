import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ConnectionError } from '@patina/client'
import { Registry } from 'prom-client'
import type { Aggregator } from './aggregator.ts'
import { type ApiOptions, listenForApi } from './api-listener.ts'
import { callAggregator } from './call.ts'
import { PeerSessions } from './peer-sessions.ts'
import { type Instance, PeerFailure, Peers } from './peers.ts'

const ROUTES = [{ region: 'syd', distance_ms: 104, healthy: 2 }]

/** Only what the listener asks for. */
function aggregatorOf(parts: Partial<Aggregator> = {}): Aggregator {
  const double = {
    region: 'nrt',
    telemetry: { registry: new Registry(), health: 'held' },
    status: () => ({ role: 'waits' }),
    distances: () => new Map([['syd', 104]]),
    release: (rollup: string) => (rollup === 'app_regions' ? true : undefined),
    route: async () => ROUTES,
    instances: async () => [{ id: 'a' }],
    ...parts,
  }
  return double as unknown as Aggregator
}

async function serve(
  t: TestContext,
  aggregator: Aggregator,
  tokens: ApiOptions['tokens'] = () => undefined,
): Promise<string> {
  const address = { host: '127.0.0.1', port: 0 }
  const { server, close } = await listenForApi({ address, aggregator, tokens, identity: () => undefined })
  t.after(close)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('paths and what they answer', async (t) => {
  const at = await serve(t, aggregatorOf())
  const cases: readonly (readonly [string, number, object | undefined])[] = [
    ['/healthz', 200, { health: 'held' }],
    ['/readyz', 503, { health: 'held' }],
    ['/metrics', 200, undefined],
    ['/v1/status', 200, { role: 'waits' }],
    ['/v1/distances', 200, { distances: { syd: 104 } }],
    ['/v1/route/web?from=ams', 200, { app: 'web', from: 'ams', regions: ROUTES }],
    ['/v1/route/a%2Fb', 200, { app: 'a/b', from: 'nrt', regions: ROUTES }],
    ['/v1/route/web/instances?region=syd', 200, { app: 'web', region: 'syd', instances: [{ id: 'a' }] }],
    ['/v1/route/', 404, undefined],
    ['/v1/route/web/other', 404, undefined],
    ['/v2/status', 404, undefined],
    ['/v1/release/app_regions', 404, undefined],
    ['/v1/route/%', 200, undefined],
  ]
  const sessions = new PeerSessions({ ca: () => undefined })
  t.after(() => sessions.close())
  for (const ask of [fetch, sessions.fetch])
    for (const [path, status, body] of cases) {
      const answer = await ask(`${at}${path}`)
      assert.equal(answer.status, status, path)
      if (body !== undefined) assert.deepEqual(await answer.json(), body)
      else await answer.text()
    }
})

test('a release wants a content type that no other page can send', async (t) => {
  const at = await serve(t, aggregatorOf())
  const release = (rollup: string, headers = {}): Promise<Response> =>
    fetch(`${at}/v1/release/${rollup}`, { method: 'POST', headers })
  assert.equal((await release('app_regions')).status, 415)
  const json = { 'content-type': 'application/json' }
  assert.equal((await release('other', json)).status, 404)
  assert.deepEqual(await (await release('app_regions', json)).json(), {
    rollup: 'app_regions',
    released: true,
  })
})

test('with a token nothing below /v1 is told without it', async (t) => {
  let tokens = ['secret']
  const at = await serve(t, aggregatorOf(), () => tokens)
  const status = async (authorization: string): Promise<number> =>
    (await fetch(`${at}/v1/status`, { headers: { authorization } })).status
  assert.deepEqual(
    [await status('Bearer secret'), await status('Bearer no'), await status('')],
    [200, 401, 401],
  )
  assert.equal((await fetch(`${at}/healthz`)).status, 200)
  const call = { address: at, method: 'GET', path: '/v1/status' } as const
  assert.deepEqual(await callAggregator({ ...call, token: 'secret' }, fetch), { role: 'waits' })
  await assert.rejects(callAggregator({ ...call, token: 'no' }, fetch), /wants another token/)
  tokens = ['next', 'secret']
  assert.deepEqual([await status('Bearer next'), await status('Bearer secret')], [200, 200])
  tokens = ['next']
  assert.deepEqual([await status('Bearer next'), await status('Bearer secret')], [200, 401])
})

test('a failure is an answer with its words', async (t) => {
  const instances = async (): Promise<never> => {
    throw new PeerFailure('no aggregator of syd answers')
  }
  const route = async (): Promise<never> => {
    throw new ConnectionError('unreachable', 'x', 'refused')
  }
  const at = await serve(t, aggregatorOf({ instances, route }))
  assert.equal((await fetch(`${at}/v1/route/web/instances`)).status, 502)
  const answer = await fetch(`${at}/v1/route/web`)
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [502, 'agent'])
})

test('a command without an aggregator says that it cannot be reached', async () => {
  const call = { address: 'http://127.0.0.1:1', token: undefined, method: 'GET', path: '/' } as const
  await assert.rejects(callAggregator(call, fetch), ConnectionError)
})

test('another aggregator follows instances here, and asks the next one where the first is gone', async (t) => {
  const lists = [[{ id: 'a' }], []]
  const seen: (readonly Instance[])[] = []
  async function* watchInstances(): AsyncGenerator<readonly Instance[], never> {
    yield* lists
    while (seen.length < lists.length) await new Promise((resolve) => setTimeout(resolve, 1))
    throw new PeerFailure('cut')
  }
  const address = await serve(t, aggregatorOf({ watchInstances }), () => ['secret'])
  const own = { region: 'syd', claims: true }
  const aggregators = [
    { ...own, id: 'x', address: 'http://127.0.0.1:1' },
    { ...own, id: 'y', address },
    { ...own, id: 'z', region: 'ams', address: 'http://127.0.0.1:1' },
  ]
  const sessions = new PeerSessions({ ca: () => undefined })
  t.after(() => sessions.close())
  const peers = new Peers({ aggregators: () => aggregators, token: () => 'secret', fetch: sessions.fetch })
  const follow = async (): Promise<void> => {
    for await (const list of peers.instances('syd', 'web', new AbortController().signal)) seen.push(list)
  }
  await assert.rejects(follow(), PeerFailure)
  assert.deepEqual(seen, lists)
  assert.deepEqual(await peers.distances('syd'), new Map([['syd', 104]]))
  await assert.rejects(peers.distances('fra'), /none is there/)
  await assert.rejects(peers.distances('ams'), PeerFailure)
})

test('a peer that takes up the connection and says nothing is not waited for: the next one is asked', async (t) => {
  const mute = createServer((socket) => socket.on('error', () => {}).resume())
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.after(() => mute.close())
  const own = { region: 'syd', claims: true }
  const aggregators = [
    { ...own, id: 'x', address: `http://127.0.0.1:${(mute.address() as AddressInfo).port}` },
    { ...own, id: 'y', address: await serve(t, aggregatorOf()) },
  ]
  const sessions = new PeerSessions({ ca: () => undefined })
  t.after(() => sessions.close())
  const peers = new Peers({
    aggregators: () => aggregators,
    token: () => undefined,
    fetch: sessions.fetch,
    headMs: 20,
  })
  assert.deepEqual(await peers.distances('syd'), new Map([['syd', 104]]))
})
