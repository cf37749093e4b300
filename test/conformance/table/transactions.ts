/** POST /v1/transactions: forms of statements, parameters, envelopes of success and failure. */
import { type Answer, type Exchange, post, type Scenario } from '../src/exchange.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Success: a result for each statement, in order. */
function written(...rowsAffected: readonly number[]): Answer {
  const results = rowsAffected.map((rows) => `{"rows_affected":${rows},"time":<seconds>}`).join(',')
  return {
    status: 200,
    headers: JSON_TYPE,
    body: `{"results":[${results}],"time":<seconds>,"version":<version>,"actor_id":"<actor>"}`,
  }
}

/** Failure: the envelope with one result. */
function failed(error: string, code: string): Answer {
  return {
    status: 500,
    headers: JSON_TYPE,
    body: `{"results":[{"error":"${error}"}],"time":0.0,"version":null,"actor_id":"<actor>","code":"${code}"}`,
    differs: ['code', 'sentence'],
  }
}

function refused(status: number, error: string, code: string, more: Partial<Answer> = {}): Answer {
  return { status, headers: JSON_TYPE, body: `{"error":"${error}","code":"${code}"}`, ...more }
}

const UNREADABLE = { differs: ['code', 'refusal-as-json'] } as const
const FORBIDDEN = { differs: ['code', 'forbidden'] } as const

const transact = (body: string, answer: Answer, query = ''): Exchange =>
  post(`/v1/transactions${query}`, body, answer)

const rows = (sql: string, ...cells: readonly string[]): Exchange =>
  post('/v1/queries', JSON.stringify(sql), {
    status: 200,
    lines: [
      '{"columns":[<any>]}',
      ...cells.map((row, at) => `{"row":[${at + 1},[${row}]]}`),
      '{"eoq":{"time":<seconds>}}',
    ],
  })

const INSERT = 'INSERT INTO items (id, n, v) VALUES'
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c'

const FORMS: readonly Scenario[] = [
  {
    says: 'a statement is a text',
    given: [],
    steps: [transact(`["${INSERT} ('text', 1, 2), ('text 2', 1, 2)"]`, written(2))],
  },
  {
    says: 'a statement is a text with an array of parameters',
    steps: [transact(`[["${INSERT} (?, ?2, ?3)", ["positional", 1, null]]]`, written(1))],
  },
  {
    says: 'a statement is a text with named parameters, whose names have the prefix that stands in the text',
    steps: [
      transact(`[["${INSERT} (:id, @n, $v)", {":id": "named", "@n": 1, "$v": "x"}]]`, written(1)),
      rows("SELECT n, v FROM items WHERE id = 'named'", '1,"x"'),
    ],
  },
  {
    says: 'a statement is an object with params or named_params; unknown keys are ignored',
    steps: [
      transact(
        `[{"query": "${INSERT} (?, ?, ?)", "params": ["object", 1, 2], "comment": {"a": []}},
          {"query": "${INSERT} (:id, 0, 0)", "named_params": {":id": "object named"}},
          {"query": "${INSERT} ('object alone', 0, 0)"},
          {"query": "${INSERT} ('object nulls', 0, 0)", "params": null, "named_params": null}]`,
        written(1, 1, 1, 1),
      ),
    ],
  },
  {
    says: 'where both are given, params wins',
    steps: [
      transact(
        `[{"query": "${INSERT} (?, 1, 1)", "params": ["both"], "named_params": {":nobody": 1}}]`,
        written(1),
      ),
    ],
  },
  {
    says: 'anything else is 422',
    steps: [
      '[["SELECT 1"]]',
      '[["SELECT 1", [], []]]',
      '[["SELECT 1", 1]]',
      '[["SELECT ?", "x"]]',
      '[1]',
      '[null]',
      '[[]]',
      '[{}]',
      '[{"query": 1}]',
      '[{"query": "S", "params": 1}]',
      '[{"query": "S", "named_params": []}]',
    ].map((body) => transact(body, refused(422, 'statement 1: <sentence>', 'invalid-shape', UNREADABLE))),
  },
  {
    says: 'the body is an array',
    steps: ['{}', '"SELECT 1"', 'null', '1'].map((body) =>
      transact(body, refused(422, 'the body must be an array of statements', 'invalid-shape', UNREADABLE)),
    ),
  },
]

const OUTCOMES: readonly Scenario[] = [
  {
    says: 'an empty array is 400 with the envelope',
    steps: [
      transact('[]', {
        status: 400,
        headers: JSON_TYPE,
        body: '{"results":[{"error":"at least 1 statement is required"}],"time":0.0,"version":null,"actor_id":"<actor>","code":"no-statement"}',
        differs: ['code'],
      }),
    ],
  },
  {
    says: 'a statement that fails rolls all of them back',
    given: [],
    steps: [
      transact(
        `["${INSERT} ('twice', 1, 1)", "${INSERT} ('twice', 2, 2)"]`,
        failed('UNIQUE constraint failed: items.id', 'SQLITE_CONSTRAINT_PRIMARYKEY'),
      ),
      rows("SELECT id FROM items WHERE id = 'twice'"),
      ...['OR ROLLBACK', 'OR FAIL', 'OR ABORT'].map((clause) =>
        transact(
          `["${INSERT} ('twice', 1, 1)", "INSERT ${clause} INTO items (id) VALUES ('new'), ('twice')"]`,
          failed('UNIQUE constraint failed: items.id', 'SQLITE_CONSTRAINT_PRIMARYKEY'),
        ),
      ),
      rows("SELECT id FROM items WHERE id IN ('twice', 'new')"),
    ],
  },
  {
    says: 'a statement that SQLite cannot prepare fails like any other',
    steps: [
      transact('["INSERT INTO nowhere VALUES (1)"]', failed('no such table: nowhere', 'unknown-table')),
      transact('["INSERT INTO items (nobody) VALUES (1)"]', failed('<sentence>', 'unknown-column')),
      transact('["INSER INTO items"]', failed('<sentence>syntax error', 'syntax')),
    ],
  },
  {
    says: 'an unknown parameter name and a wrong number of parameters fail',
    steps: [
      transact(`[["${INSERT} (:a, 1, 1)", {":b": 1}]]`, failed('<sentence>', 'unknown-parameter')),
      transact(`[["${INSERT} (?, ?, ?)", [1]]]`, failed('<sentence>', 'parameter-count')),
    ],
  },
  {
    says: 'a SELECT in a transaction fails',
    steps: [transact('["SELECT 1"]', failed('<sentence>', 'not-a-write'))],
  },
  {
    says: 'a statement with RETURNING fails, because it returns rows',
    given: [],
    steps: [
      transact(`["INSERT INTO items (id) VALUES ('r') RETURNING id"]`, {
        ...written(1),
        differs: ['returning'],
      }),
    ],
  },
  {
    says: 'what changes nothing has the version null',
    given: [`${INSERT} ('noop', 1, 2)`],
    steps: ["UPDATE items SET n = 1 WHERE id = 'noop'", "DELETE FROM items WHERE id = 'nobody'"].map((sql) =>
      transact(JSON.stringify([sql]), {
        status: 200,
        body: '{"results":[{"rows_affected":<number>,"time":<seconds>}],"time":<seconds>,"version":null,"actor_id":"<actor>"}',
      }),
    ),
  },
  {
    says: 'timeout is a whole number of seconds; a statement that takes longer is interrupted and nothing is written',
    steps: [
      transact(
        JSON.stringify([`INSERT INTO items (id) SELECT 'endless' FROM (${ENDLESS})`]),
        failed('interrupted<sentence>', 'timeout'),
        '?timeout=1',
      ),
      rows("SELECT id FROM items WHERE id = 'endless'"),
      transact(`["UPDATE items SET n = 1 WHERE 0"]`, { status: 200 }, '?timeout=5'),
      ...['x', '-1', '1.5', ''].map((secs) =>
        transact('["S"]', refused(400, '<sentence>', 'invalid-timeout', UNREADABLE), `?timeout=${secs}`),
      ),
    ],
  },
  {
    says: 'any SQL is accepted',
    steps: [
      ['CREATE TABLE x (y)', 'ddl'],
      ['DROP TABLE items', 'ddl'],
      ['ALTER TABLE items ADD COLUMN x', 'ddl'],
      ['PRAGMA journal_mode = DELETE', 'pragma'],
      ["ATTACH 'x' AS y", 'attach'],
      ['DETACH y', 'detach'],
      ['BEGIN', 'transaction-control'],
      ['COMMIT', 'transaction-control'],
      ['ROLLBACK', 'transaction-control'],
      ['SAVEPOINT a', 'transaction-control'],
      ['RELEASE a', 'transaction-control'],
      ['VACUUM', 'vacuum'],
      ["VACUUM INTO 'x'", 'vacuum'],
      ['REINDEX', 'reindex'],
      ['ANALYZE', 'analyze'],
      ["SELECT load_extension('x')", 'extension'],
      ['DELETE FROM __patina_log', 'internal-table'],
      ['DELETE FROM items__patina_clock', 'internal-table'],
      ['DELETE FROM sqlite_schema', 'internal-table'],
      ['', 'empty'],
    ].map(([sql, code]) =>
      transact(JSON.stringify([sql]), refused(400, '<sentence>', code as string, FORBIDDEN)),
    ),
  },
  {
    says: 'a text holds one statement',
    steps: [
      transact(
        '["DELETE FROM items; DELETE FROM items"]',
        refused(400, '<sentence>', 'multiple-statements', { differs: ['code', 'one-statement'] }),
      ),
      transact('["DELETE FROM items WHERE 0; -- and nothing else;"]', { status: 200 }),
    ],
  },
]

export const TRANSACTIONS: readonly Scenario[] = [...FORMS, ...OUTCOMES]
