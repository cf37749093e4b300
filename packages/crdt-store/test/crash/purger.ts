/**
 * The program that purge-crash.test.ts kills: takes a column and a table out of its schema, purges them in slices with writes in
 * between, and brings them back, again and again. Says each changeset when it may leave the host. Goes on until it dies.
 *
 *   purger.ts PATH SEED
 */
import { writeSync } from 'node:fs'
import { Prng, type SqliteValue } from '@patina/base'
import { openStore } from '../../src/index.ts'
import { GONE, NARROW, schemaFiles, WIDE } from './purged-schema.ts'

const IDS = 24

const [path, seed] = process.argv.slice(2) as [string, string]
const prng = new Prng(Number(seed))
const store = openStore({ path, limits: { schemaSliceRowsMax: 1 } })

function commit(sql: string, ...params: SqliteValue[]): void {
  const { commits } = store.transact([[{ sql, params }]])
  const lines = commits.flatMap(({ changesets }) =>
    changesets.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`),
  )
  writeSync(1, lines.join(''))
}

function write(isWide: boolean): void {
  const [id, value] = [`r${prng.below(IDS)}`, BigInt(prng.below(9))]
  const kinds = [
    () => commit('INSERT OR REPLACE INTO t (id, a) VALUES (?, ?)', id, value),
    () => commit('UPDATE t SET a = ? WHERE id >= ?', value, id),
    () => commit('DELETE FROM t WHERE id = ?', id),
    () => commit('UPDATE t SET c = ? WHERE id >= ?', value, id),
    () => commit('INSERT OR REPLACE INTO u VALUES (?, ?)', id, value),
    () => commit('DELETE FROM u WHERE id = ?', id),
  ]
  kinds[prng.below(isWide ? kinds.length : 3)]?.()
}

/** All that is left to do, now and then with a write in between. */
function finish(isWide: boolean): void {
  while (store.schemaSlice() !== undefined) if (prng.chance(1, 8)) write(isWide)
}

/** Every row has something of what goes. */
function fill(): void {
  const ids = `WITH RECURSIVE s (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ${IDS - 1})`
  for (const name of ['t (id, c)', 'u (id, x)'])
    commit(`${ids} INSERT OR REPLACE INTO ${name} SELECT 'r' || i, ? FROM s`, BigInt(prng.below(9)))
}

while (store.schemaSlice() !== undefined);
for (;;) {
  store.applySchema(schemaFiles(WIDE), { allowDestructive: true, pace: 'in-slices' })
  finish(true)
  fill()
  for (let writes = prng.below(4); writes > 0; writes -= 1) write(true)
  store.applySchema(schemaFiles(NARROW), { allowDestructive: true })
  // Whoever counts the time until the kill begins here.
  writeSync(1, '\n')
  for (const request of GONE) store.purge(request)
  finish(false)
}
