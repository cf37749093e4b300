import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore, type Store } from '@patina/crdt-store'
import { actorOf } from '../host.ts'
import { WORKLOAD_SCHEMAS } from '../workload.ts'
import { agree, differing, knowledgeOf, rowsOf, stampsOf } from './agreement.ts'

function newStore(node: number): Store {
  const store = openStore({ path: ':memory:', newActor: () => actorOf(node, 0) })
  for (const files of WORKLOAD_SCHEMAS) store.applySchema(files)
  return store
}

/** Writes in one store, and brings it to the others. */
function write(sql: string, [at, ...others]: readonly Store[]): void {
  const changesets =
    at?.transact([[{ sql, params: [] }]]).commits.flatMap((commit) => commit.changesets) ?? []
  for (const other of others) other.apply(changesets)
}

test('how many texts are not as the first', () => {
  assert.equal(differing([]), 0)
  assert.equal(differing(['a', 'b', 'a', 'c']), 2)
})

test('copies agree by rows, stamps and knowledge, though their files number actors and columns otherwise', () => {
  const [a, b] = [newStore(0), newStore(1)]
  write("INSERT INTO places (name, floor, size) VALUES ('hall', 1, 0.5)", [b, a])
  write("INSERT INTO things (id, name) VALUES (1, 'x'), (2, 'y')", [a, b])
  write("UPDATE things SET note = 'n' WHERE id = 1", [b, a])
  write('DELETE FROM things WHERE id = 2', [a, b])
  assert.ok(agree([a, b]))
  assert.equal(stampsOf(a), stampsOf(b))
  assert.match(stampsOf(a), /^things i2 2 /m, 'rows that are gone have a clock')
  assert.match(rowsOf(a), /^places thall\|i1\|tnull\|r0.5$/m)
})

test('who wrote a cell is a difference, where the rows are the same', () => {
  const [a, b] = [newStore(0), newStore(1)]
  for (const store of [a, b]) write("INSERT INTO things (id, name) VALUES (1, 'x')", [store])
  assert.equal(rowsOf(a), rowsOf(b))
  assert.notEqual(stampsOf(a), stampsOf(b))
  assert.notEqual(knowledgeOf(a), knowledgeOf(b))
  assert.ok(!agree([a, b]))
})
