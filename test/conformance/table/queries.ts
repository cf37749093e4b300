/** POST /v1/queries: the stream of a result, and what is refused. */
import { type Answer, type Exchange, post, type Scenario } from '../src/exchange.ts'

const query = (body: string, answer: Answer, parameters = ''): Exchange =>
  post(`/v1/queries${parameters}`, body, answer)

/** The answer with these columns and rows. */
function result(columns: string, ...rows: readonly string[]): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    lines: [
      `{"columns":[${columns}]}`,
      ...rows.map((cells, at) => `{"row":[${at + 1},[${cells}]]}`),
      '{"eoq":{"time":<seconds>}}',
    ],
    differs: ['stream-type'],
  }
}

function refused(status: number, error: string, code: string, differs: Answer['differs'] = []): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `{"error":"${error}","code":"${code}"}`,
    differs: ['code', 'error-type', ...differs],
  }
}

export const QUERIES: readonly Scenario[] = [
  {
    says: 'columns, rows numbered from 1, and the end with its time and without a change id',
    given: ["INSERT INTO items (id, n, v) VALUES ('a', 1, 'é'), ('b', 2, NULL)"],
    steps: [
      query('"SELECT id, n, v FROM items ORDER BY id"', result('"id","n","v"', '"a",1,"é"', '"b",2,null')),
      query('"SELECT id FROM items WHERE 0"', result('"id"')),
      query('"SELECT 1, 2 AS \\"a\\"\\"b\\", 3"', result('"1","a\\"b","3"', '1,2,3')),
    ],
  },
  {
    says: 'the statement has the forms of a transaction',
    steps: [
      query('["SELECT ? AS x, ?1 + ?2 AS y", [1, 2]]', result('"x","y"', '1,3')),
      query(
        '["SELECT :a AS x, @b AS y, $c AS z", {":a": 1, "@b": "b", "$c": null}]',
        result('"x","y","z"', '1,"b",null'),
      ),
      query('{"query": "SELECT ? AS x", "params": [7]}', result('"x"', '7')),
      query('{"query": "SELECT :x AS x", "named_params": {":x": 7}}', result('"x"', '7')),
      ...['["SELECT 1"]', '["SELECT ?", 1]', '["SELECT 1", [], []]', '1', 'null', '{}', '[]'].map((body) =>
        query(body, {
          status: 422,
          body: '{"error":"<sentence>","code":"invalid-shape"}',
          differs: ['code', 'refusal-as-json'],
        }),
      ),
    ],
  },
  {
    says: 'a name that is not given is NULL',
    steps: [query('["SELECT :a AS x, :b AS y", {":a": 1}]', result('"x","y"', '1,null'))],
  },
  {
    says: 'BLOBs are arrays of integers, texts are UTF-8, NULL is null',
    steps: [
      query(
        `"SELECT x'00ff7f' AS b, x'' AS e, '\\u0000\\n\\"\\\\😀' AS t, NULL AS n"`,
        refused(400, '<sentence>', 'bad-text', ['forbidden']),
      ),
      query(
        `["SELECT x'00ff7f' AS b, x'' AS e, ? AS t, NULL AS n", ["\\u0001\\n\\"\\\\😀"]]`,
        result('"b","e","t","n"', '[0,255,127],[],"\\u0001\\n\\"\\\\😀",null'),
      ),
    ],
  },
  {
    says: 'a statement that writes is refused in these words',
    steps: [
      'DELETE FROM items',
      "INSERT INTO items (id) VALUES ('x') RETURNING id",
      'UPDATE items SET n = 1',
    ].map((sql) => query(JSON.stringify(sql), refused(400, 'statement is not readonly', 'not-read-only'))),
  },
  {
    says: 'any statement that only reads is accepted',
    steps: [
      query('"VALUES (1), (2)"', result('"column1"', '1', '2')),
      query('"WITH a(b) AS (SELECT 1) SELECT b FROM a"', result('"b"', '1')),
      query('"EXPLAIN QUERY PLAN SELECT 1"', { status: 200 }),
      ...[
        ['PRAGMA table_info(items)', 'pragma'],
        ['SELECT * FROM pragma_table_info(1)', 'pragma'],
        ['BEGIN', 'transaction-control'],
        ["ATTACH ':memory:' AS a", 'attach'],
        ['', 'empty'],
      ].map(([sql, code]) =>
        query(JSON.stringify(sql), refused(400, '<sentence>', code as string, ['forbidden'])),
      ),
    ],
  },
  {
    says: 'a TEXT that is not UTF-8 is an error line',
    steps: [
      query(`"SELECT CAST(x'ff41' AS TEXT) AS t"`, {
        ...result('"t"', '"\ufffdA"'),
        differs: ['stream-type', 'replaced-text'],
      }),
    ],
  },
  {
    says: 'a statement that cannot be prepared is 400',
    steps: [
      query('"SELECT * FROM nowhere"', refused(400, 'no such table: nowhere', 'unknown-table', ['sentence'])),
      query(
        '"SELECT nobody FROM items"',
        refused(400, 'no such column: nobody', 'unknown-column', ['sentence']),
      ),
      query('"SELEC"', refused(400, '<sentence>syntax error', 'syntax', ['sentence'])),
      query('"SELECT nobody()"', refused(400, 'no such function: nobody', 'unknown-function', ['sentence'])),
    ],
  },
  {
    says: 'a statement that cannot be bound is 500',
    steps: [
      query(
        '["SELECT :a", {":b": 1}]',
        refused(400, '<sentence>', 'unknown-parameter', ['prepared-first', 'sentence']),
      ),
      query(
        '["SELECT ?", []]',
        refused(400, '<sentence>', 'parameter-count', ['prepared-first', 'sentence']),
      ),
    ],
  },
  {
    says: 'a failure before the first row is an error line behind the columns',
    steps: [
      query(`"SELECT json_extract('{', '$') AS j"`, {
        status: 200,
        body: '{"columns":["j"]}\n{"error":"malformed JSON"}\n',
        differs: ['sentence'],
      }),
    ],
  },
  {
    says: 'a failure in the middle of the stream is an error line and the end of the body',
    steps: [
      query(
        `"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000) SELECT CASE x WHEN 99999 THEN json_extract('{', '$') END AS j FROM c"`,
        {
          status: 200,
          body: '{"columns":["j"]}\n{"row":[1,[null]]}\n<any>\n{"row":[99998,[null]]}\n{"error":"malformed JSON"}\n',
          differs: ['sentence'],
        },
      ),
    ],
  },
  {
    says: 'timeout is a whole number of seconds, and 0 is none',
    steps: [
      query('"SELECT 1 AS x"', result('"x"', '1'), '?timeout=0'),
      query('"SELECT 1 AS x"', result('"x"', '1'), '?timeout=5'),
      query(
        '"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"',
        refused(500, 'interrupted<sentence>', 'timeout', ['late-columns', 'sentence']),
        '?timeout=1',
      ),
      ...['x', '-1', '1.5'].map((secs) =>
        query(
          '"SELECT 1"',
          {
            status: 400,
            body: '{"error":"<sentence>","code":"invalid-timeout"}',
            differs: ['code', 'refusal-as-json'],
          },
          `?timeout=${secs}`,
        ),
      ),
    ],
  },
]
