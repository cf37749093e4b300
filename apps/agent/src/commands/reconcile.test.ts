import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type LackedVersions, type SyncComparison } from '@patina/client'
import { compareWhenFree, evenWith } from './reconcile.ts'

const PEER = 'b'.repeat(32)

function lacked(actor: string, first: number, last: number): LackedVersions {
  return { actor, versions: last - first + 1, ranges: [[first, last]] }
}

function rig(answers: readonly (SyncComparison | Error)[]): {
  readonly client: Parameters<typeof evenWith>[0]
  readonly calls: string[]
  readonly told: string[]
  readonly run: (timeoutMs: number) => ReturnType<typeof evenWith>
} {
  const left = [...answers]
  const calls: string[] = []
  const told: string[] = []
  let now = 0
  const sleep = async (ms: number): Promise<void> => {
    now += ms
  }
  const client = {
    compareWith: async () => {
      calls.push('compare')
      const answer = left.length > 1 ? left.shift() : left[0]
      if (answer instanceof Error) throw answer
      return answer as SyncComparison
    },
    reconcile: async () => {
      calls.push('reconcile')
    },
  }
  const run = (timeoutMs: number): ReturnType<typeof evenWith> =>
    evenWith(client, PEER, timeoutMs, (...counts) => told.push(counts.join(' ')), { now: () => now, sleep })
  return { client, calls, told, run }
}

function differs(lacks: LackedVersions[], peerLacks: LackedVersions[] = []): SyncComparison {
  return { peer: PEER, equal: false, lacks, peer_lacks: peerLacks, lost: [], peer_lost: [] }
}

const EQUAL: SyncComparison = { ...differs([]), equal: true }

test('follows what was lacking at the beginning, and not what is written meanwhile', async () => {
  const { run, calls, told } = rig([
    differs([lacked('a', 1, 100)], [lacked('c', 1, 5)]),
    differs([lacked('a', 60, 120)], [lacked('c', 1, 5)]),
    differs([lacked('a', 110, 150)], [lacked('c', 6, 9)]),
  ])
  assert.deepEqual(await run(60_000), { peer: PEER, even: true, lacks: 0, peer_lacks: 0, trouble: null })
  assert.deepEqual(told, ['100 5', '41 5'])
  assert.deepEqual(calls, ['compare', 'reconcile', 'compare', 'compare'])
})

test('is done at once where both hold the same', async () => {
  const { run, calls } = rig([EQUAL])
  assert.equal((await run(0)).even, true)
  assert.deepEqual(calls, ['compare'])
})

test('says how much is left when its time is over', async () => {
  const { run, told } = rig([differs([lacked('a', 1, 3)])])
  assert.deepEqual(await run(2_000), { peer: PEER, even: false, lacks: 3, peer_lacks: 0, trouble: null })
  assert.deepEqual(told, ['3 0'])
})

test('waits for a peer that is busy, and says why nothing can be told of one that is gone', async () => {
  const busy = new ApiError('later', { status: 503, code: 'peer-busy' })
  assert.equal((await rig([busy, busy, EQUAL]).run(60_000)).even, true)
  const silent = new ApiError('has not answered', { status: 504, code: 'peer-silent' })
  assert.equal((await rig([silent, EQUAL]).run(60_000)).even, true)
  const never = rig([differs([lacked('a', 1, 3)]), silent])
  assert.deepEqual(await never.run(2_000), {
    peer: PEER,
    even: false,
    lacks: 3,
    peer_lacks: 0,
    trouble: 'has not answered',
  })
  assert.equal(never.calls.length, 6, 'until its time is over')
  const gone = new ApiError('no connection', { status: 404, code: 'no-session' })
  assert.equal((await rig([gone]).run(1_000)).trouble, 'no connection')
  await assert.rejects(rig([new ApiError('no', { status: 403, code: 'forbidden' })]).run(1_000))
})

test('a comparison is asked for again while the peer is busy, and not for ever', async () => {
  const busy = new ApiError('later', { status: 503, code: 'peer-busy' })
  const asked = (answers: readonly (SyncComparison | Error)[]): Promise<SyncComparison> =>
    compareWhenFree(rig(answers).client, PEER, { sleep: async () => {} })
  assert.equal((await asked([busy, busy, EQUAL])).equal, true)
  await assert.rejects(asked([busy]), busy)
  await assert.rejects(asked([new ApiError('no', { status: 404, code: 'no-session' })]), /no/)
})
