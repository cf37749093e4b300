/** One batch per turn, a bound on batches in flight, an end when the receiver does not read. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { OUTBOX_MESSAGES_MAX, Outbox } from './outbox.ts'

function recorder(): {
  readonly outbox: Outbox<number>
  readonly batches: number[][]
  readonly taken: (() => void)[]
  readonly overflows: () => number
} {
  const batches: number[][] = []
  const taken: (() => void)[] = []
  let overflows = 0
  const outbox = new Outbox<number>(
    (batch, done) => {
      batches.push([...batch])
      taken.push(done)
    },
    () => {
      overflows += 1
    },
  )
  return { outbox, batches, taken, overflows: () => overflows }
}

describe('outbox', () => {
  it('makes one batch of what a turn sends, in order', async () => {
    const { outbox, batches } = recorder()
    for (const message of [1, 2, 3]) outbox.push(message)
    assert.deepEqual(batches, [])
    await nextTurn()
    outbox.push(4)
    await nextTurn()
    assert.deepEqual(batches, [[1, 2, 3], [4]])
  })

  it('holds back while the receiver is behind and goes on in order when it reads', async () => {
    const { outbox, batches, taken } = recorder()
    for (let message = 0; message < 40; message += 1) {
      outbox.push(message)
      await nextTurn()
    }
    const held = batches.length
    assert.ok(held < 40)
    for (const done of taken.splice(0)) done()
    assert.deepEqual(
      batches.flat(),
      Array.from({ length: 40 }, (_, i) => i),
    )
  })

  it('hands over everything at an end in order', async () => {
    const { outbox, batches, taken } = recorder()
    outbox.push(1)
    let ended = false
    outbox.flushAll(() => {
      ended = true
    })
    assert.deepEqual([batches, ended], [[[1]], false])
    for (const done of taken) done()
    assert.equal(ended, true)
    await nextTurn()
    assert.equal(batches.length, 1)
  })

  it('gives up on a receiver that never reads, within its bound', async () => {
    const { outbox, overflows } = recorder()
    for (let batch = 0; batch < 20; batch += 1) {
      outbox.push(batch)
      await nextTurn()
    }
    for (let message = 0; message < OUTBOX_MESSAGES_MAX; message += 1) outbox.push(message)
    assert.ok(overflows() >= 1)
  })
})
