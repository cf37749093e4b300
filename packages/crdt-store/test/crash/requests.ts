/** Random requests of the programs that are killed: few rows, so that they meet; now and then a large value. */
import type { Prng } from '@patina/base'
import type { LocalRequest } from '../../src/index.ts'

const IDS = 24

/** On the tables of test/two-stores.ts. */
export function randomRequest(prng: Prng): LocalRequest {
  const id = (): string => `m${prng.below(IDS)}`
  const text = (): string => 'x'.repeat(prng.below(prng.chance(1, 8) ? 3_000 : 12)) + prng.below(9)
  const statements = [
    {
      sql: 'INSERT OR REPLACE INTO machines (id, app, port) VALUES (?, ?, ?)',
      params: [id(), text(), BigInt(prng.below(99))],
    },
    { sql: 'UPDATE machines SET app = ?, load = ? WHERE id = ?', params: [text(), prng.below(9) / 2, id()] },
    { sql: 'UPDATE machines SET region = ? WHERE id > ?', params: [text(), id()] },
    { sql: 'DELETE FROM machines WHERE id = ?', params: [id()] },
    { sql: 'INSERT OR IGNORE INTO tags VALUES (?, ?)', params: [`t${prng.below(4)}`, id()] },
    { sql: 'DELETE FROM tags WHERE machine = ?', params: [id()] },
    { sql: 'UPDATE machines SET id = ? WHERE id = ?', params: [id(), id()] },
  ]
  return Array.from({ length: 1 + prng.below(3) }, () => prng.pick(statements))
}
