import assert from 'node:assert/strict'
import test from 'node:test'
import type { Parameter, Statement } from '@patina/test-cluster'
import { HealthChecker, type HealthCheckerOptions } from './health-checker.ts'
import type { ProbeOutcome } from './verdict.ts'

interface Row {
  readonly id: string
  port: number
  state: string
}

/** An agent with the table of one host, and servers that answer as `outcomes` says by port. */
class World {
  readonly rows: Row[]
  readonly outcomes = new Map<number, ProbeOutcome>()
  readonly written: (readonly Statement[])[] = []
  readonly verdicts: string[] = []
  failure: Error | undefined

  constructor(...rows: Row[]) {
    this.rows = rows
    for (const { port } of rows) this.outcomes.set(port, 'ok')
  }

  checker(options: Partial<HealthCheckerOptions> = {}): HealthChecker {
    return new HealthChecker({
      agent: this,
      node: 'ams',
      probe: async ({ port }) => this.outcomes.get(port) ?? 'refused',
      onVerdict: (id, state) => this.verdicts.push(`${id} ${state}`),
      ...options,
    })
  }

  async query(sql: string, parameters: readonly Parameter[] = []): Promise<Parameter[][]> {
    if (this.failure !== undefined) throw this.failure
    assert.match(sql, /WHERE node = \?/)
    assert.deepEqual(parameters, ['ams'])
    return this.rows.map(({ id, port, state }) => [id, '127.0.0.1', port, state])
  }

  async execute(statements: readonly Statement[]): Promise<number> {
    if (this.failure !== undefined) throw this.failure
    this.written.push(statements)
    for (const [, [state, id, addr, port]] of statements) {
      assert.equal(addr, '127.0.0.1')
      const row = this.rows.find((candidate) => candidate.id === id && candidate.port === port)
      if (row !== undefined) row.state = state as string
    }
    return this.written.length
  }

  states(): string[] {
    return this.rows.map(({ state }) => state)
  }
}

const starting = (id: string, port: number): Row => ({ id, port, state: 'starting' })

test('what is found is written in one transaction, and only where the table says otherwise', async () => {
  const world = new World(starting('a', 1), starting('b', 2))
  const checker = world.checker()
  await checker.round()
  assert.deepEqual([world.written.length, world.states()], [1, ['healthy', 'healthy']])
  await checker.round()
  assert.equal(world.written.length, 1)
  world.outcomes.delete(2)
  await checker.round()
  await checker.round()
  assert.deepEqual([world.written.length, world.states()], [2, ['healthy', 'unhealthy']])
  assert.deepEqual(world.verdicts, ['a healthy', 'b healthy', 'b unhealthy'])
  assert.equal(world.written[1]?.length, 1)
})

test('failures count in a row: one answer between them begins anew', async () => {
  const world = new World({ id: 'a', port: 1, state: 'healthy' })
  const checker = world.checker({ failuresMax: 3 })
  const states: string[] = []
  for (const outcome of ['failed', 'failed', 'ok', 'failed', 'failed', 'failed', 'ok'] as const) {
    world.outcomes.set(1, outcome)
    await checker.round()
    states.push(...world.states())
  }
  const [well, ill] = ['healthy', 'unhealthy']
  assert.deepEqual(states, [well, well, well, well, well, ill, well])
})

test('failures at one address do not count at the next one', async () => {
  const world = new World(starting('a', 1))
  const checker = world.checker({ failuresMax: 2 })
  world.outcomes.set(1, 'failed').set(2, 'failed')
  await checker.round()
  ;(world.rows[0] as Row).port = 2
  await checker.round()
  assert.deepEqual(world.states(), ['starting'])
  await checker.round()
  assert.deepEqual(world.states(), ['unhealthy'])
})

test('a verdict is not written on what was registered during the probe', async () => {
  const world = new World(starting('a', 1))
  const probe = async (): Promise<ProbeOutcome> => {
    ;(world.rows[0] as Row).port = 2
    return 'refused'
  }
  await world.checker({ probe }).round()
  assert.deepEqual([world.written.length, world.states()], [1, ['starting']])
})

test('a word of another is put right', async () => {
  const world = new World({ id: 'a', port: 1, state: 'healthy' })
  const checker = world.checker()
  await checker.round()
  ;(world.rows[0] as Row).state = 'unhealthy'
  await checker.round()
  assert.deepEqual(world.states(), ['healthy'])
})

test('without its agent it goes on, and says later what it could not', async () => {
  const world = new World(starting('a', 1))
  world.failure = new Error('connect ECONNREFUSED')
  const troubles: unknown[] = []
  const { promise: twice, resolve } = Promise.withResolvers<void>()
  const onTrouble = (cause: unknown): void => {
    if (troubles.push(cause) === 2) resolve()
  }
  const written = Promise.withResolvers<void>()
  const checker = world.checker({ periodMs: 1, onTrouble, onVerdict: () => written.resolve() })
  checker.start()
  await twice
  assert.equal(troubles[1], world.failure)
  world.failure = undefined
  await written.promise
  await checker.stop()
  assert.deepEqual(world.states(), ['healthy'])
})

test('stop ends a pause at once, and nothing is probed afterwards', async () => {
  const world = new World(starting('a', 1))
  let probes = 0
  const probed = Promise.withResolvers<void>()
  const probe = async (): Promise<ProbeOutcome> => {
    probes += 1
    probed.resolve()
    return 'ok'
  }
  const checker = world.checker({ periodMs: 3_600_000, probe })
  checker.start()
  checker.start()
  await probed.promise
  await checker.stop()
  assert.equal(probes, 1)
  await world.checker().stop()
})
