/** Stores in memory or in a folder of their own, for tests: open, write, carry changesets, compare. */
import assert from 'node:assert/strict'
import type { SqliteValue } from '@patina/base'
import { openStore, type Store, type StoreOptions, type TransactReply } from '../src/index.ts'

export const SCHEMA = `
  CREATE TABLE machines (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL DEFAULT '',
    region TEXT,
    port INTEGER,
    load REAL,
    extra
  );
  CREATE TABLE tags (name TEXT NOT NULL, machine TEXT NOT NULL, PRIMARY KEY (name, machine)) WITHOUT ROWID;
  CREATE INDEX machines_app ON machines (app);
`

/** A store with the schema of these tests, its clock at a fixed start. */
export function newStore(options: Partial<StoreOptions> = {}): Store {
  let micros = 1_700_000_000_000_000
  const store = openStore({ path: ':memory:', nowMicros: () => (micros += 1000), ...options })
  store.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  return store
}

/** Runs one request and expects it to commit; returns its changesets. */
export function write(store: Store, sql: string, ...params: SqliteValue[]): readonly Uint8Array[] {
  const { replies, commits } = store.transact([[{ sql, params }]])
  assert.equal(replies[0]?.kind, 'committed', JSON.stringify(replies[0]))
  return commits.flatMap(({ changesets }) => changesets)
}

export function reply(store: Store, sql: string, ...params: SqliteValue[]): TransactReply {
  const [only] = store.transact([[{ sql, params }]]).replies
  assert.ok(only)
  return only
}

export function rows(store: Store, sql: string): unknown[] {
  return store.database.prepare(sql).raw().all()
}

/** User tables, clocks with actors by id, and knowledge: what equal stores share. */
export function contents(store: Store): unknown {
  const actors = new Map(
    rows(store, 'SELECT ord, hex(actor) FROM __patina_actors').map((row) => row as [bigint, string]),
  )
  return {
    machines: rows(store, 'SELECT * FROM machines ORDER BY id'),
    tags: rows(store, 'SELECT * FROM tags ORDER BY name, machine'),
    stamps: ['machines', 'tags'].map((table) => stampsOf(store, table, actors)),
  }
}

/** Everything of `from` that `to` lacks, as sync would carry it. */
export function pull(to: Store, from: Store): void {
  const needs = from
    .knowledge()
    .map(({ actor, have }) => ({ kind: 'versions' as const, actor, versions: have }))
  const { changesets, cleared, basis } = from.serve(needs, Number.MAX_SAFE_INTEGER)
  to.apply(changesets, { cleared, basis })
}

function stampsOf(store: Store, table: string, actors: ReadonlyMap<bigint, string>): unknown[] {
  const keys = table === 'machines' ? 'k0' : 'k0, k1'
  return rows(
    store,
    `SELECT ${keys}, cl, actor, version, width, cells FROM ${table}__patina_clock ORDER BY ${keys}`,
  ).map((row) => {
    const values = row as SqliteValue[]
    const [cl, actor, version, width, cells] = values.slice(-5)
    return [
      ...values.slice(0, -5),
      cl,
      actors.get(actor as bigint),
      version,
      ...stampList(width, cells, { actors, actor, version }),
    ]
  })
}

function stampList(
  width: unknown,
  cells: unknown,
  owner: { readonly actors: ReadonlyMap<bigint, string>; readonly actor: unknown; readonly version: unknown },
): unknown[] {
  const { actors } = owner
  if (cells === null)
    return Array.from({ length: Number(width) }, (_, column) => [
      column,
      1,
      actors.get(owner.actor as bigint),
      Number(owner.version),
    ])
  const numbers = varints(cells as Uint8Array)
  const list: unknown[] = []
  for (let i = 0; i < numbers.length; i += 4)
    list.push([numbers[i], numbers[i + 1], actors.get(BigInt(numbers[i + 2] as number)), numbers[i + 3]])
  return list
}

/** LEB128, written anew so that the test does not trust the code it tests. */
export function varints(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let [value, scale] = [0, 1]
  for (const byte of bytes) {
    value += (byte & 127) * scale
    scale *= 128
    if (byte < 128) {
      numbers.push(value)
      ;[value, scale] = [0, 1]
    }
  }
  return numbers
}
