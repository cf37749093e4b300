import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WalGuard } from './wal-guard.ts'
import type { OldestSnapshot } from './wal-holders.ts'

interface Rig {
  readonly cut: string[]
  readonly named: unknown[]
  readonly held: (...seen: (OldestSnapshot | undefined)[]) => void
}

/** Readers are process 1, live-query process 2; each second shows one snapshot. */
function rig(hasQueries = true): Rig {
  const cut: string[] = []
  const named: unknown[] = []
  let snapshot: OldestSnapshot | undefined
  const guard = new WalGuard({
    holders: {
      readers: { pids: () => [1], cutOldest: () => hasQueries },
      'live-query': { pids: () => [2], cutOldest: () => true },
    },
    oldestSnapshot: () => snapshot,
    log: { tell: (_level, kind, fields) => kind === 'wal-foreign' && named.push(fields) },
    onCut: (role) => cut.push(role),
  })
  const held = (...seen: (OldestSnapshot | undefined)[]): void => {
    for (const next of seen) {
      snapshot = next
      guard.held(900)
    }
  }
  return { cut, named, held }
}

test('who has the same oldest snapshot a second later is cut, and nobody else', () => {
  const { cut, held } = rig()
  held({ mark: 7, pids: [1] }, { mark: 9, pids: [1, 2] })
  assert.deepEqual(cut, [])
  held({ mark: 9, pids: [2] })
  assert.deepEqual(cut, ['live-query'])
})

test('who only shared its slot for a moment is left alone', () => {
  const { cut, held } = rig()
  held({ mark: 7, pids: [1, 2] }, { mark: 7, pids: [2] })
  assert.deepEqual(cut, ['live-query'])
})

test('a program of somebody else is named', () => {
  const { cut, named, held } = rig()
  held({ mark: 7, pids: [77] }, { mark: 7, pids: [77] })
  assert.deepEqual([cut, named], [[], [{ pids: [77], walBytes: 900, mark: 7 }]])
})

test('where the system does not tell, the readers are cut first, then live-query', () => {
  const { cut, held } = rig()
  held(undefined)
  assert.deepEqual(cut, [])
  held(undefined)
  assert.deepEqual(cut, ['readers'])
  const idle = rig(false)
  idle.held(undefined, undefined)
  assert.deepEqual(idle.cut, ['live-query'])
})
