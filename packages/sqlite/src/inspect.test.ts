/** What the inspector lets through, with what it read, and what it refuses, statement by statement. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Inspector } from './inspect.ts'
import type { InspectCode } from './inspect-error.ts'

const SCHEMA = [
  'CREATE TABLE machines (id TEXT PRIMARY KEY NOT NULL, app TEXT, "big port" INTEGER)',
  'CREATE TABLE apps (id INTEGER PRIMARY KEY, name TEXT, loud TEXT AS (upper(name)))',
  'CREATE TABLE Ünïcode (id TEXT PRIMARY KEY NOT NULL)',
  'CREATE INDEX by_app ON machines (app)',
  'CREATE VIEW named AS SELECT m.id, a.name FROM machines m JOIN apps a ON a.id = m.app',
  'CREATE TRIGGER capture AFTER INSERT ON machines BEGIN SELECT no_such_function(new.id); END',
  'CREATE TABLE machines__patina_clock (id TEXT, cl INTEGER)',
  'CREATE TABLE __patina_meta (key TEXT, value)',
  'CREATE TABLE machines__patina_old (id TEXT)',
]

function inspector(): Inspector {
  const made = new Inspector()
  assert.deepEqual(made.loadSchema(SCHEMA), [])
  return made
}

type Reads = { readonly [table: string]: readonly string[] }

const READS: readonly (readonly [sql: string, reads: Reads])[] = [
  ['SELECT 1', {}],
  ['VALUES (1), (2)', {}],
  ['SELECT app FROM machines', { machines: ['app'] }],
  ['SELECT APP FROM MACHINES', { machines: ['app'] }],
  ['SELECT count(*) FROM machines', { machines: [] }],
  ['SELECT "big port" FROM "machines" WHERE app = ?', { machines: ['app', 'big port'] }],
  ['SELECT * FROM named', { machines: ['app', 'id'], apps: ['id', 'name'] }],
  ['SELECT loud FROM apps', { apps: ['id', 'loud', 'name'] }],
  ['SELECT id FROM apps', { apps: ['id'] }],
  ['WITH x AS (SELECT name FROM apps) SELECT * FROM x', { apps: ['name'] }],
  ['WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c', {}],
  ['SELECT 1 WHERE EXISTS (SELECT 1 FROM machines WHERE app = 1)', { machines: ['app'] }],
  ["SELECT value FROM json_each('[1]')", { json_each: ['value'] }],
  ['SELECT sql FROM sqlite_schema', { sqlite_master: ['sql'] }],
  ['SELECT key FROM __patina_meta', { __patina_meta: ['key'] }],
  ['SELECT id FROM Ünïcode', { Ünïcode: ['id'] }],
  ['EXPLAIN SELECT app FROM machines', { machines: ['app'] }],
  ["SELECT 'DROP TABLE machines; BEGIN' -- ; VACUUM", {}],
  ['SELECT 1;', {}],
  ['SELECT 1 ; -- done\n /* really */ ;;', {}],
  ['; SELECT 1', {}],
  ["SELECT 'ä;😀';", {}],
]

const WRITES: readonly (readonly [sql: string, writes: readonly string[]])[] = [
  ["INSERT INTO machines VALUES ('a', 'b', 1)", ['machines']],
  ["REPLACE INTO machines (id) VALUES ('a')", ['machines']],
  [
    "INSERT INTO machines (id) VALUES ('a') ON CONFLICT (id) DO UPDATE SET app = 1 RETURNING id",
    ['machines'],
  ],
  ["INSERT OR ROLLBACK INTO machines (id) VALUES ('a')", ['machines']],
  ['UPDATE machines SET app = (SELECT name FROM apps)', ['machines']],
  ['UPDATE machines SET app = a.name FROM apps a WHERE a.id = machines.app', ['machines']],
  ['WITH x AS (SELECT 1 AS y) DELETE FROM machines WHERE id IN (SELECT y FROM x)', ['machines']],
  ['DELETE FROM machines', ['machines']],
  ['INSERT INTO apps (name) SELECT app FROM machines', ['apps']],
]

const REFUSED: readonly (readonly [code: InspectCode, ...sql: readonly string[]])[] = [
  [
    'transaction-control',
    ...[
      'BEGIN',
      'begin immediate',
      'BEGIN; SELECT 1',
      'COMMIT',
      'END',
      'END TRANSACTION',
      'ROLLBACK',
      'ROLLBACK TO a',
    ],
    ...['SAVEPOINT a', 'RELEASE a', 'EXPLAIN COMMIT', '/* SELECT */ BEGIN', ';;BEGIN', '-- x\nCOMMIT'],
  ],
  ['attach', "ATTACH 'x.db' AS y", "ATTACH DATABASE ':memory:' AS y", "EXPLAIN ATTACH 'x' AS y"],
  ['detach', 'DETACH y', 'DETACH main'],
  ['reindex', 'REINDEX', 'REINDEX machines'],
  ['analyze', 'ANALYZE', 'ANALYZE machines', 'analyze main'],
  [
    'vacuum',
    ...[
      'VACUUM',
      'vacuum',
      "VACUUM INTO '/tmp/x'",
      'EXPLAIN VACUUM',
      'EXPLAIN QUERY PLAN VACUUM',
      '/*x*/ VACUUM main',
    ],
    ...['\ufeffVACUUM', 'VACUUM; SELECT 1'],
  ],
  [
    'pragma',
    ...[
      'PRAGMA user_version',
      'PRAGMA user_version = 3',
      'PRAGMA table_info(machines)',
      'pragma main.cache_size',
    ],
    ...[
      'PRAGMA writable_schema = ON',
      "SELECT * FROM pragma_table_info('machines')",
      'EXPLAIN PRAGMA user_version',
    ],
    ...[
      'SELECT 1 FROM machines, PRAGMA_user_version',
      'SELECT (SELECT user_version FROM pragma_user_version)',
    ],
  ],
  [
    'ddl',
    ...[
      'CREATE TABLE x (a)',
      'CREATE TABLE x AS SELECT 1',
      'CREATE TEMP TABLE x (a)',
      'CREATE INDEX x ON machines (app)',
    ],
    ...[
      'CREATE VIEW x AS SELECT 1',
      'CREATE TEMP VIEW x AS SELECT 1',
      'CREATE VIRTUAL TABLE x USING fts5 (a)',
    ],
    ...[
      'CREATE TRIGGER x AFTER INSERT ON machines BEGIN SELECT 1; END',
      'DROP TABLE machines',
      'DROP INDEX by_app',
    ],
    ...['DROP VIEW named', 'ALTER TABLE machines ADD COLUMN x', 'ALTER TABLE machines RENAME TO x'],
    ...['CREATE TEMP TRIGGER x AFTER INSERT ON machines BEGIN SELECT 1; END', 'EXPLAIN DROP TABLE machines'],
  ],
  [
    'extension',
    "SELECT load_extension('x')",
    "SELECT LOAD_EXTENSION('x', 'y')",
    "SELECT fts3_tokenizer('x')",
  ],
  [
    'internal-table',
    ...[
      'DELETE FROM __patina_meta',
      "INSERT INTO __patina_meta VALUES ('a', 1)",
      'UPDATE __PATINA_META SET value = 1',
    ],
    ...[
      'DELETE FROM machines__patina_clock',
      'DELETE FROM __patina_log',
      'DELETE FROM machines__patina_old',
      'DELETE FROM main.__patina_have',
    ],
    ...[
      'DELETE FROM sqlite_schema',
      'UPDATE sqlite_master SET sql = 1',
      'INSERT INTO sqlite_schema VALUES (1,2,3,4,5)',
    ],
    ...[
      'DELETE FROM sqlite_sequence',
      'INSERT INTO "__patina_meta" SELECT 1, 2',
      'DELETE FROM [__patina_meta]',
    ],
    ...['WITH x AS (SELECT 1) UPDATE __patina_meta SET value = 1', 'EXPLAIN DELETE FROM __patina_meta'],
  ],
  [
    'multiple-statements',
    ...[
      'SELECT 1; SELECT 2',
      'SELECT 1; DROP TABLE machines',
      'SELECT 1;VACUUM',
      'SELECT 1; BEGIN',
      ';SELECT 1;x',
    ],
    ...[
      'SELECT 1; /* a */ DELETE FROM machines /* b */',
      'SELECT 1; -- a\n SELECT 2',
      "SELECT ';'; SELECT 2",
    ],
    ...[
      'SELECT 1;\u00a0',
      "SELECT 'ä😀'; SELECT 2",
      'SELECT 1;\ufeff',
      'DELETE FROM machines; DELETE FROM machines',
    ],
  ],
  ['empty', '', '  ', ';', '-- nothing', '/* nothing */ ;'],
  ['bad-text', 'SELECT 1\0; DROP TABLE machines', "SELECT '\ud800'", 'SELECT 1;\0'],
  ['too-long', `SELECT '${'x'.repeat(1024 * 1024)}'`],
  ['unknown-table', 'SELECT * FROM nope', 'DELETE FROM nope', 'SELECT * FROM other.machines'],
  ['unknown-column', 'SELECT nope FROM machines', 'INSERT INTO machines (nope) VALUES (1)', 'SELECT "nope"'],
  ['unknown-function', 'SELECT nope(1)', "SELECT __patina_capture('x')"],
  [
    'syntax',
    'SELEC 1',
    'SELECT',
    'WITH x AS (SELECT 1) VACUUM',
    'DELETE FROM machines LIMIT 1',
    "SELECT 'open",
    'SELECT \u00a01 2',
  ],
  ['invalid', 'INSERT INTO named VALUES (1, 2)', 'INSERT INTO machines VALUES (1)', 'SELECT count(*) OVER w'],
]

describe('inspect', () => {
  const shared = inspector()

  for (const [sql, reads] of READS) {
    it(`reads: ${sql}`, () => {
      const verdict = shared.inspect(sql)
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.equal(verdict.value.kind, 'read')
      const found = [...verdict.value.reads].map(([table, columns]) => [table, [...columns].sort()])
      assert.deepEqual(Object.fromEntries(found), reads)
      assert.equal(verdict.value.explain, sql.startsWith('EXPLAIN'))
      assert.ok(shared.inspectRead(sql).ok)
    })
  }

  for (const [sql, writes] of WRITES) {
    it(`writes: ${sql}`, () => {
      const verdict = shared.inspect(sql)
      assert.ok(verdict.ok, JSON.stringify(verdict))
      assert.equal(verdict.value.kind, 'write')
      assert.deepEqual([...verdict.value.writes], writes)
      const refused = shared.inspectRead(sql)
      assert.deepEqual(!refused.ok && refused.error, {
        code: 'not-read-only',
        message: 'statement is not readonly',
      })
    })
  }

  it('tells what an EXPLAIN of a write would write, and what to explain instead', () => {
    for (const explain of ['EXPLAIN', 'EXPLAIN QUERY PLAN']) {
      const sql = `${explain} DELETE FROM machines WHERE app = 1`
      const verdict = shared.inspect(sql)
      assert.ok(verdict.ok)
      const { kind, reads, writes } = verdict.value
      assert.deepEqual([kind, [...reads.keys()], [...writes]], ['read', ['machines'], ['machines']])
      const refused = shared.inspectRead(sql)
      assert.equal(!refused.ok && refused.error.code, 'not-read-only')
      assert.match(refused.ok ? '' : refused.error.message, /explain a SELECT with the same FROM and WHERE/)
    }
  })

  for (const [code, ...texts] of REFUSED) {
    for (const sql of texts) {
      it(`refuses as ${code}: ${JSON.stringify(sql.slice(0, 70))}`, () => {
        const verdict = shared.inspect(sql)
        assert.equal(verdict.ok ? 'accepted' : verdict.error.code, code)
        assert.ok(!verdict.ok && verdict.error.message.length > 5)
        assert.deepEqual(shared.inspect(sql), verdict)
      })
    }
  }

  it('reports what the joined, the updated and the returned columns read', () => {
    const verdict = shared.inspect(
      'UPDATE machines SET app = a.name FROM apps a WHERE a.id = machines.id RETURNING "big port"',
    )
    assert.ok(verdict.ok)
    assert.deepEqual([...(verdict.value.reads.get('apps') ?? [])].sort(), ['id', 'name'])
    assert.ok(verdict.value.reads.get('machines')?.has('big port'))
  })

  it('never throws, whatever the text, and changes nothing', () => {
    const words = [
      'SELECT',
      'FROM',
      'machines',
      '*',
      "'",
      '"',
      ';',
      '--',
      '/*',
      '*/',
      'VACUUM',
      '(',
      ')',
      ' ',
      '\n',
      '?1',
      'BEGIN',
    ]
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...words)).map((some) => some.join(' ')),
    )
    fc.assert(fc.property(texts, (sql) => typeof shared.inspect(sql).ok === 'boolean'))
    assert.ok(shared.inspect('SELECT id, app, "big port" FROM machines').ok)
  })
})

const MULTIPLE = 'a text holds one statement: send the others as statements of their own'

/** What a client is told, word by word: one text for each rule of ours, and some that are SQLite's own sentence. */
const MESSAGES: readonly (readonly [code: InspectCode, sql: string, message: string])[] = [
  [
    'transaction-control',
    'BEGIN',
    'BEGIN, COMMIT, ROLLBACK, SAVEPOINT and RELEASE are not allowed: one request is one transaction',
  ],
  ['attach', "ATTACH 'x' AS y", 'ATTACH is not allowed: an agent serves one database'],
  ['detach', 'DETACH y', 'DETACH is not allowed: an agent serves one database'],
  ['reindex', 'REINDEX', 'REINDEX is not allowed: the agent maintains its file itself'],
  ['analyze', 'ANALYZE', 'ANALYZE is not allowed: the agent maintains its file itself'],
  [
    'vacuum',
    "VACUUM INTO 'x'",
    'VACUUM is not allowed: the agent maintains its file itself; use its backup command for a copy',
  ],
  [
    'pragma',
    'PRAGMA user_version = 1',
    'PRAGMA and pragma_ tables are not allowed: settings belong to the agent',
  ],
  [
    'pragma',
    'SELECT * FROM pragma_user_version',
    'PRAGMA and pragma_ tables are not allowed: settings belong to the agent: pragma_user_version',
  ],
  [
    'ddl',
    'DROP TABLE machines',
    'the schema cannot be changed by a statement: change the schema files and reload them',
  ],
  [
    'extension',
    "SELECT load_extension('x')",
    'extensions and functions of SQLite that reach outside of the database are not allowed: load_extension',
  ],
  [
    'internal-table',
    'DELETE FROM __patina_meta',
    'tables of Patina and of SQLite itself cannot be written: __patina_meta',
  ],
  [
    'internal-table',
    'DELETE FROM sqlite_schema',
    'tables of Patina and of SQLite itself cannot be written: table sqlite_master may not be modified',
  ],
  ['multiple-statements', 'SELECT 1; SELECT 2', MULTIPLE],
  ['empty', '-- x', 'there is no statement in this text'],
  [
    'too-long',
    ' '.repeat(1024 * 1024 + 1),
    'the text of the statement is too long; pass data as parameters: 1048577 characters',
  ],
  [
    'too-long',
    `SELECT 1 IN (${'1,'.repeat(400_000)}1)`,
    'the text of the statement is too long; pass data as parameters: compiled, it is too large',
  ],
  ['bad-text', 'SELECT 1\0', 'the text of the statement holds a NUL or is not well-formed Unicode'],
  ['unknown-table', 'SELECT * FROM nope', 'no such table: nope'],
  ['unknown-column', 'SELECT nope FROM machines', 'no such column: nope'],
  ['unknown-function', 'SELECT nope()', 'no such function: nope'],
  ['syntax', 'SELEC 1', 'near "SELEC": syntax error'],
  ['invalid', 'INSERT INTO named VALUES (1, 2)', 'cannot modify named because it is a view'],
]

describe('the sentences of refusals', () => {
  const shared = inspector()
  for (const [code, sql, message] of MESSAGES) {
    it(`${code}: ${sql.slice(0, 40)}`, () => {
      const verdict = shared.inspect(sql)
      assert.deepEqual(!verdict.ok && verdict.error, { code, message })
    })
  }

  it('has one for each kind of refusal but those that only another place can meet', () => {
    const told = new Set(MESSAGES.map(([code]) => code))
    const all = new Set(REFUSED.map(([code]) => code))
    assert.deepEqual(
      [...all].filter((code) => !told.has(code)),
      [],
    )
  })
})

describe('loadSchema', () => {
  it('replaces the schema and forgets the verdicts on the old one', () => {
    const made = inspector()
    assert.ok(made.inspect('SELECT app FROM machines').ok)
    made.loadSchema(['CREATE TABLE other (id TEXT PRIMARY KEY NOT NULL)'])
    const verdict = made.inspect('SELECT app FROM machines')
    assert.equal(verdict.ok ? '' : verdict.error.code, 'unknown-table')
    assert.ok(made.inspect('SELECT id FROM other').ok)
    made.close()
  })

  it('says what it could not copy and keeps the rest', () => {
    const made = new Inspector()
    const skipped = made.loadSchema(['CREATE TABLE a (id)', 'CREATE TABLE b (', 'CREATE TABLE trigger (id)'])
    assert.deepEqual(
      skipped.map((definition) => definition.sql),
      ['CREATE TABLE b ('],
    )
    assert.ok(made.inspect('SELECT id FROM a').ok)
    assert.ok(made.inspect('SELECT id FROM trigger').ok)
    made.close()
  })

  it('does not run what it inspects', () => {
    const made = inspector()
    for (const [sql] of WRITES) made.inspect(sql)
    for (const [, ...texts] of REFUSED) for (const sql of texts) made.inspect(sql)
    for (const [sql, reads] of READS) assert.equal(made.inspect(sql).ok, true, `${sql} ${Object.keys(reads)}`)
    made.close()
  })
})
