import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { err, ok, type PortError, type Result } from '@patina/base'
import type { SchemaReply, SchemaRequest } from '@patina/crdt-store'
import { pino } from 'pino'
import { SchemaReload } from './schema-reload.ts'

interface Fixture {
  readonly schema: SchemaReload
  readonly asked: SchemaRequest[]
  readonly logged: { readonly msg: string }[]
  readonly file: string
}

function fixture(t: TestContext, reply: Result<SchemaReply, PortError>): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'patina-reload-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'schema.sql')
  writeFileSync(file, 'first')
  const asked: SchemaRequest[] = []
  const logged: { readonly msg: string }[] = []
  const store = {
    schema: async (request: SchemaRequest) => {
      asked.push(request)
      return reply
    },
    schemaProgress: async () => err<PortError>({ kind: 'timeout', state: 'unknown', afterMs: 1 }),
    purge: async () => err<PortError>({ kind: 'timeout', state: 'unknown', afterMs: 1 }),
    definitions: async () => err<PortError>({ kind: 'timeout', state: 'unknown', afterMs: 1 }),
  }
  const log = pino({ base: null }, { write: (line: string) => logged.push(JSON.parse(line)) })
  return { schema: new SchemaReload({ paths: [file], store, timeoutMs: 1, log }), asked, logged, file }
}

test('files are read at each call, and each change is in the log', async (t) => {
  const change = { kind: 'column-added', table: 't', column: 'c', sql: 'ALTER …' } as const
  const { schema, asked, logged, file } = fixture(
    t,
    ok({ kind: 'done', changes: [change], kept: [], rebuilt: [] }),
  )
  await schema.diff()
  assert.deepEqual(logged, [])
  writeFileSync(file, 'second')
  await schema.reload()
  await schema.diff({ allowDestructive: true })
  assert.equal(asked.pop()?.allowDestructive, true)
  assert.deepEqual(
    asked.map(({ mode, files }) => [mode, files.map(({ sql }) => sql)]),
    [
      ['diff', ['first']],
      ['apply', ['second']],
    ],
  )
  assert.deepEqual(
    logged.map(({ msg }) => msg),
    ['schema changed', 'schema reloaded'],
  )
})

test('files that cannot be read are a refusal, and the store is not asked', async (t) => {
  const { schema, asked, logged, file } = fixture(t, ok({ kind: 'done', changes: [], kept: [], rebuilt: [] }))
  rmSync(file)
  const outcome = await schema.reload()
  assert.deepEqual([outcome.kind, 'code' in outcome && outcome.code], ['refused', 'unreadable'])
  assert.deepEqual(asked, [])
  assert.equal(logged[0]?.msg, 'the schema was not reloaded: nothing has changed')
})

test('a store that does not answer is not a refusal', async (t) => {
  const { schema } = fixture(t, err({ kind: 'timeout', state: 'unknown', afterMs: 1 }))
  assert.equal((await schema.reload()).kind, 'failed')
  assert.equal(await schema.definitions(), undefined)
  assert.equal(await schema.pending(), undefined)
  assert.equal(await schema.purge({ table: 't', isDry: false }), undefined)
})
