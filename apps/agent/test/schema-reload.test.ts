/** The schema of a running agent: by signal and by command, seen by writers, readers and live results without a restart. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentUnderTest, runPatina, temporaryFolder, writeConfig } from './agent-under-test.ts'

const BEFORE = 'CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, n INTEGER);'
const AFTER = `CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, n INTEGER, zone TEXT NOT NULL DEFAULT 'ams');
  CREATE INDEX by_zone ON items (zone);
  CREATE VIEW zones AS SELECT zone, count(*) AS n FROM items GROUP BY zone;
  CREATE VIEW alive AS SELECT name FROM patina_members WHERE state = 'alive';`

async function lines(response: Response): Promise<AsyncIterator<string>> {
  assert.equal(response.status, 200)
  async function* read(): AsyncGenerator<string> {
    let rest = ''
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      const parts = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = parts.pop() as string
      yield* parts.filter((line) => line !== '')
    }
  }
  return read()
}

async function nextLine(stream: AsyncIterator<string>): Promise<string> {
  const { value } = await stream.next()
  return String(value)
}

test('a schema is reloaded by command and by SIGHUP; a bad one changes nothing and says why', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(t, writeConfig(folder, '', BEFORE))
  const api = `--api-addr=${new URL(agent.base).host}`
  const files = (sql: string): void => writeFileSync(join(folder, 'schema.sql'), sql)
  const write = async (sql: string): Promise<number> =>
    (await agent.post('/v1/transactions', JSON.stringify([sql]))).status
  assert.equal(await write("INSERT INTO items VALUES ('a', 1)"), 200)
  const kept = await lines(await agent.post('/v1/subscriptions', '"SELECT id, n FROM items"'))
  const all = await lines(await agent.post('/v1/subscriptions', '"SELECT * FROM items"'))
  for (const stream of [kept, all]) for (let line = 0; line < 3; line += 1) await nextLine(stream)

  files(AFTER.replace(" DEFAULT 'ams'", ''))
  const refused = await runPatina(['schema', 'reload', api])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /schema\.sql:1: table items: column zone is NOT NULL without DEFAULT/)
  agent.process.kill('SIGHUP')
  assert.match(
    String((await agent.logged('the schema was not reloaded: nothing has changed')).reason),
    /zone/,
  )
  assert.equal(await write("UPDATE items SET n = 2 WHERE id = 'a'"), 200)
  for (const stream of [kept, all])
    assert.match(await nextLine(stream), /"change":\["update",1,\["a",2\],1\]/)

  files(AFTER)
  const diff = await runPatina(['schema', 'diff', api])
  assert.deepEqual(
    diff.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0]),
    ['+ column items.zone', '+ index items.by_zone', '+ view alive', '+ view zones'],
  )
  assert.equal(await write("UPDATE items SET zone = 'x'"), 500)
  const reload = await runPatina(['schema', 'reload', '--json', api])
  assert.deepEqual(
    JSON.parse(reload.stdout).changes.map(({ kind }: { kind: string }) => kind),
    ['column-added', 'index-created', 'view-created', 'view-created'],
  )
  // Live results: the one whose columns changed ends, the other goes on. Nobody has written anything.
  assert.match(await nextLine(all), /schema_changed/)
  assert.equal(await write("INSERT INTO items VALUES ('b', 3, 'fra')"), 200)
  assert.match(await nextLine(kept), /"change":\["insert",2,\["b",3\],2\]/)
  assert.deepEqual((await agent.query('SELECT * FROM zones ORDER BY zone')).slice(1, 3), [
    '{"row":[1,["ams",1]]}',
    '{"row":[2,["fra",1]]}',
  ])
  assert.match((await agent.query('SELECT count(*) FROM alive'))[1] ?? '', /\[1,\[1\]\]/)
  const shown = (await (await fetch(`${agent.base}/v1/schema`)).json()) as { definitions: string[] }
  assert.ok(shown.definitions.some((sql) => sql.startsWith('CREATE VIEW "zones"')))
  assert.equal(await write('INSERT INTO items (id, n) SELECT zone, n FROM zones'), 200)

  files(BEFORE)
  agent.process.kill('SIGHUP')
  await agent.logged('schema reloaded')
  const again = await runPatina(['schema', 'diff', api])
  assert.match(
    again.stdout,
    /^(?:no changes|- )[\s\S]*= column items\.zone: no schema file names it; it is kept/,
  )
  await agent.stop()
})

test('a store that is restarted keeps the schema, whatever became of the files', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(
    t,
    writeConfig(
      folder,
      'limits = { transaction_timeout_secs = 1 }',
      `${BEFORE} CREATE VIEW v AS SELECT id FROM items;`,
    ),
  )
  writeFileSync(join(folder, 'schema.sql'), 'CREATE TABLE items (')
  const endless =
    'INSERT INTO items WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x), 1 FROM c'
  assert.equal((await agent.post('/v1/transactions', JSON.stringify([endless]))).status, 500)
  await agent.logged('the store is back')
  const insert = await agent.post(
    '/v1/transactions',
    JSON.stringify(["INSERT INTO items SELECT 'a', count(*) FROM v"]),
  )
  assert.equal(insert.status, 200)
  await agent.stop()
})

test('schema check needs no agent', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'a.sql'), AFTER)
  assert.deepEqual(await runPatina(['schema', 'check', folder]), {
    code: 0,
    stdout: '1 tables and 2 views: a schema\n',
    stderr: '',
  })
  writeFileSync(join(folder, 'b.sql'), '\nCREATE TABLE u (id TEXT);')
  const refused = await runPatina(['schema', 'check', folder])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /b\.sql:2: table u: it has no PRIMARY KEY/)
})

test('columns and tables go by command, told before and while it is done; then what is left of them is purged', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(
    t,
    writeConfig(folder, '', `${BEFORE} CREATE TABLE old (id INTEGER PRIMARY KEY);`),
  )
  const api = `--api-addr=${new URL(agent.base).host}`
  const write = async (...sql: string[]): Promise<number> =>
    (await agent.post('/v1/transactions', JSON.stringify(sql))).status
  assert.equal(await write("INSERT INTO items VALUES ('a', 1), ('b', 2)", 'INSERT INTO old VALUES (1)'), 200)
  writeFileSync(join(folder, 'schema.sql'), 'CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY);')
  const kept = await runPatina(['schema', 'reload', api])
  assert.match(kept.stdout, /^no changes\n= column items\.n: .*\n= table old: /)

  const reload = await runPatina(['schema', 'reload', '--allow-destructive', api])
  assert.equal(reload.code, 0, reload.stderr)
  assert.equal(
    reload.stdout,
    '- table old\n- column items.n\n  table items: its rows are copied in slices; the change shows when all are\n',
  )
  assert.deepEqual(await agent.query('SELECT * FROM items').then((lines) => lines.slice(1, 3)), [
    '{"row":[1,["a"]]}',
    '{"row":[2,["b"]]}',
  ])
  assert.equal(await write("UPDATE items SET n = 3 WHERE id = 'a'"), 500)
  assert.equal(await write("INSERT INTO items VALUES ('c')"), 200)

  const dry = await runPatina(['store', 'purge', 'items.n', '--dry-run', api])
  assert.equal(dry.stdout, 'would forget 2 cells and 0 rows of items.n\n')
  const all = 'forget 2 cells and 0 rows of items\nwould forget 0 cells and 1 rows of old\n'
  const asked = await runPatina(['store', 'purge', api])
  assert.deepEqual(
    [asked.stdout, asked.stderr],
    [`would ${all}`, 'nothing is done yet; --yes forgets all of it\n'],
  )
  assert.equal((await runPatina(['store', 'purge', '--dry-run', '--yes', api])).stdout, `would ${all}`)
  assert.equal((await runPatina(['store', 'purge', 'items', api])).code, 0)
  const rest = await runPatina(['store', 'purge', '--yes', '--json', api])
  assert.equal(rest.stdout, '[{"table":"old","cells":0,"rows":1,"complete":true}]\n')
  const none = await runPatina(['store', 'purge', '--yes', api])
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'there is nothing that the schema lacks\n'])
  assert.match(
    (await runPatina(['store', 'purge', 'old', '--json', '--dry-run', api])).stdout,
    /"cells":0,"rows":0/,
  )
  const refused = await runPatina(['store', 'purge', 'items.id', api])
  assert.deepEqual([refused.code, /items\.id is in the schema of this node/.test(refused.stderr)], [1, true])
  await agent.stop()
})
