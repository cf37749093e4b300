/** @patina/client and `patina watch` in front of a real agent: here, because a package may not use an app. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { type Client, createClient } from '@patina/client'
import { AgentUnderTest, MAIN, temporaryFolder, writeConfig } from './agent-under-test.ts'

test('the client in front of a real agent', async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const address = agent.base.slice('http://'.length)
  // Nobody listens at the first address, so every call has to find the second.
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const { port } = nobody.address() as AddressInfo
  await new Promise((resolve) => nobody.close(resolve))
  const client: Client = createClient({ addresses: [`127.0.0.1:${port}`, address], stickyMs: 0 })

  await t.test('values go there and come back, exact', async () => {
    const values = ['exact', 2n ** 63n - 1n, 1.5, new Uint8Array([0, 255]), 'ü😀']
    const insert = 'INSERT INTO items (id, n, r, b, t) VALUES (?, ?, ?, ?, ?)'
    const { results, version, actor } = await client.execute([[insert, values]])
    assert.deepEqual([results.length, results[0]?.rowsAffected, typeof version], [1, 1, 'number'])
    assert.match(actor, /^[0-9a-f]{32}$/)
    const sql = 'SELECT * FROM items WHERE id = :id'
    const options = { integers: 'bigint', blobs: 'bytes' } as const
    assert.deepEqual(await client.query(sql, { ':id': 'exact' }, options).all(), [values])
    const [row] = await client.query(sql, { ':id': 'exact' }, { ...options, as: 'objects' }).all()
    assert.equal(row?.n, 2n ** 63n - 1n)
    await assert.rejects(client.query(sql, { ':id': 'exact' }).all(), { name: 'IntegerRangeError' })
  })

  await t.test('it is ready: it has nobody to join', async () => {
    assert.equal(await client.isReady(), true)
  })

  await t.test('the same write again is no version', async () => {
    const same = [['UPDATE items SET r = 1.5 WHERE id = ?', ['exact']]] as const
    assert.equal((await client.execute(same)).version, null)
  })

  await t.test('many rows, some of them, and none', async () => {
    const numbers = 'WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT i FROM s'
    assert.equal((await client.query(`${numbers} LIMIT 20000`).all()).length, 20_000)
    let rows = 0
    for await (const [i] of client.query(numbers)) {
      rows += 1
      assert.equal(i, rows)
      if (rows === 1_000) break
    }
    assert.deepEqual(await client.query('SELECT 1 WHERE 0').all(), [])
  })

  await t.test('what one transaction changes of a live result is one batch', async () => {
    const sql = "SELECT id FROM items WHERE id LIKE 'many%'"
    const many = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000)
      INSERT INTO items (id) SELECT 'many' || i FROM s`
    const writes = [many, "DELETE FROM items WHERE id LIKE 'many%'"]
    const sizes: number[] = []
    for await (const event of client.subscribe(sql).batches()) {
      if (event.kind === 'changes') sizes.push(event.changes.length)
      if (sizes.length === 2) break
      if (event.kind === 'eoq' || event.kind === 'changes') await client.execute([writes.shift() as string])
    }
    assert.deepEqual(sizes, [3_000, 3_000])
  })

  await t.test('refusals with status and code', async () => {
    const cases = [
      [() => client.query('SELECT nothing').all(), 400, undefined],
      [() => client.query('DELETE FROM items').all(), 400, 'not-read-only'],
      [() => client.execute(['BEGIN']), 400, 'transaction-control'],
      [() => client.execute([]), 400, 'no-statement'],
      [() => client.execute(['INSERT INTO nowhere VALUES (1)']), 500, 'unknown-table'],
    ] as const
    for (const [call, status, code] of cases)
      await assert.rejects(call, (cause: { readonly status?: number; readonly code?: string }) => {
        assert.equal(cause.status, status)
        return code === undefined || cause.code === code
      })
  })

  await t.test("a deadline at the agent, and the caller's abort", async () => {
    const endless = 'WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT max(i) FROM s'
    await assert.rejects(client.query(endless, [], { timeout: 1 }).all(), { code: 'timeout' })
    await assert.rejects(client.query(endless, [], { signal: AbortSignal.timeout(50) }).all(), {
      name: 'TimeoutError',
    })
  })

  await t.test('members, and a watch of them', async () => {
    const [self, ...others] = await client.members()
    assert.deepEqual([self?.self, self?.state, others.length], [true, 'alive', 0])
    for await (const members of client.watchMembers()) {
      assert.deepEqual(members, [self])
      break
    }
  })

  await t.test('the example of the README runs', () => {
    const readme = readFileSync(new URL('../../../packages/client/README.md', import.meta.url), 'utf8')
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? assert.fail('there is no example')
    const source = example.replace('127.0.0.1:8080', address)
    assert.notEqual(source, example)
    const flags = ['--conditions=@patina/source', '--input-type=module-typescript', '--eval', source]
    const cwd = new URL('..', import.meta.url)
    const { stdout, stderr, status } = spawnSync(process.execPath, flags, { encoding: 'utf8', cwd })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^written as version \d+\n/)
    assert.match(stdout, /\nb 1152921504606846976n\n/)
    assert.match(stdout, / alive\n$/)
  })
})

test('patina watch prints the result and each change, until Ctrl-C ends it with 0', async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const address = agent.base.slice('http://'.length)
  const args = [
    '--conditions=@patina/source',
    MAIN,
    'watch',
    '--api-addr',
    address,
    'SELECT id, n FROM items',
  ]
  const watch = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => watch.kill('SIGKILL'))
  const client = createClient({ addresses: address })
  let out = ''
  for await (const text of watch.stdout.setEncoding('utf8')) {
    out += text
    if (out === 'columns|id|n\neoq|0\n')
      await client.execute([['INSERT INTO items (id, n) VALUES (?, ?)', ['a', 1n]]])
    if (out.endsWith('insert|a|1\n')) watch.kill('SIGINT')
  }
  assert.equal(out, 'columns|id|n\neoq|0\ninsert|a|1\n')
  if (watch.exitCode === null) await once(watch, 'exit')
  assert.deepEqual([watch.exitCode, watch.signalCode], [0, null])
})
