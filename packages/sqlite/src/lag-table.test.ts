import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type LagRow, LagTable } from './lag-table.ts'
import { MembersTable } from './members-table.ts'
import { openDatabase, openReader } from './open.ts'

test('lag is a table of the connection beside the members, and says which columns of it differ', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-lag-'))
  const writer = openDatabase(join(folder, 'a.db'))
  const db = openReader(join(folder, 'a.db'))
  t.after(() => {
    db.close()
    writer.close()
    rmSync(folder, { recursive: true })
  })
  const [lag, members] = [new LagTable(db), new MembersTable(db)]
  members.set([['a', 'ams-1', '10.0.0.1:1', 'alive', 'ams', '{}', null, 0n]])
  const rows: LagRow[] = [
    ['a', 7n, 0n, 0n],
    ['b', 3n, 2n, null],
  ]
  assert.deepEqual(lag.set(rows), { table: 'patina_lag', columns: 'all' })
  assert.equal(lag.set([...rows]), undefined)
  assert.deepEqual(lag.set([['a', 7n, 0n, 4_000n], rows[1] as LagRow])?.columns, ['age_ms'])
  const joined = db
    .prepare('SELECT name, version, behind, age_ms FROM patina_lag JOIN patina_members USING (actor)')
    .raw()
    .all()
  assert.deepEqual(joined, [['ams-1', 7n, 0n, 4_000n]])
  assert.throws(() => db.exec('DELETE FROM patina_lag'), /readonly|query/i)
})
