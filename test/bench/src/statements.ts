/** Statements: what the benchmarks of agents send: rows of the reference fleet, one-row writes and one-row reads. */
import type { Statement } from '@patina/test-cluster'
import { Fleet, type Machine } from '@patina/test-data'

const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const SEED = 1

export function machines(count: number): Machine[] {
  return [...new Fleet({ seed: SEED, instances: count }).rows()]
}

/** Transactions of `size` inserts each. */
export function loads(rows: readonly Machine[], size: number): Statement[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) =>
    rows.slice(at * size, (at + 1) * size).map(insertOf),
  )
}

/** A write that changes its row each time: `moment` was never there before. */
export function touch({ id }: Machine, moment: number): Statement {
  return ['UPDATE machines SET state = ?, updated = ? WHERE id = ?', ['started', moment, id]]
}

export function read({ id }: Machine): Statement {
  return ['SELECT state, updated FROM machines WHERE id = ?', [id]]
}

export function insertOf({ id, app, region, node, addr, port, state, updated }: Machine): Statement {
  return [INSERT, [id, app, region, node, addr, port, state, updated]]
}
