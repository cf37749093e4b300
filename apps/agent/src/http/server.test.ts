import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { actorId, err, instant, type Millis, ok, peerAddress, type Version, version } from '@patina/base'
import type { QueryRequest, SqlStatement } from '@patina/sqlite'
import type { DetailsOutcome, Explanation, MemberView } from '@patina/swim'
import { pino } from 'pino'
import { parseConfig } from '../config.ts'
import type { Config } from '../effective-config.ts'
import { NO_SKEW } from '../figures.ts'
import type { GiveUpOutcome } from '../giving-up.ts'
import { OwnTags } from '../own-tags.ts'
import { QueryEnded } from '../readers-child.ts'
import type { Missing } from '../readiness.ts'
import type { WriteOutcome } from '../store-child.ts'
import { Telemetry } from '../telemetry.ts'
import type { Tags } from '../told-tags.ts'
import type { ClusterServices } from './cluster.ts'
import { MemberWatchers, WATCHERS_MAX } from './member-watchers.ts'
import { type ApiApp, type ApiServices, createApi } from './server.ts'
import type { TagServices } from './tags.ts'

const NO_TAGS: TagServices = {
  set: ok,
  delete: () => false,
  list: () => [],
  gossiped: () => undefined,
  details: async () => ({ kind: 'none' }),
}

const ACTOR = actorId('0123456789abcdef0123456789abcdef')
const COMMITTED: WriteOutcome = {
  kind: 'reply',
  reply: { kind: 'committed', results: [{ rowsAffected: 2, seconds: 0.5 }], version: null },
}

function config(extra = ''): Config {
  const text = `${extra}\n[db]\npath = "a"\n[gossip]\nbind_addr = "127.0.0.1:1"\nplaintext = true\n`
  return parseConfig(text, '/tmp/config.toml', {}).config
}

function member(name: string, state: MemberView['state']): MemberView {
  return {
    actor: ACTOR,
    address: peerAddress('127.0.0.1:9'),
    state,
    generation: 1,
    incarnation: 0,
    metadata: { name, region: 'ams', apiAddress: '', tags: {} },
    rttMs: undefined,
    sinceMs: 0,
  }
}

async function* chunksOf(...texts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield Buffer.from(text)
  }
}

const NO_SYNC: ApiServices['sync'] = {
  self: ACTOR,
  knowledge: () => [],
  lag: () => [],
  peers: () => [],
  compare: async () => ({ kind: 'no-session' }),
  reconcile: () => {},
}

interface Fakes {
  readonly transact?: (statements: readonly SqlStatement[], timeoutMs: number) => Promise<WriteOutcome>
  readonly query?: ApiServices['readers']['query']
  readonly subscribe?: ApiServices['liveQueries']['subscribe']
  readonly running?: boolean
  readonly memberWatchers?: MemberWatchers
  readonly cluster?: Partial<ClusterServices>
  readonly tags?: TagServices
  readonly sync?: ApiServices['sync']
  readonly copies?: ApiServices['copies']
  readonly oldestView?: ApiServices['oldestView']
  readonly missing?: readonly Missing[]
  readonly schema?: ApiServices['schema']
  readonly skew?: ReturnType<ApiServices['schemaSkew']>
  readonly givingUp?: ApiServices['givingUp']
}

function api(fakes: Fakes = {}, extra = '', limits: Partial<Config['limits']> = {}): ApiApp {
  const settings = config(extra)
  return createApi(
    { ...settings, limits: { ...settings.limits, ...limits } },
    {
      actor: ACTOR,
      store: {
        transact: fakes.transact ?? (async () => COMMITTED),
        isRunning: () => fakes.running ?? true,
      },
      readers: {
        query:
          fakes.query ?? (async () => ok({ head: { kind: 'rows', columns: [] }, chunks: chunksOf('a\n') })),
        isRunning: () => true,
      },
      liveQueries: {
        subscribe: fakes.subscribe ?? (async () => err('no live queries here')),
        isRunning: () => true,
      },
      members: () => ({ self: member('b', 'alive'), others: [member('c', 'down'), member('a', 'alive')] }),
      memberWatchers: fakes.memberWatchers ?? new MemberWatchers(),
      cluster: {
        explain: () => undefined,
        now: () => 5_000,
        leave: () => true,
        rejoin: () => true,
        mute: () => true,
        ...fakes.cluster,
      },
      givingUp: fakes.givingUp ?? { missing: () => [], giveUp: async () => ({ kind: 'done', versions: [] }) },
      tags: fakes.tags ?? NO_TAGS,
      sync: fakes.sync ?? NO_SYNC,
      copies: fakes.copies ?? { others: () => 0, wait: async () => ({ copies: 0, reached: false }) },
      schemaSkew: () => fakes.skew ?? NO_SKEW,
      oldestView: fakes.oldestView ?? (() => undefined),
      missing: () => fakes.missing ?? [],
      status: async () => ({ a: 1 }),
      schema: fakes.schema ?? {
        definitions: async () => [],
        diff: async () => ({ kind: 'failed', message: 'not asked for' }),
        reload: async () => ({ kind: 'failed', message: 'not asked for' }),
        pending: async () => [],
        purge: async () => undefined,
      },
      telemetry: new Telemetry(pino({ enabled: false }), '0.0.0'),
      isStopping: () => false,
    },
  )
}

function post(
  app: ApiApp,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers }
  return Promise.resolve(app.request(path, { method: 'POST', body, headers: all }))
}

test('a transaction is answered in the envelope of the original', async () => {
  let seen: unknown
  const app = api({
    transact: async (...call) => {
      seen = call
      return COMMITTED
    },
  })
  const response = await post(app, '/v1/transactions?timeout=7', '[["INSERT", [1, 1.0]]]')
  assert.equal(response.status, 200)
  const body = (await response.json()) as Record<string, unknown>
  assert.deepEqual(Object.keys(body), ['results', 'time', 'version', 'actor_id'])
  assert.deepEqual(body.results, [{ rows_affected: 2, time: 0.5 }])
  assert.equal(body.version, null)
  assert.deepEqual(seen, [[{ sql: 'INSERT', params: [1n, 1] }], 7_000])
})

test('bad requests: status, code and body', async () => {
  const cases: readonly (readonly [string, string, Record<string, string>, number, string])[] = [
    ['/v1/transactions', '[', {}, 400, 'invalid-json'],
    ['/v1/transactions', '{"a": 1}', {}, 422, 'invalid-shape'],
    ['/v1/transactions', '[1]', {}, 422, 'invalid-shape'],
    ['/v1/transactions', '["S"]', { 'content-type': 'text/plain' }, 415, 'content-type'],
    ['/v1/transactions?timeout=x', '["S"]', {}, 400, 'invalid-timeout'],
    ['/v1/transactions?timeout=-1', '["S"]', {}, 400, 'invalid-timeout'],
    ['/v1/queries', '[1]', {}, 422, 'invalid-shape'],
    ['/v1/queries', 'x', {}, 400, 'invalid-json'],
    ['/v1/queries', '"S"', { host: 'rebound.example:8080' }, 421, 'unknown-host'],
    ['/v1/members', '"S"', {}, 405, 'method'],
  ]
  for (const [path, body, headers, status, code] of cases) {
    const response = await post(api(), path, body, headers)
    assert.equal(response.status, status, `${path} ${body}`)
    assert.equal(((await response.json()) as { code: string }).code, code)
  }
  assert.equal((await post(api(), '/v1/nothing', '')).status, 404)
  const wrongMethod = await api().request('/v1/transactions')
  assert.deepEqual([wrongMethod.status, wrongMethod.headers.get('allow')], [405, 'POST'])
})

test('a transaction that waits for copies: at once where nobody could have one, then as they are counted', async () => {
  const waits: unknown[] = []
  const reply = { kind: 'committed', results: [], version: version(3) } as const
  const app = api({
    transact: async () => ({ kind: 'reply', reply }),
    copies: {
      others: () => 2,
      wait: async (version, copies, timeoutMs) => {
        waits.push([version, copies, timeoutMs > 6_000 && timeoutMs <= 7_000])
        return { copies: waits.length, reached: waits.length === copies }
      },
    },
  })
  const send = async (query: string): Promise<[number, Record<string, unknown>]> => {
    const answer = await post(app, `/v1/transactions?${query}`, '["DELETE FROM t"]')
    return [answer.status, (await answer.json()) as Record<string, unknown>]
  }
  const [tooFew, refusal] = await send('wait=3')
  assert.deepEqual([tooFew, refusal.code], [503, 'too-few-members'])
  const [late, envelope] = await send('wait=2&timeout=7')
  assert.deepEqual([late, envelope.code, envelope.copies, envelope.version], [504, 'wait-timeout', 1, 3])
  assert.ok(Array.isArray(envelope.results))
  const [reached, answer] = await send('wait=2&timeout=7')
  assert.deepEqual([reached, answer.copies, answer.version], [200, 2, 3])
  assert.deepEqual(waits, [
    [3, 2, true],
    [3, 2, true],
  ])
  const [, plain] = await send('wait=0')
  assert.equal('copies' in plain, false)
  assert.deepEqual((await send('wait=two'))[1].code, 'invalid-wait')
})

test('a query that asks for a young view is refused with the age of the oldest', async () => {
  const ask = async (query: string, ageMs: number | undefined | 'alone'): Promise<unknown[]> => {
    const view = ageMs === 'alone' ? undefined : { actor: ACTOR, ageMs: ageMs as Millis | undefined }
    const answer = await post(api({ oldestView: () => view }), `/v1/queries?${query}`, '"SELECT 1"')
    if (answer.status === 200) return [200]
    const { code, age_ms, actor } = (await answer.json()) as Record<string, unknown>
    return [answer.status, code, age_ms, actor, answer.headers.get('retry-after')]
  }
  assert.deepEqual(await ask('max_age=5', 5_000), [200])
  assert.deepEqual(await ask('max_age=5', 5_001.2), [503, 'too-old', 5_001, ACTOR, '1'])
  assert.deepEqual(await ask('max_age=0.5', 501), [503, 'too-old', 501, ACTOR, '1'])
  assert.deepEqual(await ask('max_age=5', undefined), [503, 'too-old', null, ACTOR, '1'])
  assert.deepEqual(await ask('max_age=0', 'alone'), [200])
  assert.deepEqual(await ask('timeout=5', undefined), [200], 'who does not ask gets an answer')
  for (const text of ['', 'soon', '-1', '1e3'])
    assert.equal((await ask(`max_age=${text}`, 1))[1], 'invalid-max-age')
})

test('an empty transaction is 400 in the original envelope', async () => {
  const response = await post(api(), '/v1/transactions', '[]')
  assert.equal(response.status, 400)
  assert.deepEqual(await response.json(), {
    results: [{ error: 'at least 1 statement is required' }],
    time: 0,
    version: null,
    actor_id: ACTOR,
    code: 'no-statement',
  })
})

test('limits of size answer 413', async () => {
  const small = api({}, '[limits]\nbody_bytes_max = 1024\nstatements_max = 2')
  assert.equal((await post(small, '/v1/transactions', `["${'x'.repeat(1024)}"]`)).status, 413)
  const declared = await post(small, '/v1/transactions', `["${'x'.repeat(1024)}"]`, {
    'content-length': '1028',
  })
  assert.equal(declared.status, 413)
  assert.equal((await post(small, '/v1/transactions', '["a","b","c"]')).status, 413)
  assert.equal((await post(small, '/v1/transactions', '["a","b"]')).status, 200)
})

test('each outcome of a write has its status and code', async () => {
  const cases: readonly (readonly [WriteOutcome, number, string])[] = [
    [{ kind: 'reply', reply: { kind: 'refused', code: 'ddl', message: 'no' } }, 400, 'ddl'],
    [{ kind: 'reply', reply: { kind: 'failed', code: 'SQLITE_ERROR', message: 'no' } }, 500, 'SQLITE_ERROR'],
    [{ kind: 'timeout', afterMs: 5 }, 500, 'timeout'],
    [{ kind: 'outcome-unknown' }, 500, 'outcome-unknown'],
    [{ kind: 'failed', message: 'no' }, 500, 'internal'],
    [{ kind: 'unavailable', reason: 'no' }, 503, 'overloaded'],
  ]
  for (const [outcome, status, code] of cases) {
    const response = await post(api({ transact: async () => outcome }), '/v1/transactions', '["S"]')
    const body = (await response.json()) as { code: string; actor_id?: string }
    assert.deepEqual([response.status, body.code], [status, code])
    assert.equal(body.actor_id, status === 500 ? ACTOR : undefined)
    assert.equal(response.headers.get('retry-after'), status === 503 ? '1' : null)
  }
})

test('a query streams what the readers give', async () => {
  let request: QueryRequest | undefined
  const app = api({
    query: async (wanted) => {
      request = wanted
      return ok({
        head: { kind: 'rows', columns: ['a'] },
        chunks: chunksOf('{"columns":["a"]}\n', '{"row":[1,[1]]}\n'),
      })
    },
  })
  const response = await post(app, '/v1/queries', '["S", {":a": 1}]')
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
  assert.equal(await response.text(), '{"columns":["a"]}\n{"row":[1,[1]]}\n')
  assert.deepEqual(request?.statement, { sql: 'S', params: { ':a': 1n } })
})

test('a query that fails later says so in the stream, with no key but error', async () => {
  const broken = new QueryEnded({ kind: 'timeout', afterMs: 5 })
  const app = api({
    query: async () =>
      ok({ head: { kind: 'rows', columns: ['a'] }, chunks: chunksOf('{"columns":["a"]}\n', broken) }),
  })
  const lines = (await (await post(app, '/v1/queries', '"S"')).text()).split('\n')
  assert.deepEqual(Object.keys(JSON.parse(lines[1] as string)), ['error'])
})

test('a query that never begins has a status', async () => {
  const heads = [
    [
      ok({ head: { kind: 'refused', code: 'not-read-only', message: 'no' } as const, chunks: chunksOf() }),
      400,
    ],
    [ok({ head: { kind: 'failed', code: 'SQLITE_ERROR', message: 'no' } as const, chunks: chunksOf() }), 500],
    [err({ kind: 'timeout', afterMs: 1 } as const), 500],
    [err({ kind: 'lost' } as const), 503],
    [err({ kind: 'unavailable', reason: 'no' } as const), 503],
    [err({ kind: 'failed', message: 'no' } as const), 500],
  ] as const
  for (const [result, status] of heads)
    assert.equal((await post(api({ query: async () => result }), '/v1/queries', '"S"')).status, status)
})

test('above its limit a route answers 503 at once, a query until its last byte', async () => {
  const gate = Promise.withResolvers<void>()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a\n')
    await gate.promise
  }
  const app = api(
    { query: async () => ok({ head: { kind: 'rows', columns: [] }, chunks: slow() }) },
    '[limits]\nqueries_concurrent_max = 1',
  )
  const first = await post(app, '/v1/queries', '"S"')
  const second = await post(app, '/v1/queries', '"S"')
  assert.deepEqual(
    [second.status, ((await second.json()) as { error: string }).error],
    [503, 'max concurrency limit reached'],
  )
  gate.resolve()
  await first.text()
  assert.equal((await post(app, '/v1/queries', '"S"')).status, 200)
})

test('bodies that never end hold no permit', async () => {
  const limits = '[limits]\ntransactions_concurrent_max = 1\nqueries_concurrent_max = 1'
  const app = api({}, limits, { clientStallMs: 100 })
  for (const [path, body] of [
    ['/v1/transactions', '["S"]'],
    ['/v1/queries', '"S"'],
  ] as const) {
    const headers = { 'content-type': 'application/json' }
    const endless = { method: 'POST', headers, body: new ReadableStream(), duplex: 'half' } as RequestInit
    void app.request(path, endless)
    assert.equal((await post(app, path, body)).status, 200)
  }
})

test('a client that takes nothing is cut off, its query is returned and its permit free', async () => {
  const returned = Promise.withResolvers<void>()
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from('a\n')
    } finally {
      returned.resolve()
    }
  }
  const query: Fakes['query'] = async () => ok({ head: { kind: 'rows', columns: [] }, chunks: endless() })
  const app = api({ query }, '[limits]\nqueries_concurrent_max = 1', { clientStallMs: 5 })
  const response = await post(app, '/v1/queries', '"S"')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await returned.promise
  await assert.rejects(reader.read(), /the client takes no bytes/)
  await (await post(app, '/v1/queries', '"S"')).body?.cancel()
})

test('a client that goes ends its query', async () => {
  let returned = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from('a\n')
    } finally {
      returned = true
    }
  }
  const app = api({ query: async () => ok({ head: { kind: 'rows', columns: [] }, chunks: endless() }) })
  const response = await post(app, '/v1/queries', '"S"')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await reader.cancel()
  assert.equal(returned, true)
})

test('tokens: none, wrong, scoped, admin, and the single token of the original', async () => {
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
  const extra = `[api]
authorization = { bearer-token = "all" }
tokens = [{ name = "r", sha256 = "${sha('reader')}", scopes = ["read"] }, { name = "a", sha256 = "${sha('chief')}", scopes = ["admin"] }]`
  const app = api({}, extra)
  const status = async (path: string, token?: string): Promise<number> =>
    (await post(app, path, '["S"]', token === undefined ? {} : { authorization: `Bearer ${token}` })).status
  const missing = await post(app, '/v1/transactions', '["S"]')
  assert.deepEqual([missing.status, await missing.text()], [401, ''])
  assert.equal(await status('/v1/nothing'), 401)
  assert.equal(await status('/v1/transactions', 'wrong'), 401)
  assert.equal(await status('/v1/transactions', 'reader'), 403)
  assert.equal(await status('/v1/queries', 'reader'), 422)
  for (const token of ['all', 'chief']) assert.equal(await status('/v1/transactions', token), 200)
  assert.equal((await app.request('/healthz')).status, 200)
})

test('the endpoint name is checked before the token', async () => {
  const app = api({}, '[api]\nendpoint_name = "ams"\nauthorization = { bearer-token = "t" }')
  const header = 'x-corrosion-requested-endpoint-name'
  assert.equal((await post(app, '/v1/queries', '"S"', { [header]: 'nrt' })).status, 421)
  assert.equal((await post(app, '/v1/queries', '"S"', { [header]: 'ams' })).status, 401)
})

test('hosts: addresses, localhost and configured names', async () => {
  const app = api({}, '[api]\nhosts = ["agent.example"]')
  for (const host of ['127.0.0.1:8080', '[::1]:8080', 'localhost', 'Agent.Example:1'])
    assert.equal((await post(app, '/v1/queries', '"S"', { host })).status, 200, host)
})

test('members: this one first, then by name', async () => {
  const { members } = (await (await api().request('/v1/members')).json()) as {
    members: { name: string; self: boolean }[]
  }
  assert.deepEqual(
    members.map(({ name, self }) => [name, self]),
    [
      ['b', true],
      ['a', false],
      ['c', false],
    ],
  )
})

test('health is 503 while a child process is missing', async () => {
  assert.equal((await api({ running: false }).request('/healthz')).status, 503)
  assert.equal((await api().request('/healthz')).status, 200)
})

test('metrics name requests by route, not by path', async () => {
  const app = api()
  await app.request('/v1/members')
  await app.request('/anything')
  await app.request('/v1/subscriptions/no-uuid')
  const text = await (await app.request('/metrics')).text()
  assert.match(text, /patina_http_requests_total\{route="\/v1\/members",status="200"\} 1/)
  assert.match(text, /patina_http_requests_total\{route="other",status="404"\} 1/)
  assert.match(text, /patina_http_requests_total\{route="\/v1\/subscriptions\/:id",status="400"\} 1/)
})

test('a watch of the members goes on with each change until the client leaves', async () => {
  const memberWatchers = new MemberWatchers()
  const response = await api({ memberWatchers }).request('/v1/members?watch')
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const line = async (): Promise<{ members?: { name: string }[]; member?: { name: string } }> =>
    JSON.parse(Buffer.from((await reader.read()).value as Uint8Array).toString())
  assert.deepEqual(
    (await line()).members?.map(({ name }) => name),
    ['b', 'a', 'c'],
  )
  memberWatchers.changed(member('d', 'suspect'))
  assert.equal((await line()).member?.name, 'd')
  for (let i = 1; i < WATCHERS_MAX; i += 1) memberWatchers.open({ self: member('b', 'alive'), others: [] })
  const full = await api({ memberWatchers }).request('/v1/members?watch=true')
  assert.deepEqual([full.status, full.headers.get('retry-after')], [503, '1'])
  await reader.cancel()
  assert.equal((await api({ memberWatchers }).request('/v1/members?watch=true')).status, 200)
  assert.equal((await api({ memberWatchers }).request('/v1/members?watch=maybe')).status, 400)
})

test('HEAD leaves no stream open', async () => {
  const app = api({ memberWatchers: new MemberWatchers() })
  for (let i = 0; i < WATCHERS_MAX; i += 1)
    assert.equal((await app.request('/v1/members?watch', { method: 'HEAD' })).status, 200)
  const response = await app.request('/v1/members?watch')
  assert.equal(response.status, 200)
  await response.body?.cancel()
})

test('readiness needs no token and says what is missing', async () => {
  const tokens = '[api]\nauthorization.bearer-token = "t"\n'
  const ready = await api({}, tokens).request('/readyz')
  assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }])
  const not = await api({ missing: ['joined', 'store'] }, tokens).request('/readyz')
  assert.deepEqual([not.status, not.headers.get('retry-after')], [503, '1'])
  assert.deepEqual(await not.json(), {
    error: 'not ready: no member of gossip.bootstrap has answered yet; the store is being restarted',
    code: 'not-ready',
    missing: ['joined', 'store'],
  })
  assert.equal((await api({}, tokens).request('/v1/status')).status, 401)
})

test('a reload of the schema tells what it did, what it would do, and what the files are refused for', async () => {
  const asked: string[] = []
  const change = {
    kind: 'table-created',
    table: 't',
    sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY)',
  } as const
  const app = api(
    {
      schema: {
        definitions: async () => [change.sql],
        pending: async () => [{ table: 't', work: 'copying', rows: 1, of: 2 }],
        purge: async () => undefined,
        diff: async ({ allowDestructive = false } = {}) => {
          asked.push(allowDestructive ? 'destructive diff' : 'diff')
          return { kind: 'done', changes: [change], kept: [{ table: 'old' }], rebuilt: [] }
        },
        reload: async () => {
          asked.push('reload')
          return {
            kind: 'refused',
            code: 'no-primary-key',
            message: 'a.sql:1: no',
            file: 'a.sql:1',
            table: 't',
          }
        },
      },
    },
    '[api]\nauthorization = { bearer-token = "good" }',
  )
  const post = (body: string, headers: Record<string, string> = {}): Response | Promise<Response> =>
    app.request('/v1/schema/reload', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: 'Bearer good', ...headers },
    })
  assert.deepEqual(await (await post('{"dry_run":true}')).json(), {
    changes: [change],
    kept: [{ table: 'old' }],
    rebuilt: [],
  })
  const refused = await post('{}')
  assert.equal(refused.status, 400)
  assert.deepEqual(await refused.json(), {
    error: 'a.sql:1: no',
    code: 'no-primary-key',
    file: 'a.sql:1',
    table: 't',
  })
  assert.equal((await post('{"dry_run":true,"allow_destructive":true}')).status, 200)
  for (const body of ['[]', '{"dry_run":1}', '{"force":true}', 'null', '{"allow_destructive":"yes"}'])
    assert.equal((await post(body)).status, 422)
  assert.equal((await post('{}', { 'content-type': 'text/plain' })).status, 415)
  assert.equal((await post('{}', { authorization: 'Bearer bad' })).status, 401)
  assert.deepEqual(asked, ['diff', 'reload', 'destructive diff'])
  const shown = await app.request('/v1/schema', { headers: { authorization: 'Bearer good' } })
  assert.deepEqual(await shown.json(), {
    definitions: [change.sql],
    pending: [{ table: 't', work: 'copying', rows: 1, of: 2 }],
  })
})

test('a purge tells what it forgets, or why not', async () => {
  const asked: unknown[] = []
  const unasked = async () => ({ kind: 'failed', message: 'not asked for' }) as const
  const app = api({
    schema: {
      definitions: async () => [],
      pending: async () => [],
      diff: unasked,
      reload: unasked,
      purge: async (call) => {
        asked.push(call)
        if (call.table === 'slow') return undefined
        return call.column === 'a'
          ? { kind: 'refused', code: 'in-schema', message: 't.a is in the schema' }
          : { kind: 'done', cells: 3, rows: 2, isAll: false }
      },
    },
  })
  const headers = { 'content-type': 'application/json' }
  const post = async (body: string): Promise<unknown[]> => {
    const response = await app.request('/v1/store/purge', { method: 'POST', body, headers })
    return [response.status, await response.json()]
  }
  assert.deepEqual(await post('{"table":"t"}'), [200, { cells: 3, rows: 2, complete: false }])
  assert.deepEqual(await post('{"table":"t","column":"a","dry_run":true}'), [
    400,
    { code: 'in-schema', error: 't.a is in the schema' },
  ])
  assert.equal((await post('{"table":"slow"}'))[0], 503)
  for (const body of ['{}', '[]', '{"table":1}', '{"table":"t","columns":[]}', '{"table":"t","column":1}'])
    assert.equal((await post(body))[0], 422)
  assert.deepEqual(asked.slice(0, 2), [
    { table: 't', column: undefined, isDry: false },
    { table: 't', column: 'a', isDry: true },
  ])
})

test('a skew of schemas is told with the names of the members, the first twenty of them', async () => {
  const [named, other] = [member('a', 'alive').actor, ACTOR]
  const differs = [named, ...Array.from({ length: 24 }, () => other)]
  const app = api({
    skew: {
      tables: [{ table: 't', differs, lacks: [], only: [] }],
      same: 1,
      other: 25,
      unknown: 2,
      elsewhere: [named],
    },
  })
  const body = (await (await app.request('/v1/schema/skew')).json()) as {
    readonly tables: readonly { readonly differs: { readonly count: number; readonly members: object[] } }[]
  }
  assert.deepEqual(
    { ...body, tables: body.tables.length },
    {
      peers: { same: 1, other: 25, unknown: 2 },
      tables: 1,
      elsewhere: { count: 1, members: [{ actor: named, name: 'a' }] },
    },
  )
  const told = body.tables[0]?.differs
  assert.deepEqual([told?.count, told?.members.length], [25, 20])
})

test('a token without the scope admin cannot reload the schema', async () => {
  const digest = createHash('sha256').update('reader').digest('hex')
  const app = api({}, `[api]\ntokens = [{ name = "r", sha256 = "${digest}", scopes = ["read", "write"] }]`)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer reader' }
  const response = await app.request('/v1/schema/reload', { method: 'POST', body: '{}', headers })
  assert.equal(response.status, 403)
  assert.equal((await app.request('/v1/schema', { headers })).status, 200)
})

test('a store that does not answer is told as such', async () => {
  const app = api({
    schema: {
      definitions: async () => undefined,
      pending: async () => undefined,
      purge: async () => undefined,
      diff: async () => ({ kind: 'failed', message: 'the store is being restarted' }),
      reload: async () => ({ kind: 'failed', message: 'the store is being restarted' }),
    },
  })
  const headers = { 'content-type': 'application/json' }
  const response = await app.request('/v1/schema/reload', { method: 'POST', body: '{}', headers })
  assert.deepEqual(
    [response.status, ((await response.json()) as { code: string }).code],
    [503, 'schema-unknown'],
  )
  assert.equal((await app.request('/v1/schema')).status, 503)
})

test('tags of a member: those of gossip, those it is asked for, and why they are not there', async () => {
  const long = new TextEncoder().encode('{"tags": {"routes": "many"}}')
  const ask = async (
    outcome: DetailsOutcome,
    gossiped?: Tags,
    actor = 'ab'.repeat(16),
  ): Promise<unknown[]> => {
    const app = api({ tags: { ...NO_TAGS, gossiped: () => gossiped, details: async () => outcome } })
    const response = await app.request(`/v1/members/${actor}/tags`)
    const body = (await response.json()) as { readonly code?: string; readonly tags?: Tags }
    return [response.status, body.code ?? body.tags]
  }
  const rack = { rack: 'a1' }
  assert.deepEqual(await ask({ kind: 'none' }, rack), [200, rack])
  assert.deepEqual(await ask({ kind: 'found', details: long }, rack), [200, { rack: 'a1', routes: 'many' }])
  assert.deepEqual(await ask({ kind: 'none' }, undefined), [404, 'no-member'])
  assert.deepEqual(await ask({ kind: 'none' }, rack, 'ab'), [400, 'invalid-actor'])
  assert.deepEqual(await ask({ kind: 'unreachable' }, rack), [504, 'member-unreachable'])
  assert.deepEqual(await ask({ kind: 'overloaded' }, rack), [503, 'overloaded'])
  const junk = new Uint8Array([123, 255])
  assert.deepEqual(await ask({ kind: 'found', details: junk }, rack), [502, 'unreadable-tags'])
})

function put(app: ApiApp, path: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return Promise.resolve(app.request(path, { method: 'PUT', body, headers }))
}

test('a tag is set with its lease, listed and deleted', async () => {
  const tags = new OwnTags({ configured: {}, now: () => 0, faultOf: () => undefined, changed: () => {} })
  const app = api({
    tags: {
      ...NO_TAGS,
      set: (tag) => tags.set(tag),
      delete: (key) => tags.delete(key),
      list: () => tags.list(),
    },
  })
  const set = await put(app, '/v1/tags/role', '{"value": "aggregator", "lease_ms": 5000}')
  assert.deepEqual(
    [set.status, await set.json()],
    [200, { key: 'role', value: 'aggregator', lease_ms: 5_000 }],
  )
  const byDefault = await put(app, '/v1/tags/rack', '{"value": "a1"}')
  assert.deepEqual(await byDefault.json(), { key: 'rack', value: 'a1', lease_ms: 30_000 })
  const listed = await app.request('/v1/tags')
  assert.equal(((await listed.json()) as { tags: unknown[] }).tags.length, 2)
  const gone = await app.request('/v1/tags/role', { method: 'DELETE' })
  const again = await app.request('/v1/tags/role', { method: 'DELETE' })
  assert.deepEqual([gone.status, again.status], [204, 404])
  const wrong = ['[]', '{}', '{"value": 1}', '{"value": "x", "lease": 1}', '{"value": "x", "lease_ms": "1"}']
  for (const body of wrong) assert.equal((await put(app, '/v1/tags/role', body)).status, 422)
  const short = await put(app, '/v1/tags/role', '{"value": "x", "lease_ms": 10}')
  assert.equal(((await short.json()) as { code: string }).code, 'invalid-tag')
  const other = await app.request('/v1/tags/role', { method: 'PATCH' })
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'PUT, DELETE'])
  tags.close()
})

test('why a member is what it is: times as how long ago and how long until', async () => {
  const explanation: Explanation = {
    member: member('c', 'suspect'),
    because: 'accused',
    heardAt: instant(1_000),
    heardBy: 'datagram',
    lastProbe: { at: instant(4_000), how: 'silent' },
    accusers: [ACTOR],
    confirmationsWanted: 2,
    verdictAt: instant(7_000),
    ackTimeoutMs: 100.4,
    lowestRttMs: 1.5,
    estimatedRttMs: undefined,
    ring: 0,
    isUdpBlocked: false,
    revivals: 0,
    protocolMax: 1,
    toldBy: undefined,
  }
  const app = api({ cluster: { explain: (actor) => (actor.startsWith('c') ? explanation : undefined) } })
  const response = await app.request(`/v1/members/${'c'.repeat(32)}`)
  const told = (await response.json()) as Record<string, unknown>
  assert.deepEqual(
    [told.because, told.heard_ms_ago, told.last_probe, told.verdict_in_ms, told.accusers],
    ['accused', 4_000, { how: 'silent', ms_ago: 1_000 }, 2_000, [ACTOR]],
  )
  assert.equal((await app.request(`/v1/members/${'d'.repeat(32)}`)).status, 404)
  assert.equal((await app.request('/v1/members/ams-1')).status, 400)
})

test('leaving and asking the seeds: with a JSON body, and only once', async () => {
  const app = api({ cluster: { rejoin: () => false } })
  assert.equal((await post(app, '/v1/cluster/leave', '{}')).status, 200)
  assert.equal((await post(app, '/v1/cluster/leave', '', { 'content-type': 'text/plain' })).status, 415)
  const left = await post(app, '/v1/cluster/rejoin', '{}')
  assert.deepEqual([left.status, ((await left.json()) as { code: string }).code], [409, 'left'])
})

test('a member is muted by its actor', async () => {
  const said: unknown[] = []
  const app = api({ cluster: { mute: (...words) => said.push(words) < 3 } })
  const mute = (what: string, body: string): Promise<Response> => post(app, `/v1/cluster/${what}`, body)
  assert.equal((await mute('mute', `{"actor": "${ACTOR}"}`)).status, 200)
  assert.equal((await mute('unmute', `{"actor": "${ACTOR}"}`)).status, 200)
  assert.deepEqual(said, [
    [ACTOR, true],
    [ACTOR, false],
  ])
  for (const body of ['{}', '[]', 'null', '{"actor": "ams-1"}', `{"actor": "${ACTOR.toUpperCase()}G"}`])
    assert.equal((await mute('mute', body)).status, 422, body)
  assert.equal((await mute('mute', `{"actor": "${ACTOR}"}`)).status, 409, 'too many are muted')
})

test('what is missing is told in pairs of first and last', async () => {
  const entry = {
    actor: ACTOR,
    head: version(9),
    versions: [range(2, 3), range(7, 7)],
    heldByOthers: [range(7, 7)],
    unobtainable: [range(2, 3)],
    lost: [],
  }
  const app = api({
    givingUp: { missing: () => [entry], giveUp: async () => ({ kind: 'done', versions: [] }) },
  })
  assert.deepEqual(await (await app.request('/v1/sync/missing')).json(), {
    actors: [
      {
        actor: ACTOR,
        head: 9,
        missing: [
          [2, 3],
          [7, 7],
        ],
        held_by_others: [[7, 7]],
        unobtainable: [[2, 3]],
        lost: [],
      },
    ],
  })
})

test('versions are given up by their writer, some of them or all', async () => {
  const said: unknown[] = []
  const outcomes: GiveUpOutcome[] = [
    { kind: 'done', versions: [range(2, 3)] },
    { kind: 'done', versions: [range(2, 5)] },
    { kind: 'refused', code: 'alive', message: 'it runs' },
    { kind: 'failed', message: 'the store is gone' },
  ]
  const app = api({
    givingUp: {
      missing: () => [],
      giveUp: async (...words) => {
        said.push(words)
        return outcomes[said.length - 1] as GiveUpOutcome
      },
    },
  })
  const giveUp = (body: string): Promise<Response> => post(app, '/v1/sync/give-up', body)
  assert.deepEqual(await (await giveUp(`{"actor": "${ACTOR}"}`)).json(), { actor: ACTOR, lost: [[2, 3]] })
  await giveUp(`{"actor": "${ACTOR}", "versions": [[4, 5], [2, 3]]}`)
  assert.deepEqual(said, [
    [ACTOR, undefined],
    [ACTOR, [range(2, 5)]],
  ])
  const refused = await giveUp(`{"actor": "${ACTOR}"}`)
  assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [409, 'alive'])
  assert.equal((await giveUp(`{"actor": "${ACTOR}"}`)).status, 503)
  const wrong = ['{}', '[]', 'null', '{"actor": "x"}', `{"actor": "${ACTOR}", "more": 1}`]
  const ranges = ['{}', '[1]', '[[1]]', '[[2, 1]]', '[[0, 1]]', '[[1, 2, 3]]', '[["1", "2"]]', '[[1, 1e300]]']
  for (const body of [
    ...wrong,
    ...ranges.map((versions) => `{"actor": "${ACTOR}", "versions": ${versions}}`),
  ])
    assert.equal((await giveUp(body)).status, 422, body)
  assert.equal(said.length, 4)
})

function range(first: number, last: number): { first: Version; last: Version } {
  return { first: version(first), last: version(last) }
}
