/**
 * Lease in a small model: three aggregators of a region, each with an agent of its own, tags with a lease at the agents,
 * and gossip that brings every change to the others some hundred milliseconds later, in order. At random they stand still,
 * die, are restarted, find their regional agent not ready or something held. Checked at every step: no two may write at
 * one time. At the end, when all is calm: the one with the highest rank writes.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instant, instant, Prng } from '@patina/base'
import type { Member } from '@patina/client'
import { aggregatorId, tagKey, tagValue } from './aggregator-tag.ts'
import { LEASE_MS, Lease, RENEW_MS, rank, SETTLE_MS, STALL_MS } from './lease.ts'

const STEP_MS = 50
const CALM_MS = LEASE_MS + RENEW_MS + SETTLE_MS + 2_000
const KEY = tagKey('one')
const REGION = 'syd'

interface Told {
  readonly at: number
  readonly value: string | undefined
}

/** An agent: its own tag, and what of others' tags has arrived. */
class Agent {
  readonly actor: string
  #value: string | undefined
  #until = 0
  /** All that it said, for those who hear it later. */
  readonly said: Told[] = [{ at: 0, value: undefined }]

  constructor(actor: string) {
    this.actor = actor
  }

  setTag(value: string, now: number): void {
    this.#until = now + LEASE_MS
    this.#say(value, now)
  }

  turn(now: number): void {
    if (now >= this.#until) this.#say(undefined, now)
  }

  restart(now: number): void {
    this.#until = now
    this.#say(undefined, now)
  }

  #say(value: string | undefined, at: number): void {
    if (value === this.#value) return
    this.#value = value
    this.said.push({ at, value })
  }
}

class Node {
  readonly agent: Agent
  lease: Lease = new Lease(REGION, KEY)
  isStill = false
  isFit = true
  #renewAt = 0
  #asked: { readonly at: number; readonly answeredAt: number; readonly claims: boolean } | undefined

  constructor(actor: string) {
    this.agent = new Agent(actor)
  }

  restart(): void {
    this.lease = new Lease(REGION, KEY)
    this.#asked = undefined
    this.#renewAt = 0
  }

  /** What the program does when it runs: the worst order first, a write before anything is heard. */
  turn(now: number, members: readonly Member[], prng: Prng): boolean {
    const writes = this.isFit && this.lease.writesUntil(instant(now)) !== undefined
    this.lease.tick(instant(now))
    if (!this.isFit) this.lease.yield(instant(now))
    this.lease.saw(members)
    this.#hearAnswer(now)
    if (now >= this.#renewAt && this.#asked === undefined) {
      this.#renewAt = now + RENEW_MS
      const value = tagValue({ region: REGION, address: 'http://a:1', claims: this.isFit })
      this.agent.setTag(value, now)
      this.#asked = { at: now, answeredAt: now + prng.below(300), claims: this.isFit }
    }
    return writes
  }

  #hearAnswer(now: number): void {
    if (this.#asked === undefined || now < this.#asked.answeredAt) return
    if (this.#asked.claims && this.isFit) this.lease.claimed(instant(this.#asked.at), instant(now))
    this.#asked = undefined
  }
}

class Model {
  readonly nodes: readonly Node[] = ['a1', 'b2', 'c3'].map((actor) => new Node(actor))
  readonly #prng: Prng
  readonly #delays: readonly number[]
  now: Instant = instant(0)

  constructor(seed: number, delayMsMax: number) {
    this.#prng = new Prng(seed)
    this.#delays = this.nodes.map(() => this.#prng.below(delayMsMax))
  }

  /** Those who could have written in this step. */
  step(): Node[] {
    this.now = instant(this.now + STEP_MS)
    for (const { agent } of this.nodes) agent.turn(this.now)
    return this.nodes.filter((node) => !node.isStill && node.turn(this.now, this.#seenBy(node), this.#prng))
  }

  disturb(): void {
    const node = this.nodes[this.#prng.below(3)] as Node
    const kind = this.#prng.below(6)
    if (kind < 2) node.isStill = !node.isStill
    else if (kind === 2) node.restart()
    else if (kind === 3) this.#restartAgent(node)
    else node.isFit = !node.isFit
  }

  #restartAgent(node: Node): void {
    // Not covered (lease.ts): that its program stands still just then.
    if (node.isStill) return
    node.agent.restart(this.now)
    node.lease.lostSight(this.now)
  }

  #seenBy(node: Node): Member[] {
    return this.nodes.map(({ agent }, at) => {
      const delay = agent === node.agent ? 0 : (this.#delays[at] as number)
      const value = agent.said.findLast((told) => told.at + delay <= this.now)?.value
      const tags = value === undefined ? {} : { [KEY]: value }
      return memberOf(agent.actor, agent === node.agent, tags)
    })
  }
}

function memberOf(actor: string, self: boolean, tags: { readonly [key: string]: string }): Member {
  const place = { name: actor, region: REGION, addr: '', api_addr: '', rtt_ms: null, since_ms: 0 }
  return { ...place, actor, state: 'alive', self, generation: 1, incarnation: 1, tags }
}

function ranked(nodes: readonly Node[]): Node[] {
  const rankOf = ({ agent }: Node): string => rank(REGION, aggregatorId(agent.actor, KEY))
  return nodes.toSorted((a, b) => (rankOf(a) > rankOf(b) ? -1 : 1))
}

function run(seed: number, delayMsMax: number): number {
  const model = new Model(seed, delayMsMax)
  const prng = new Prng(seed + 1_000_000)
  let overlaps = 0
  for (let step = 0; step < 600; step += 1) {
    if (prng.chance(1, 20)) model.disturb()
    if (model.step().length > 1) overlaps += 1
  }
  for (const node of model.nodes) node.isStill = false
  let writers: Node[] = []
  for (let ms = 0; ms < CALM_MS; ms += STEP_MS) writers = model.step()
  const fit = ranked(model.nodes.filter(({ isFit }) => isFit))
  assert.deepEqual(
    writers,
    fit.slice(0, 1),
    `seed ${seed}: in the end ${writers.map((one) => one.agent.actor)}`,
  )
  return overlaps
}

test('at random: never two at one time, and in the end the one with the highest rank', () => {
  for (let seed = 1; seed <= 60; seed += 1)
    assert.equal(run(seed, SETTLE_MS - STALL_MS - 2 * STEP_MS), 0, `seed ${seed}`)
})

test('gossip that is slower than that lets two write for a while: the bound is needed', () => {
  let overlaps = 0
  for (let seed = 1; seed <= 20; seed += 1) overlaps += run(seed, 2 * SETTLE_MS)
  assert.ok(overlaps > 0)
})

test('who stood still finds its lease over before it has heard of anything', () => {
  const lease = new Lease(REGION, KEY)
  lease.saw([memberOf('a1', true, {})])
  lease.claimed(instant(0), instant(10))
  assert.equal(lease.writesUntil(instant(500)), undefined)
  assert.equal(lease.writesUntil(instant(2_009)), undefined)
  assert.equal(lease.writesUntil(instant(2_010)), 4_000)
  assert.equal(lease.writesUntil(instant(4_000)), undefined)
  // An answer that waited for it to wake.
  lease.claimed(instant(1_000), instant(20_000))
  assert.equal(lease.writesUntil(instant(20_000)), undefined)
})

test('who stood still for less than its lease claims anew: others may have come meanwhile', () => {
  const lease = new Lease(REGION, KEY)
  lease.saw([memberOf('a1', true, {})])
  lease.claimed(instant(0), instant(0))
  for (let ms = 0; ms <= 2_000; ms += 100) assert.equal(lease.tick(instant(ms)), true)
  assert.equal(lease.writesUntil(instant(2_500)), 4_000)
  assert.equal(lease.writesUntil(instant(2_501)), undefined)
  assert.equal(lease.tick(instant(2_600)), false)
  assert.equal(lease.writesUntil(instant(2_600)), undefined)
  lease.claimed(instant(2_600), instant(2_600))
  for (let ms = 2_700; ms <= 4_600; ms += 100) lease.tick(instant(ms))
  assert.equal(lease.writesUntil(instant(4_599)), undefined)
  assert.equal(lease.writesUntil(instant(4_600)), 6_600)
})

test('an answer to what was asked before it yielded does not count', () => {
  const lease = new Lease(REGION, KEY)
  lease.saw([memberOf('a1', true, {})])
  lease.yield(instant(100))
  lease.claimed(instant(50), instant(150))
  assert.equal(lease.role(instant(150)), 'yields')
})

test('a rival with a higher rank stops it at once, and one that yields or is of another region does not', () => {
  const [high, low] = ranked([new Node('a1'), new Node('b2')]).map(({ agent }) => agent.actor) as [
    string,
    string,
  ]
  const lease = new Lease(REGION, KEY)
  const rival = (value: string): Member[] => [
    memberOf(low, true, {}),
    memberOf(high, false, { [KEY]: value }),
  ]
  lease.saw(rival('syd http://a:1 yields'))
  lease.claimed(instant(0), instant(0))
  assert.equal(lease.role(instant(2_000)), 'writes')
  lease.saw(rival('nrt http://a:1 writes'))
  assert.equal(lease.role(instant(2_000)), 'writes')
  lease.saw(rival('syd http://a:1 writes'))
  assert.equal(lease.role(instant(2_000)), 'waits')
  assert.equal(lease.writesUntil(instant(2_000)), undefined)
})
