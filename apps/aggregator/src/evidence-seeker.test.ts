import assert from 'node:assert/strict'
import { test } from 'node:test'
import { after, type Instant, instant, millis, NEVER } from '@patina/base'
import type { Evidence } from './evidence.ts'
import { EvidenceSeeker } from './evidence-seeker.ts'
import { Rollup } from './rollup.ts'

const SPEC = { into: 'regions', query: 'SELECT app, n FROM machines', key: ['app'], maxShrink: 0.5 }
const HOLD_MS = millis(60_000)
const { signal: SIGNAL } = new AbortController()

/** A roll-up that has published so many rows, and what its seeker asks. */
class World {
  readonly rollup: Rollup
  readonly asked: string[] = []
  now: Instant = instant(0)
  found: Pick<Evidence, 'sizes' | 'hosts'> | Error | undefined
  readonly seeker: EvidenceSeeker

  constructor(holdMs = HOLD_MS) {
    this.rollup = new Rollup({ spec: SPEC, region: 'syd', holdMs, guardedSizeMin: 1 })
    this.seeker = new EvidenceSeeker({
      rollup: this.rollup,
      source: {
        learn: async () => void this.asked.push('learn'),
        observe: async () => void this.asked.push('observe'),
        accept: ({ hosts }) => void this.asked.push(`accept ${hosts}`),
        seek: async (_, sizes) => {
          this.asked.push('seek')
          if (this.found instanceof Error) throw this.found
          const was = sizes()
          return this.found === undefined || was === undefined
            ? undefined
            : { ...this.found, was, missing: new Set() }
        },
      },
      holdMs,
      now: () => this.now,
      tell: ({ kind }) => this.asked.push(kind),
    })
    this.result(20)
    this.rollup.adoptStored([], this.now)
  }

  result(rows: number, isWhole = true): void {
    this.rollup.apply({ kind: 'columns', columns: ['app', 'n'] }, this.now)
    for (let rowId = 0; rowId < rows; rowId += 1)
      this.rollup.apply({ kind: 'row', rowId, cells: [`app${rowId}`, 1] }, this.now)
    if (isWhole) this.rollup.apply({ kind: 'eoq', seconds: 0 }, this.now)
  }

  /** As a publisher does it; what was asked in it. */
  async turn(ms = 0): Promise<string[]> {
    this.now = after(this.now, millis(ms))
    this.rollup.judge(this.now)
    await this.seeker.seek(SIGNAL)
    await this.seeker.observe(SIGNAL)
    return this.asked.splice(0)
  }
}

function evidence(rows: number): Pick<Evidence, 'sizes' | 'hosts'> {
  const sizes = new Map([
    ['rows', rows],
    ['sum of n', rows],
  ])
  return { sizes, hosts: ['h1'] }
}

test('the hosts of a new measure are learnt, then looked at now and then', async () => {
  const world = new World()
  assert.deepEqual(await world.turn(), ['learn'])
  assert.deepEqual(await world.turn(1_999), [])
  assert.deepEqual(await world.turn(1), ['observe'])
  assert.equal(world.seeker.nextAt(), 4_000)
})

test('while it is held evidence is sought, and not too often; what explains is believed at once', async () => {
  const world = new World()
  await world.turn()
  world.result(5)
  assert.deepEqual(await world.turn(), ['seek'])
  assert.deepEqual(await world.turn(999), [])
  world.found = new Error('no answer')
  assert.deepEqual(await world.turn(1), ['seek', 'failed'])
  world.found = evidence(5)
  assert.deepEqual(await world.turn(1_000), ['seek'])
  world.found = evidence(20)
  assert.deepEqual(await world.turn(1_000), ['seek', 'accept h1', 'explained'])
  assert.equal(world.rollup.hold.kind, 'none')
  world.result(1)
  assert.deepEqual(await world.turn(), ['seek', 'accept h1', 'explained'], 'the next host of a rack')
})

test('of a result that is not whole nothing is asked: its sizes say nothing', async () => {
  const world = new World()
  await world.turn()
  world.result(5)
  await world.turn()
  world.found = evidence(20)
  world.result(2, false)
  assert.equal(world.seeker.nextAt(), NEVER)
  assert.deepEqual(await world.turn(60_000), [])
  world.rollup.apply({ kind: 'eoq', seconds: 0 }, world.now)
  assert.deepEqual(await world.turn(), ['learn'], 'it has stood for long meanwhile')
})

test('of a measure that is not known no evidence is sought', async () => {
  const world = new World()
  await world.turn()
  world.result(5)
  await world.turn()
  world.rollup.release(world.now)
  world.result(1)
  world.found = evidence(5)
  assert.deepEqual(await world.turn(1_000), ['learn'])
  assert.equal(world.rollup.hold.kind, 'held')
})

test('where the guard remembers nothing members are still looked at only now and then', async () => {
  const world = new World(millis(0))
  assert.deepEqual(await world.turn(), ['learn'])
  assert.ok(world.seeker.nextAt() >= 250)
  assert.deepEqual(await world.turn(249), [])
  assert.deepEqual(await world.turn(1), ['observe'])
  assert.ok(world.seeker.nextAt() >= 500)
})
