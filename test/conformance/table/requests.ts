/** What every route has in common: bodies, methods, paths, tokens, the endpoint name, limits. */
import { type Answer, type Exchange, get, post, type Request, type Scenario } from '../src/exchange.ts'
import { ALL_TOKEN, READER_TOKEN } from '../src/subject.ts'

const BODIES = ['/v1/transactions', '/v1/queries', '/v1/subscriptions'] as const

function refused(status: number, code: string, differs: Answer['differs'] = ['refusal-as-json']): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `{"error":"<sentence>","code":"${code}"}`,
    differs: ['code', ...(differs ?? [])],
  }
}

const ENDPOINT = 'x-corrosion-requested-endpoint-name'
const SELECT = '"SELECT 1 AS x"'
const WRITE = '["DELETE FROM items WHERE 0"]'

function withHeaders(
  headers: Request['headers'] & object,
  answer: Answer,
  path = '/v1/queries',
  body = SELECT,
): Exchange {
  return { ask: { method: 'POST', path, body, headers }, answer }
}

const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` })
const EMPTY_401: Answer = { status: 401, body: '' }

const READING: readonly Scenario[] = [
  {
    says: 'a body without application/json is 415',
    steps: BODIES.flatMap((path) =>
      ['', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json'].map((type) =>
        withHeaders({ 'content-type': type }, refused(415, 'content-type'), path),
      ),
    ),
  },
  {
    says: 'application/json may have parameters, and any type that ends in +json is JSON',
    steps: [
      'application/json; charset=utf-8',
      'Application/JSON',
      'application/vnd.x+json',
      'application/json;charset=utf-8',
    ].map((type) => withHeaders({ 'content-type': type }, { status: 200 })),
  },
  {
    says: 'a body that is no JSON is 400',
    steps: BODIES.flatMap((path) =>
      ['', '{', '[1,]', "'x'", '["a" "b"]', '"a', 'NaN', '01', '[1.]', '"\u0001"'].map((body) =>
        post(path, body, refused(400, 'invalid-json')),
      ),
    ),
  },
  {
    says: 'a number beyond every float is no JSON of the original',
    steps: ['["SELECT ?", [1e400]]', '["SELECT ?", [-1e400]]', `["SELECT ?", [1${'0'.repeat(400)}]]`].map(
      (body) => post('/v1/queries', body, refused(400, 'invalid-json')),
    ),
  },
  {
    says: 'the wrong method is 405 and names the right one',
    steps: [
      ...BODIES.map((path) => get(path, { ...refused(405, 'method'), headers: { allow: 'POST' } })),
      ...(['POST', 'PUT', 'DELETE'] as const).map((method) => ({
        ask: { method, path: '/v1/subscriptions/6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a22' },
        answer: { ...refused(405, 'method'), headers: { allow: 'GET' } },
      })),
    ],
  },
  {
    says: 'an unknown path is 404 without a body',
    steps: ['/', '/v1', '/v1/', '/v1/queries/', '/v1/migrations', '/v2/queries', '/v1/queries/x'].flatMap(
      (path) => [get(path, { status: 404, body: '' }), post(path, SELECT, { status: 404, body: '' })],
    ),
  },
  {
    says: 'updates, table_stats and health',
    steps: [
      post('/v1/updates/items', 'null', { status: 404, body: '', differs: ['not-yet'] }),
      post('/v1/table_stats', '{"tables":["items"]}', { status: 404, body: '', differs: ['not-yet'] }),
      get('/v1/health', { status: 404, body: '', differs: ['not-yet'] }),
    ],
  },
  {
    says: 'the endpoint name is ignored where none is configured',
    steps: [withHeaders({ [ENDPOINT]: 'nrt' }, { status: 200 })],
  },
  {
    says: 'the Host header is not looked at',
    steps: [
      withHeaders({ host: 'rebound.example' }, refused(421, 'unknown-host', ['host'])),
      withHeaders({ host: 'localhost:1' }, { status: 200 }),
      withHeaders({ host: '[::1]:1' }, { status: 200 }),
    ],
  },
]

const RIGHTS: readonly Scenario[] = [
  {
    says: 'without the token, every path is 401 with an empty body',
    profile: 'guarded',
    steps: [
      ...BODIES.map((path) => post(path, SELECT, EMPTY_401)),
      get('/v1/subscriptions/x', EMPTY_401),
      get('/v1/nothing', EMPTY_401),
      get('/', EMPTY_401),
      ...[
        'Bearer wrong',
        'Bearer',
        'Bearer ',
        'Basic ZXZlcnl0aGluZw==',
        ALL_TOKEN,
        `Bearer ${ALL_TOKEN}x`,
        `Bearer ${ALL_TOKEN.slice(1)}`,
      ].map((authorization) => withHeaders({ authorization }, EMPTY_401)),
    ],
  },
  {
    says: 'with the token everything is as without one',
    profile: 'guarded',
    steps: [
      withHeaders(bearer(ALL_TOKEN), { status: 200 }),
      withHeaders(bearer(ALL_TOKEN), { status: 200 }, '/v1/transactions', WRITE),
      {
        ask: { method: 'GET', path: '/v1/nothing', headers: bearer(ALL_TOKEN) },
        answer: { status: 404, body: '' },
      },
    ],
  },
  {
    says: 'one token may do everything',
    profile: 'guarded',
    steps: [
      withHeaders(bearer(READER_TOKEN), { status: 200 }),
      withHeaders(bearer(READER_TOKEN), refused(403, 'forbidden', ['scopes']), '/v1/transactions', WRITE),
    ],
  },
  {
    says: 'another endpoint name is 421 with an empty body, before the token is looked at',
    profile: 'guarded',
    steps: [
      withHeaders({ [ENDPOINT]: 'nrt' }, { status: 421, body: '' }),
      withHeaders({ [ENDPOINT]: 'nrt', ...bearer(ALL_TOKEN) }, { status: 421, body: '' }),
      withHeaders({ [ENDPOINT]: 'ams' }, EMPTY_401),
      withHeaders({ [ENDPOINT]: 'ams', ...bearer(ALL_TOKEN) }, { status: 200 }),
    ],
  },
  {
    says: 'an endpoint name that is not visible ASCII is 400',
    profile: 'guarded',
    steps: [withHeaders({ [ENDPOINT]: 'am\u00e9' }, refused(400, 'invalid-endpoint-name'))],
  },
]

const LIMITS: readonly Scenario[] = [
  {
    says: 'bodies have no limit',
    profile: 'tight',
    steps: BODIES.flatMap((path) => [
      post(path, `["${'x'.repeat(1021)}"]`, refused(413, 'body-too-long', ['limits'])),
      post(path, `["${'x'.repeat(70_000)}"]`, refused(413, 'body-too-long', ['limits'])),
      post(path, `["${'x'.repeat(3_000_000)}"]`, refused(413, 'body-too-long', ['limits'])),
    ]),
  },
  {
    says: 'transactions have no limit of statements',
    profile: 'tight',
    steps: [
      post('/v1/transactions', '["a","b","c"]', refused(413, 'too-many-statements', ['limits'])),
      post('/v1/transactions', `[${WRITE.slice(1, -1)}, ${WRITE.slice(1, -1)}]`, { status: 200 }),
    ],
  },
  {
    says: 'above the limit of requests under way it is 503 at once, in these words',
    profile: 'tight',
    steps: [
      {
        // More than the buffers of both sides hold, so that it is under way until it is left.
        open: 'slow',
        ...post(
          '/v1/queries',
          '"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 200000) SELECT x, hex(zeroblob(500)) AS y FROM c"',
          { status: 200, lines: ['{"columns":["x","y"]}'] },
        ),
      },
      post('/v1/queries', SELECT, {
        status: 503,
        headers: { 'retry-after': '1' },
        body: '{"error":"max concurrency limit reached","code":"overloaded"}',
        differs: ['code', 'refusal-as-json', 'retry-after'],
      }),
      post('/v1/transactions', WRITE, { status: 200 }),
      { leave: 'slow' },
    ],
  },
]

export const REQUESTS: readonly Scenario[] = [...READING, ...RIGHTS, ...LIMITS]
