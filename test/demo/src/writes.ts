/** Writes: rows and changes of the reference fleet as SQL statements, and many of them at a time through one agent. */

import type { AgentApi, Statement } from '@patina/test-cluster'
import type { Change, Machine } from '@patina/test-data'

const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const UPDATE = 'UPDATE machines SET state = ?, updated = ? WHERE id = ?'
const DELETE = 'DELETE FROM machines WHERE id = ?'

export function insertOf({ id, app, region, node, addr, port, state, updated }: Machine): Statement {
  return [INSERT, [id, app, region, node, addr, port, state, updated]]
}

export function statementOf(change: Change): Statement {
  if (change.kind === 'new') return insertOf(change.machine)
  return change.kind === 'gone' ? [DELETE, [change.id]] : [UPDATE, [change.state, change.updated, change.id]]
}

/** Cuts the items into arrays of `size`; the last may be shorter. */
export function* batches<T>(items: Iterable<T>, size: number): IterableIterator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Sends each transaction, at most `width` at a time, and tells how many statements each had when it is answered. */
export async function executeAll(
  api: Pick<AgentApi, 'execute'>,
  transactions: Iterable<readonly Statement[]>,
  width: number,
  answered: (statements: number) => void = () => {},
): Promise<void> {
  const queue = transactions[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      await api.execute(next.value)
      answered(next.value.length)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}
