/** POST /v1/subscriptions and GET /v1/subscriptions/{id}: snapshots, changes, resuming, and what is refused. */
import { type Answer, type Exchange, get, post, type Request, type Scenario } from '../src/exchange.ts'

const HEAD = {
  status: 200,
  headers: {
    'content-type': 'application/x-ndjson',
    'corro-query-id': '<uuid>',
    'corro-query-hash': '<hash>',
  },
  differs: ['stream-type'],
} as const

/** Opens a stream by a statement. */
function subscribe(open: string, body: string, lines: readonly string[], parameters = ''): Exchange {
  return { open, ...post(`/v1/subscriptions${parameters}`, body, { ...HEAD, lines }) }
}

/** The statement is that of the stream `of`, so the id is the same, too. */
function sameAs(of: string, body: string, parameters: string): Exchange {
  const headers = { ...HEAD.headers, 'corro-query-id': `{${of}}` }
  return {
    open: `as ${of}`,
    ...post(`/v1/subscriptions${parameters}`, body, { ...HEAD, headers, lines: [] }),
  }
}

/** Opens a stream again by the id of `of`. */
function resume(open: string, of: string, parameters: string, lines: readonly string[]): Exchange {
  return { open, ...get(`/v1/subscriptions/{${of}}${parameters}`, { ...HEAD, lines }) }
}

function refused(
  ask: Request,
  status: number,
  error: string,
  code: string,
  differs: Answer['differs'] = [],
): Exchange {
  return {
    ask,
    answer: {
      status,
      headers: { 'content-type': 'application/json', 'corro-query-id': null },
      body: `{"error":"${error}","code":"${code}"}`,
      differs: ['code', ...differs],
    },
  }
}

const asked = (body: string, parameters = ''): Request => ({
  method: 'POST',
  path: `/v1/subscriptions${parameters}`,
  body,
})

const write = (...statements: readonly string[]): Exchange =>
  post('/v1/transactions', JSON.stringify(statements), { status: 200 })

const eoq = (changeId: number): string => `{"eoq":{"time":<seconds>,"change_id":${changeId}}}`

const STREAMS: readonly Scenario[] = [
  {
    says: 'columns, rows and the end with change id 0; then inserts, updates and deletes with contiguous ids',
    given: ["INSERT INTO items (id, n) VALUES ('a', 1)"],
    steps: [
      subscribe('live', '"SELECT id, n FROM items -- life"', [
        '{"columns":["id","n"]}',
        '{"row":[1,["a",1]]}',
        eoq(0),
      ]),
      write("INSERT INTO items (id, n) VALUES ('b', 2)"),
      { next: 'live', lines: ['{"change":["insert",2,["b",2],1]}'] },
      write("UPDATE items SET n = 7 WHERE id = 'a'"),
      { next: 'live', lines: ['{"change":["update",1,["a",7],2]}'] },
      write("DELETE FROM items WHERE id = 'a'"),
      { next: 'live', lines: ['{"change":["delete",1,["a",7],3]}'] },
      write("UPDATE items SET v = 'not selected'"),
      write("INSERT INTO items (id, n) VALUES ('c', 3)"),
      { next: 'live', lines: ['{"change":["insert",3,["c",3],4]}'] },
    ],
  },
  {
    says: 'parameters are bound once; the same text with the same parameters is the same subscription',
    given: ["INSERT INTO items (id, n) VALUES ('a', 1), ('b', 2)"],
    steps: [
      subscribe('one', '["SELECT id FROM items WHERE n > ?", [1]]', [
        '{"columns":["id"]}',
        '{"row":[1,["b"]]}',
        eoq(0),
      ]),
      write("UPDATE items SET n = 5 WHERE id = 'a'"),
      { next: 'one', lines: ['{"change":["insert",2,["a"],1]}'] },
      subscribe('two', '["SELECT id FROM items WHERE n > ?", [1]]', [
        '{"columns":["id"]}',
        '{"row":[1,["b"]]}',
        '{"row":[2,["a"]]}',
        eoq(1),
      ]),
      subscribe('other', '["SELECT id FROM items WHERE n > ?", [4]]', [
        '{"columns":["id"]}',
        '{"row":[1,["a"]]}',
        eoq(0),
      ]),
    ],
  },
  {
    says: 'by its id a subscription is the same stream; from names the last change that was seen',
    given: ["INSERT INTO items (id, n) VALUES ('a', 1)"],
    steps: [
      subscribe('live', '"SELECT n, id FROM items"', [
        '{"columns":["n","id"]}',
        '{"row":[1,[1,"a"]]}',
        eoq(0),
      ]),
      write("INSERT INTO items (id, n) VALUES ('b', 2)"),
      { next: 'live', lines: ['{"change":["insert",2,[2,"b"],1]}'] },
      write("UPDATE items SET n = 3 WHERE id = 'b'"),
      { next: 'live', lines: ['{"change":["update",2,[3,"b"],2]}'] },
      resume('from 1', 'live', '?from=1', ['{"change":["update",2,[3,"b"],2]}']),
      resume('from 2', 'live', '?from=2', []),
      resume('from 0', 'live', '?from=0', [
        '{"columns":["n","id"]}',
        '{"row":[1,[1,"a"]]}',
        '{"row":[2,[3,"b"]]}',
        eoq(2),
      ]),
      resume('all', 'live', '', [
        '{"columns":["n","id"]}',
        '{"row":[1,[1,"a"]]}',
        '{"row":[2,[3,"b"]]}',
        eoq(2),
      ]),
      resume('changes', 'live', '?skip_rows=true', []),
      resume('rows', 'live', '?skip_rows=false', [
        '{"columns":["n","id"]}',
        '{"row":[1,[1,"a"]]}',
        '{"row":[2,[3,"b"]]}',
        eoq(2),
      ]),
      sameAs('live', '"SELECT n, id FROM items"', '?from=2'),
      subscribe('by text', '"SELECT n, id FROM items"', ['{"change":["update",2,[3,"b"],2]}'], '?from=1'),
      subscribe(
        'by text, all',
        '"SELECT n, id FROM items"',
        ['{"columns":["n","id"]}', '{"row":[1,[1,"a"]]}', '{"row":[2,[3,"b"]]}', eoq(2)],
        '?from=0',
      ),
      write("DELETE FROM items WHERE id = 'a'"),
      ...['live', 'from 1', 'from 2', 'from 0', 'all', 'changes', 'rows', 'by text', 'by text, all'].map(
        (next) => ({
          next,
          lines: ['{"change":["delete",1,[1,"a"],3]}'],
        }),
      ),
    ],
  },
  {
    says: 'a new subscription with skip_rows tells only what changes',
    given: ["INSERT INTO items (id, n) VALUES ('a', 1)"],
    steps: [
      subscribe('live', '"SELECT id AS skipped FROM items"', [], '?skip_rows=true'),
      write("DELETE FROM items WHERE id = 'a'"),
      { next: 'live', lines: ['{"change":["delete",1,["a"],1]}'] },
    ],
  },
  {
    says: 'who asks for changes that are no longer kept is told the lowest that is, and the stream ends',
    given: [],
    steps: [
      subscribe('live', '"SELECT id AS purged FROM items"', ['{"columns":["purged"]}', eoq(0)], ''),
      write(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 6000) INSERT INTO items (id) SELECT 'p' || x FROM c",
      ),
      {
        next: 'live',
        lines: Array.from(
          { length: 6000 },
          (_, at) => `{"change":["insert",${at + 1},["p<number>"],${at + 1}]}`,
        ),
      },
      {
        ...get('/v1/subscriptions/{live}?from=5', {
          ...HEAD,
          lines: ['{"error":"subscription already deleted older changes, min change id: <number>"}'],
        }),
      },
      resume('near the end', 'live', '?from=5999', ['{"change":["insert",6000,["p<number>"],6000]}']),
    ],
  },
]

const REFUSALS: readonly Scenario[] = [
  {
    says: 'an unknown id is 404, in JSON and in these words',
    steps: [
      refused(
        { method: 'GET', path: '/v1/subscriptions/6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a22' },
        404,
        'could not find subscription with id 6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a22',
        'unknown-subscription',
      ),
    ],
  },
  {
    says: 'an id that is no UUID is 400',
    steps: ['x', '6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a2', '6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a22a', '%00'].map(
      (id) =>
        refused({ method: 'GET', path: `/v1/subscriptions/${id}` }, 400, '<sentence>', 'invalid-id', [
          'refusal-as-json',
        ]),
    ),
  },
  {
    says: 'from without an equal subscription is 400, and leaves none behind',
    steps: [1, 2].map(() =>
      refused(
        asked('"SELECT id AS nobody FROM items"', '?from=1'),
        400,
        'a `from` query param was supplied, but no existing subscription found',
        'no-subscription',
        ['error-type'],
      ),
    ),
  },
  {
    says: 'from=0 without an equal subscription is 400, too',
    steps: [
      refused(
        asked('"SELECT id AS nobody_either FROM items"', '?from=0'),
        400,
        'a `from` query param was supplied, but no existing subscription found',
        'no-subscription',
        ['error-type'],
      ),
    ],
  },
  {
    says: 'query parameters of another shape are 400',
    steps: ['?from=x', '?from=-1', '?from=1.5', '?from=', '?skip_rows=1', '?skip_rows='].flatMap(
      (parameters) =>
        [
          asked('"SELECT 1 FROM items"', parameters),
          {
            method: 'GET',
            path: `/v1/subscriptions/6d2a9c58-7f0b-4a3e-9d51-0c8e4b7f1a22${parameters}`,
          } as const,
        ].map((ask) =>
          refused(
            ask,
            400,
            '<sentence>',
            parameters.startsWith('?from') ? 'invalid-from' : 'invalid-skip-rows',
            ['refusal-as-json'],
          ),
        ),
    ),
  },
  {
    says: 'SQL that cannot be prepared, or is no SELECT, is 400',
    steps: [
      refused(asked('"SELECT * FROM nowhere"'), 400, '<sentence>', 'unknown-table', [
        'error-type',
        'sentence',
      ]),
      refused(asked('"SELECT nobody FROM items"'), 400, '<sentence>', 'unknown-column', [
        'error-type',
        'sentence',
      ]),
      refused(asked('"SELEC"'), 400, '<sentence>', 'syntax', ['error-type', 'sentence']),
      refused(asked('"DELETE FROM items"'), 400, '<sentence>', 'not-read-only', ['error-type', 'sentence']),
      refused(asked('"SELECT 1 FROM items; SELECT 2 FROM items"'), 400, '<sentence>', 'multiple-statements', [
        'error-type',
        'one-statement',
      ]),
    ],
  },
  {
    says: 'the statement has the forms of a query; others are 422',
    given: [],
    steps: [
      subscribe('object', '{"query": "SELECT id AS o FROM items WHERE n = ?", "params": [1]}', [
        '{"columns":["o"]}',
        eoq(0),
      ]),
      subscribe('named', '["SELECT id AS p FROM items WHERE n = :n", {":n": 1}]', [
        '{"columns":["p"]}',
        eoq(0),
      ]),
      ...['["SELECT 1"]', '1', '[]'].map((body) =>
        refused(asked(body), 422, '<sentence>', 'invalid-shape', ['refusal-as-json']),
      ),
    ],
  },
  {
    says: 'an unknown parameter name is skipped',
    given: [],
    steps: [
      subscribe('named', '["SELECT id AS q FROM items WHERE n = :n", {":n": 1, ":other": 2}]', [
        '{"columns":["q"]}',
        eoq(0),
      ]),
    ],
  },
]

export const SUBSCRIPTIONS: readonly Scenario[] = [...STREAMS, ...REFUSALS]
