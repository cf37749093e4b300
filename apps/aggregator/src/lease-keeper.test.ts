import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Instant, instant } from '@patina/base'
import type { Member } from '@patina/client'
import { LeaseKeeper } from './lease-keeper.ts'

const NOW = (): Instant => instant(performance.now())

/** A global agent: the tags that were set, and members that a test pushes. */
class Global {
  readonly set: string[] = []
  readonly deleted: string[] = []
  readonly failures: string[] = []
  isFit = true
  isReady = true
  watches = 0
  readonly keeper: LeaseKeeper
  readonly end = new AbortController()
  readonly runs: Promise<void>
  #next = Promise.withResolvers<readonly Member[]>()

  constructor(t: TestContext) {
    this.keeper = new LeaseKeeper({
      global: {
        watchMembers: ({ signal } = {}) => this.#members(signal as AbortSignal),
        setTag: async (key, value) => {
          this.set.push(`${key} ${value}`)
          return { key, value, lease_ms: 5_000 }
        },
        deleteTag: async (key) => {
          this.deleted.push(key)
        },
      },
      region: 'syd',
      name: 'one',
      address: 'http://a:1',
      isFit: () => this.isFit,
      isReady: async () => this.isReady,
      now: NOW,
      changed: () => {},
      failed: (_, cause) => this.failures.push((cause as Error).message),
    })
    this.runs = this.keeper.run(this.end.signal)
    t.after(() => this.end.abort())
  }

  push(members: readonly Member[] | Error): void {
    const next = this.#next
    this.#next = Promise.withResolvers()
    if (members instanceof Error) next.reject(members)
    else next.resolve(members)
  }

  async *#members(signal: AbortSignal): AsyncGenerator<readonly Member[], never, undefined> {
    this.watches += 1
    const aborted = Promise.withResolvers<never>()
    aborted.promise.catch(() => {})
    signal.addEventListener('abort', () => aborted.reject(signal.reason))
    for (;;) yield await Promise.race([this.#next.promise, aborted.promise])
  }
}

const SELF: Member = {
  ...{ actor: 'aa', name: 'a', region: 'syd', addr: '', api_addr: '', state: 'alive', self: true },
  ...{ generation: 1, incarnation: 1, rtt_ms: null, since_ms: 0, tags: {} },
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 2_000
  while (!holds()) {
    assert.ok(performance.now() < deadline, 'not in time')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

test('the tag claims while it is fit and ready, and says at once when it is not', async (t) => {
  const global = new Global(t)
  await until(() => global.watches === 1)
  global.push([SELF])
  await until(() => global.keeper.role() === 'waits')
  assert.deepEqual(global.set, ['aggregator.one syd http://a:1 writes'])
  assert.equal(global.keeper.writeMs(), undefined)
  global.isFit = false
  global.keeper.look()
  assert.equal(global.keeper.role(), 'yields')
  await until(() => global.set.length === 2)
  assert.equal(global.set[1], 'aggregator.one syd http://a:1 yields')
  global.isFit = true
  global.isReady = false
  global.keeper.look()
  await until(() => global.set.length === 3)
  assert.match(global.set[2] as string, /yields$/)
  assert.equal(global.keeper.isRegionReady, false)
})

test('a stream of members that breaks ends the claim, and is opened again', async (t) => {
  const global = new Global(t)
  await until(() => global.watches === 1)
  global.push([SELF])
  await until(() => global.keeper.role() === 'waits')
  global.push(new Error('cut'))
  await until(() => global.keeper.role() === 'yields')
  await until(() => global.watches === 2)
})

test('who ends in order takes its tag back', async (t) => {
  const global = new Global(t)
  await until(() => global.set.length === 1)
  global.end.abort()
  await global.runs
  assert.deepEqual(global.deleted, ['aggregator.one'])
})

test('of two with one name at one agent neither writes, and both say so', async (t) => {
  const global = new Global(t)
  await until(() => global.watches === 1)
  global.push([SELF])
  await until(() => global.keeper.role() === 'waits')
  global.push([{ ...SELF, tags: { 'aggregator.one': 'syd http://other:1 writes' } }])
  await until(() => global.keeper.role() === 'yields')
  assert.match(global.failures[0] as string, /^http:..other:1 has the same name one/)
})
