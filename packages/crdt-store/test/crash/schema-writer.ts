/**
 * The program that schema-crash.test.ts kills: draws definitions anew again and again, takes rows along in slices, and writes in
 * between. Says each changeset when it may leave the host. Goes on until it dies.
 *
 *   schema-writer.ts PATH SEED
 */
import { writeSync } from 'node:fs'
import { Prng } from '@patina/base'
import { openStore, SchemaError } from '../../src/index.ts'
import { type DrawnSchema, drawSchema, drawStatement, schemaSql, WIDEST } from '../laws/schema-tables.ts'

const [path, seed] = process.argv.slice(2) as [string, string]
const prng = new Prng(Number(seed))
const store = openStore({ path })
let schema: DrawnSchema = []

function change(next: DrawnSchema): void {
  try {
    store.applySchema([{ name: 'drawn.sql', sql: schemaSql(next) }], {
      pace: 'in-slices',
      allowDestructive: true,
    })
    schema = next
  } catch (cause) {
    // One change of a table at a time.
    if (!(cause instanceof SchemaError && cause.code === 'changing')) throw cause
    store.schemaSlice()
  }
}

function commit(): void {
  if (schema.length === 0) return
  const table = prng.pick(schema)
  const requests = Array.from({ length: 1 + prng.below(3) }, () => [drawStatement(prng, table)])
  const { commits } = store.transact(requests)
  const lines = commits.flatMap(({ changesets }) =>
    changesets.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`),
  )
  writeSync(1, lines.join(''))
}

while (schema.length === 0) change(WIDEST)
writeSync(1, '\n')
for (;;) {
  for (let writes = prng.below(4); writes > 0; writes -= 1) commit()
  if (prng.chance(1, 4)) change(drawSchema(prng))
  for (let slices = prng.below(3); slices > 0; slices -= 1) store.schemaSlice()
}
