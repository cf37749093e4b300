/**
 * The bridge against a played Consul and real SQLite with the shipped schema (the agent's part is played: it runs the statements
 * that it is given). With real agents and a real Consul: test/consul.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { test } from 'node:test'
import { type Instant, instant, millis, Prng, type Result } from '@patina/base'
import { type Client, ConnectionError } from '@patina/client'
import fc from 'fast-check'
import { BACKOFF_MS_MAX, Bridge, GUARDED_ROWS_MIN, type Turn } from './bridge.ts'
import type { ConsulFailure, Reading } from './consul-client.ts'

const SCHEMA = readFileSync(new URL('../schema/consul.sql', import.meta.url), 'utf8')
const POLL_MS = 1_000
const HOLD_MS = 30_000
const DENIED: ConsulFailure = { kind: 'denied', message: 'ACL not found' }

class World {
  readonly database = new DatabaseSync(':memory:')
  /** What the next statement to Patina fails with. */
  patinaFails = false
  /** The next write is done, and its answer is lost. */
  answerLost = false
  consul: Result<Reading, ConsulFailure> = { ok: true, value: reading([]) }
  self: Result<string, ConsulFailure> = { ok: true, value: 'n1' }
  nowMs = 0
  writes = 0
  readonly bridge: Bridge

  constructor(guard: { maxShrink: number; holdMs: number } = { maxShrink: 0.5, holdMs: HOLD_MS }) {
    this.database.exec(SCHEMA)
    this.bridge = new Bridge({
      consul: { readAgent: async () => this.consul, nodeName: async () => this.self },
      patina: this.#client(),
      pollMs: millis(POLL_MS),
      fullCompareMs: millis(900_000),
      guard: { maxShrink: guard.maxShrink, holdMs: millis(guard.holdMs) },
      now: (): Instant => instant(this.nowMs),
      wallMs: () => this.nowMs,
      prng: new Prng(1),
    })
  }

  services(): unknown[] {
    return this.database
      .prepare('SELECT id FROM consul_services WHERE source IS NULL ORDER BY id')
      .all()
      .map(({ id }) => id)
  }

  async turn(afterMs = POLL_MS): Promise<Turn> {
    this.nowMs += afterMs
    return this.bridge.turn()
  }

  /** Only what the bridge calls. */
  #client(): Client {
    const fail = (): void => {
      if (this.patinaFails) throw new ConnectionError('unreachable', 'here', 'refused')
    }
    const query = (sql: string, params: readonly SQLInputValue[] = []): object => ({
      all: async () => {
        fail()
        return this.database.prepare(sql).all(...params)
      },
    })
    const execute = async (statements: readonly (readonly [string, readonly SQLInputValue[]])[]) => {
      fail()
      this.writes += 1
      for (const [sql, params] of statements) this.database.prepare(sql).run(...params)
      if (this.answerLost) throw new ConnectionError('unanswered', 'here', 'reset')
      return { version: 1 }
    }
    return { query, execute } as unknown as Client
  }
}

function reading(ids: readonly string[], filtered = false): Reading {
  const service = (id: string) => ({ id, name: id, tags: '[]', meta: '{}', port: 0, address: '' })
  return { services: new Map(ids.map((id) => [id, service(id)])), checks: new Map(), filtered }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `s${i}`)
}

test('nothing is written for a state that is there already', async () => {
  const world = new World()
  world.consul = { ok: true, value: reading(['a']) }
  assert.equal((await world.turn()).kind, 'written')
  for (let i = 0; i < 5; i += 1) assert.deepEqual(await world.turn(), { kind: 'same' })
  assert.equal(world.writes, 1)
})

test('the last row is held for as long as the guard says, however few there were', async () => {
  const world = new World()
  world.consul = { ok: true, value: reading(['a']) }
  await world.turn()
  world.consul = { ok: true, value: reading([]) }
  const held = { kind: 'held', held: { deletions: 1, why: 'guard' } }
  assert.deepEqual(await world.turn(), held)
  assert.deepEqual(await world.turn(HOLD_MS - 1), held)
  assert.deepEqual(world.services(), ['a'])
  assert.equal((await world.turn(1)).kind, 'written')
  assert.deepEqual(world.services(), [])
})

test('more than half of many rows is held, of few all but one may go; what is new is written meanwhile', async () => {
  for (const count of [GUARDED_ROWS_MIN - 1, GUARDED_ROWS_MIN]) {
    const world = new World()
    world.consul = { ok: true, value: reading(names(count)) }
    await world.turn()
    world.consul = { ok: true, value: reading(['new']) }
    const turn = await world.turn()
    assert.ok(turn.kind === 'written')
    const isHeld = count === GUARDED_ROWS_MIN
    assert.deepEqual(turn.held, isHeld ? { deletions: count, why: 'guard' } : undefined)
    assert.deepEqual(world.services(), isHeld ? ['new', ...names(count)].sort() : ['new'])
  }
})

test('what was held and is registered again has never been touched', async () => {
  const world = new World()
  world.consul = { ok: true, value: reading(names(8)) }
  await world.turn()
  world.consul = { ok: true, value: reading([]) }
  await world.turn()
  world.consul = { ok: true, value: reading(names(8)) }
  assert.deepEqual(await world.turn(HOLD_MS), { kind: 'same' })
  assert.equal(world.writes, 1)
  // The time begins anew with the next gap.
  world.consul = { ok: true, value: reading([]) }
  assert.equal((await world.turn()).kind, 'held')
})

test('a Consul that starts anew and is filled one by one: nothing goes before the guard has waited', async () => {
  for (const count of [2, 8]) {
    const world = new World()
    world.consul = { ok: true, value: reading(names(count)) }
    await world.turn()
    for (let registered = 0; registered < count; registered += 1) {
      world.consul = { ok: true, value: reading(names(registered)) }
      assert.deepEqual(await world.turn(), {
        kind: 'held',
        held: { deletions: count - registered, why: 'guard' },
      })
    }
    world.consul = { ok: true, value: reading(names(count)) }
    assert.deepEqual(await world.turn(), { kind: 'same' })
    // From then on one of many may go at once again.
    world.consul = { ok: true, value: reading(names(count - 1)) }
    assert.equal((await world.turn()).kind, 'written')
  }
})

test('held rows stay held over a restart of the bridge: the table tells how many there were', async () => {
  const world = new World()
  for (const id of names(8))
    world.database.exec(`INSERT INTO consul_services (node, id, name) VALUES ('n1', '${id}', '${id}')`)
  assert.equal((await world.turn()).kind, 'held')
  assert.equal(world.services().length, 8)
})

test('nothing goes when the token does not read the agent any more, or Consul says that it hides rows', async () => {
  const world = new World({ maxShrink: 1, holdMs: 0 })
  world.consul = { ok: true, value: reading(['a', 'b']) }
  await world.turn()
  world.consul = { ok: true, value: reading([]) }
  world.self = { ok: false, error: DENIED }
  const turn = await world.turn()
  assert.deepEqual(turn, { kind: 'failed', of: 'consul', trouble: 'denied', message: DENIED.message })
  world.self = { ok: true, value: 'n1' }
  world.consul = { ok: true, value: reading(['b'], true) }
  assert.deepEqual(await world.turn(), { kind: 'held', held: { deletions: 1, why: 'filtered' } })
  assert.deepEqual(world.services(), ['a', 'b'])
})

test('pauses grow with failures up to a bound, never alike, and are short again at once', async () => {
  const world = new World()
  assert.equal(world.bridge.pauseMs(), POLL_MS)
  world.consul = { ok: false, error: { kind: 'unreachable', message: '' } }
  for (let failures = 1; failures <= 20; failures += 1) {
    await world.turn()
    const longest = Math.min(BACKOFF_MS_MAX, POLL_MS * 2 ** failures)
    const pauses = new Set(Array.from({ length: 8 }, () => world.bridge.pauseMs()))
    assert.ok(pauses.size > 1)
    for (const pause of pauses) assert.ok(pause >= longest / 2 && pause <= longest, `${pause} of ${longest}`)
  }
  world.consul = { ok: true, value: reading([]) }
  await world.turn()
  assert.equal(world.bridge.pauseMs(), POLL_MS)
})

test('after any history of failures the table says what Consul said last, and rows of others are as they were', async () => {
  const step = fc.record({
    ids: fc.subarray(['a', 'b', 'c', 'd']),
    consulFails: fc.boolean(),
    patinaFails: fc.boolean(),
    answerLost: fc.boolean(),
    /** By somebody's hand, where there is one. */
    deleted: fc.constantFrom('a', 'b'),
  })
  const histories = fc.array(step, { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(histories, fc.subarray(['a', 'b', 'c']), fc.boolean(), async (steps, last, byHand) => {
      const world = new World({ maxShrink: 1, holdMs: 0 })
      world.database.exec(
        "INSERT INTO consul_services (node, id, name, source) VALUES ('n1', 'own', 'kept', 'app')",
      )
      for (const { ids, consulFails, patinaFails, answerLost, deleted } of steps) {
        world.consul = consulFails ? { ok: false, error: DENIED } : { ok: true, value: reading(ids) }
        Object.assign(world, { patinaFails, answerLost })
        await world.turn()
        if (byHand) world.database.exec(`DELETE FROM consul_services WHERE id = '${deleted}'`)
      }
      world.consul = { ok: true, value: reading(last) }
      Object.assign(world, { patinaFails: false, answerLost: false })
      // What somebody's hand did is found by the next full comparison, all else at once.
      await world.turn(byHand ? 900_000 : POLL_MS)
      assert.deepEqual(world.services(), [...last].sort())
      const own = world.database.prepare("SELECT name FROM consul_services WHERE source = 'app'").all()
      assert.deepEqual(
        own.map(({ name }) => name),
        ['kept'],
      )
    }),
  )
})
