import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANES, type Lane } from '@patina/base'
import fc from 'fast-check'
import { decodeFrame, MessageJoiner } from './framing.ts'
import { LaneQueues } from './lane-queues.ts'
import { limits } from './limits.ts'

/** Lane and first byte of each message, in the order in which they are complete at the other end. */
function drain(queues: LaneQueues): string[] {
  const joiner = new MessageJoiner()
  const arrived: string[] = []
  for (let bytes = queues.shiftFrame(); bytes !== undefined; bytes = queues.shiftFrame()) {
    const frame = decodeFrame(bytes)
    assert.ok(frame.ok)
    const added = joiner.add(frame.value)
    assert.ok(added.ok)
    if (added.value !== undefined) arrived.push(`${frame.value.lane} ${added.value[0]}`)
  }
  return arrived
}

test('higher lanes go first, a lane keeps its order', () => {
  const pushes = fc.array(fc.tuple(fc.constantFrom(...LANES), fc.nat(255)), { maxLength: 40 })
  fc.assert(
    fc.property(pushes, (messages) => {
      const queues = new LaneQueues()
      for (const [lane, id] of messages) assert.equal(queues.push(lane, Uint8Array.of(id)), true)
      const ordered = LANES.flatMap((lane) => messages.filter(([of]) => of === lane))
      assert.deepEqual(
        drain(queues),
        ordered.map(([lane, id]) => `${lane} ${id}`),
      )
      assert.equal(queues.isEmpty, true)
    }),
  )
})

test('what goes first in its lane goes before what has not begun, in its own order; the begun message is finished', () => {
  const push = fc.record({
    lane: fc.constantFrom(...LANES),
    id: fc.nat(255),
    first: fc.boolean(),
    long: fc.boolean(),
  })
  const steps = fc.array(fc.oneof(push, fc.constant('frame' as const)), { maxLength: 40 })
  fc.assert(
    fc.property(steps, (walk) => {
      const queues = new LaneQueues()
      const joiner = new MessageJoiner()
      /** Per lane what waits, in the order in which it should leave; the begun one is out of it. */
      const waiting = new Map(LANES.map((lane) => [lane, { first: [] as number[], rest: [] as number[] }]))
      const begun = new Map<Lane, number>()
      const take = (bytes: Uint8Array): void => {
        const frame = decodeFrame(bytes)
        assert.ok(frame.ok)
        const { lane } = frame.value
        const lanes = waiting.get(lane) as { first: number[]; rest: number[] }
        if (!begun.has(lane))
          begun.set(lane, (lanes.first.length > 0 ? lanes.first : lanes.rest).shift() as number)
        const added = joiner.add(frame.value)
        assert.ok(added.ok)
        if (added.value === undefined) return
        assert.equal(added.value[0], begun.get(lane))
        begun.delete(lane)
      }
      for (const step of walk) {
        const bytes = step === 'frame' ? queues.shiftFrame() : undefined
        if (bytes !== undefined) take(bytes)
        if (step === 'frame') continue
        const message = new Uint8Array(step.long ? 150_000 : 1).fill(step.id)
        assert.ok(queues.push(step.lane, message, step.first ? 'first' : 'in-turn'))
        waiting.get(step.lane)?.[step.first ? 'first' : 'rest'].push(step.id)
      }
      for (let bytes = queues.shiftFrame(); bytes !== undefined; bytes = queues.shiftFrame()) take(bytes)
      assert.equal(queues.isEmpty, true)
      assert.ok([...waiting.values()].every(({ first, rest }) => first.length + rest.length === 0))
    }),
  )
})

test('a long message is overtaken between its frames and then goes on', () => {
  const queues = new LaneQueues()
  queues.push('backlog', new Uint8Array(300_000).fill(1))
  const first = decodeFrame(queues.shiftFrame() as Uint8Array)
  assert.equal(first.ok && first.value.kind, 'first')
  queues.push('control', Uint8Array.of(2))
  const urgent = decodeFrame(queues.shiftFrame() as Uint8Array)
  assert.equal(urgent.ok && urgent.value.lane, 'control' satisfies Lane)
  const rest = decodeFrame(queues.shiftFrame() as Uint8Array)
  assert.equal(rest.ok && rest.value.kind, 'next')
})

test('the bound holds in bytes and in number, and room comes back', () => {
  const queues = new LaneQueues()
  const large = new Uint8Array(limits.messageBytesMax)
  let accepted = 0
  while (queues.push('backlog', large)) accepted += 1
  assert.equal(accepted, 2)
  assert.ok(queues.bytes <= limits.sessionQueueBytesMax)
  let small = 0
  while (queues.push('fresh', new Uint8Array(0))) small += 1
  assert.ok(small < limits.sessionQueueBytesMax / limits.queuedMessageOverheadBytes)
  queues.shiftFrame()
  assert.equal(queues.push('fresh', new Uint8Array(0)), true)
})

test('a backlog that nobody takes leaves room for each more urgent lane', () => {
  const queues = new LaneQueues()
  const message = new Uint8Array(1_000_000)
  const accepted = LANES.toReversed().map((lane) => {
    let count = 0
    while (queues.push(lane, message)) count += 1
    return `${lane} ${count}`
  })
  assert.deepEqual(accepted, ['backlog 54', 'repair 4', 'fresh 4', 'control 5'])
  assert.equal(queues.push('control', message), false)
})

test('a lane apart: the others go without it, and what was begun can begin anew', () => {
  const queues = new LaneQueues()
  queues.push('backlog', new Uint8Array(100_000))
  queues.push('repair', Uint8Array.of(1))
  assert.equal(laneOf(queues.shiftFrame('urgent')), 'whole repair')
  assert.equal(queues.shiftFrame('urgent'), undefined)
  assert.equal(queues.hasBacklog, true)
  assert.equal(laneOf(queues.shiftFrame('backlog')), 'first backlog')
  queues.restart('backlog')
  assert.equal(laneOf(queues.shiftFrame('all')), 'first backlog')
  assert.equal(laneOf(queues.shiftFrame('backlog')), 'next backlog')
  assert.deepEqual([queues.hasBacklog, queues.isEmpty], [false, true])
})

function laneOf(bytes: Uint8Array | undefined): string {
  const frame = decodeFrame(bytes as Uint8Array)
  assert.ok(frame.ok)
  return `${frame.value.kind} ${frame.value.lane}`
}
