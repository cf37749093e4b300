import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instant } from '@patina/base'
import { NEVER } from '@patina/base'
import { RANK } from './event-heap.ts'
import type { FleetEvent } from './fleet-event.ts'
import { addressOf } from './host.ts'
import { type Machine, Process } from './process.ts'
import { World } from './world.ts'

/** Wants to be woken every `periodMs`, and notes what it is handed. */
class Recorder implements Machine {
  readonly seen: string[] = []
  readonly #periodMs: number
  #next: Instant

  constructor(periodMs: number) {
    this.#periodMs = periodMs
    this.#next = periodMs as Instant
  }

  nextDeadline(): Instant {
    return this.#periodMs === 0 ? NEVER : this.#next
  }

  handle(event: FleetEvent, now: Instant): [] {
    const isDue = event.kind === 'deadline-reached'
    if (isDue) this.#next = (now + this.#periodMs) as Instant
    this.seen.push(`${now} ${isDue ? 'due' : 'in'}`)
    return []
  }
}

const datagram: FleetEvent = { kind: 'datagram-received', from: addressOf(1), bytes: new Uint8Array(1) }

function started(periodMs: number, atMs = 0): { world: World; process: Process; seen: string[] } {
  const world = new World(1)
  world.run(atMs)
  const machine = new Recorder(periodMs)
  const process = new Process({ world, node: 0, machine, perform: () => {} })
  return { world, process, seen: machine.seen }
}

test('the clock starts with the process, and deadlines come on time', () => {
  const { world, process, seen } = started(100, 1_000)
  process.feed(datagram)
  world.run(1_250)
  assert.deepEqual(seen, ['0 in', '100 due', '200 due'])
})

test('input of the same instant goes before the deadline', () => {
  const { world, process, seen } = started(100)
  process.feed(datagram)
  world.at(100, RANK.input, () => process.feed(datagram))
  world.run(100)
  assert.deepEqual(seen, ['0 in', '100 in', '100 due'])
})

for (const [order, expected] of [
  ['input-first', ['0 in', '350 in', '350 due', '450 due']],
  ['deadlines-first', ['0 in', '350 due', '350 in', '450 due']],
] as const)
  test(`after a stall, ${order}`, () => {
    const { world, process, seen } = started(100)
    process.feed(datagram)
    world.run(50)
    process.stall({ forMs: 300, order, clock: 'runs' })
    world.at(200, RANK.input, () => process.feed(datagram))
    world.run(500)
    assert.deepEqual(seen, expected)
  })

test('a stall in which the clock stands is not seen by the machine', () => {
  const { world, process, seen } = started(100)
  process.feed(datagram)
  world.run(50)
  process.stall({ forMs: 300, order: 'input-first', clock: 'stands' })
  world.run(450)
  assert.deepEqual(seen, ['0 in', '100 due'])
})

test('stalls that overlap are one, up to the end of the longest', () => {
  const { world, process, seen } = started(0)
  process.stall({ forMs: 300, order: 'input-first', clock: 'runs' })
  world.run(100)
  process.stall({ forMs: 100, order: 'input-first', clock: 'runs' })
  process.feed(datagram)
  world.run(290)
  assert.deepEqual(seen, [])
  world.run(300)
  assert.deepEqual(seen, ['300 in'])
})

test('a socket buffer is bounded', () => {
  const { world, process, seen } = started(0)
  process.stall({ forMs: 10, order: 'input-first', clock: 'runs' })
  const large: FleetEvent = {
    kind: 'datagram-received',
    from: addressOf(1),
    bytes: new Uint8Array(1_000_000),
  }
  for (let i = 0; i < 10; i += 1) process.feed(large)
  world.run(10)
  assert.equal(seen.length, 4)
})

test('a process that ended hears nothing and does nothing', () => {
  const { world, process, seen } = started(100)
  process.feed(datagram)
  process.stall({ forMs: 50, order: 'input-first', clock: 'runs' })
  process.feed(datagram)
  process.end()
  process.feed(datagram)
  world.run(1_000)
  assert.deepEqual(seen, ['0 in'])
})
