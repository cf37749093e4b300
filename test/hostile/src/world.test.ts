/**
 * Generated statements against a store and a reader in process, of the same seeds at each push: what judges them reads words, and
 * a text that is legal in a way that nobody thought of must not stop somebody else's work. main.ts draws fresh ones.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GROWN } from './generate.ts'
import { attack, STATEMENTS_PER_SEED, World } from './world.ts'

const STATEMENTS = 10_000

test('10,000 hostile statements: each is refused with a word, or legal; nothing but rows of the own tables changes', async () => {
  let [statements, written, read] = [0, 0, 0]
  const codes = new Set<string>()
  for (let seed = 1; statements < STATEMENTS; seed += 1) {
    const tally = await attack(seed)
    statements += tally.statements
    written += tally.written
    read += tally.read
    for (const code of tally.refusals.keys()) codes.add(code)
  }
  assert.ok(statements >= STATEMENTS && statements % STATEMENTS_PER_SEED === 0)
  // The generator still makes what it is for: a world that refuses everything would pass, too.
  assert.ok(written > 200 && read > 200, `${written} written, ${read} read`)
  const kinds = [
    'attach',
    'bad-text',
    'ddl',
    'detach',
    'extension',
    'internal-table',
    'multiple-statements',
    'pragma',
  ]
  for (const code of [...kinds, 'transaction-control', 'vacuum']) assert.ok(codes.has(code), code)
})

/** A little below what a text may have (packages/sqlite, SQL_CHARS_MAX). */
const LARGE_CHARS = 1_040_000

test('texts of 1 MiB, deep, wide and many: refused with a word, or done; nothing else changes', async () => {
  const world = new World()
  for (const grow of GROWN) {
    const perTime = (grow(69).length - grow(9).length) / 60
    const sql = grow(Math.floor(LARGE_CHARS / perTime))
    await world.suffer({ sql, family: 'grown', expect: 'any', code: undefined })
  }
  world.look()
  world.compare()
  await world.close()
})
